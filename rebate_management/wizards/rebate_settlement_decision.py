"""Approve payouts with a comment, or reject them with a reason."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.acting import acting


class RebateSettlementDecision(models.TransientModel):
    _name = "rebate.settlement.decision"
    _description = "Decide on Payouts"

    settlement_ids = fields.Many2many(
        "rebate.settlement",
        required=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    decision = fields.Selection(
        [("approve", "Approve"), ("reject", "Reject")],
        required=True,
        default=lambda self: self.env.context.get("rebate_decision", "reject"),
    )
    comment = fields.Text(
        help="Kept with the decision; a reason for rejecting is told to whoever submitted it."
    )

    @acting("write")
    def action_decide(self):
        """Decide on all the settlements alike.

        :raise UserError: when they are rejected without a reason
        """
        self.ensure_one()
        if self.decision == "approve":
            return self.settlement_ids.action_approve(self.comment)
        if not (self.comment or "").strip():
            raise UserError(
                self.env._("Write into “Comment” why you reject this, so that it can be mended.")
            )
        return self.settlement_ids.action_reject(self.comment)
