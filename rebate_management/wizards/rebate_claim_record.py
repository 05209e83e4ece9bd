"""Recording a claim with the distributor's reference and documents."""

from odoo import fields, models

from ..tools.acting import acting


class RebateClaimRecord(models.TransientModel):
    _name = "rebate.claim.record"
    _description = "Record a Claim"

    accrual_ids = fields.Many2many(
        "rebate.accrual",
        string="Periods",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reference = fields.Char(help="Under which the distributor claims, such as a letter's number.")
    attachment_ids = fields.Many2many("ir.attachment", string="Documents")

    @acting("write")
    def action_record(self):
        """Record the claim, see ``rebate.accrual._record_claim``."""
        self.ensure_one()
        self.accrual_ids._record_claim(self.reference, self.attachment_ids)
        # Each period has its own copy.
        self.attachment_ids.filtered(lambda file: file.res_model == self._name).unlink()
        return True
