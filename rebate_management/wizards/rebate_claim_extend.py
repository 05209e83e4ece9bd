"""Giving a distributor more time to claim a rebate, or reviving one that has expired."""

from odoo import fields, models

from ..tools.acting import acting


class RebateClaimExtend(models.TransientModel):
    _name = "rebate.claim.extend"
    _description = "Extend the Deadline for a Claim"
    _inherit = "rebate.bounds"

    accrual_ids = fields.Many2many(
        "rebate.accrual",
        string="Periods",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    claim_until = fields.Date(string="To Be Claimed Until", required=True)
    reason = fields.Char(required=True)

    @acting("write")
    def action_extend(self):
        """Extend the deadline, see ``rebate.accrual._extend_claim``."""
        self.ensure_one()
        self.accrual_ids._extend_claim(self.claim_until, self.reason)
        return True
