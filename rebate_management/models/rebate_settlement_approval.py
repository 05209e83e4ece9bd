"""Who asks for a payout, and who approves or refuses it."""

from odoo import models


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def action_submit(self):
        """Ask for approval."""
        self._require_state("draft")
        self.state = "submitted"
        return True

    def action_approve(self):
        """Approve the payout. Only approvers may."""
        self._require_group("rebate_management.group_rebate_approver")
        self._require_state("submitted")
        self.state = "approved"
        return True

    def action_reject(self):
        """Refuse the payout; what it would have paid is proposed again by the next run."""
        self._require_group("rebate_management.group_rebate_approver")
        self._require_state("submitted")
        self.state = "rejected"
        return True
