"""A record of who submitted, approved or rejected a payout, and when: an auditor relies on it."""

from odoo import api, fields, models


class RebateApproval(models.Model):
    """Made by the buttons of a settlement, and never again changed or deleted, whoever asks."""

    _name = "rebate.approval"
    _description = "Approval of a Rebate Payout"
    _order = "id"

    settlement_id = fields.Many2one(
        "rebate.settlement", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    decision = fields.Selection(
        [("submitted", "Submitted"), ("approved", "Approved"), ("rejected", "Rejected")],
        required=True,
        readonly=True,
    )
    level_id = fields.Many2one("rebate.approval.level", readonly=True, ondelete="set null")
    level_name = fields.Char(readonly=True, help="As it was named then.")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(
        string="When", required=True, readonly=True, default=fields.Datetime.now
    )
    amount = fields.Monetary(readonly=True, help="What the settlement came to then.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    comment = fields.Text(readonly=True)

    _one_decision_a_level = models.UniqueIndex(
        "(settlement_id, level_id) WHERE decision = 'approved'",
        "Somebody else has just approved this level of the settlement.",
    )
    _one_approval_a_user = models.UniqueIndex(
        "(settlement_id, user_id) WHERE decision = 'approved'",
        "You have approved another level of this settlement already.",
    )

    @api.depends("settlement_id.name", "decision")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["decision"]._description_selection(self.env))
        for approval in self:
            approval.display_name = (
                f"{approval.settlement_id.name}: {labels.get(approval.decision, '')}"
            )
