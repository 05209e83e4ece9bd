"""Journal items on the liability account know the accrual they are of."""

from odoo import fields, models

from ..tools.trust import is_trusted


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    rebate_accrual_id = fields.Many2one(
        "rebate.accrual",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The accrual whose liability this item raises or lowers.",
    )

    def _copy_data_extend_business_fields(self, values):
        # Reversing an entry gives the accrual its amount back; a mere copy is none of it, whatever
        # a client asks to be copied.
        result = super()._copy_data_extend_business_fields(values)
        if is_trusted(self.env):
            values["rebate_accrual_id"] = self.rebate_accrual_id.id
        return result
