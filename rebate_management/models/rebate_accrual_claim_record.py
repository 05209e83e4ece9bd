"""What is kept of a claim: who recorded it, the distributor's reference, and its documents."""

from odoo import fields, models

from ..tools.acting import acting
from ..tools.trust import trusted


class RebateAccrual(models.Model):
    """Documents stay when a claim is withdrawn: they were received."""

    _inherit = "rebate.accrual"

    claimed_by_id = fields.Many2one(
        "res.users", string="Claim Recorded By", readonly=True, copy=False
    )
    claim_reference = fields.Char(
        readonly=True, copy=False, help="Under which the distributor claimed."
    )
    claim_attachment_ids = fields.Many2many(
        "ir.attachment", string="Claim Documents", readonly=True, copy=False
    )

    @acting()
    def _record_claim(self, reference=False, attachments=None):
        """Record that the distributor claimed the periods, with what it sent; see ``action_claim``.

        :param reference: the distributor's own
        :param attachments: ``ir.attachment`` that the user may read; each period gets its own copy
        :raise UserError: as ``action_claim``
        """
        self.action_claim()
        # As in action_claim.
        trusted(self.sudo()).write({"claim_reference": reference})
        if attachments:
            attachments.check_access("read")
            # Whoever may claim may not write accruals otherwise,
            for accrual in self.sudo():
                # nor what belongs to them.
                trusted(accrual).claim_attachment_ids += attachments.sudo().copy(
                    {"res_model": self._name, "res_id": accrual.id}
                )
