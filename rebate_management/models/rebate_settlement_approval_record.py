"""What is kept of a decision on a payout: a record that nobody can change, and its history."""

from markupsafe import Markup

from odoo import models

from ..tools.trust import trusted


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _record(self, decision, levels=None, comment=False):
        """Keep who decided what."""
        # Nobody may write approvals but the decision itself.
        trusted(self.env["rebate.approval"].sudo()).create(
            [
                settlement._prepare_approval_vals(
                    decision, levels[settlement] if levels else None, comment
                )
                for settlement in self
            ]
        )

    def _prepare_approval_vals(self, decision, level, comment):
        self.ensure_one()
        return {
            "settlement_id": self.id,
            "company_id": self.company_id.id,
            "decision": decision,
            "level_id": level.id if level else False,
            "level_name": level.name if level else False,
            "user_id": self.env.uid,
            "amount": self.amount_total,
            "currency_id": self.currency_id.id,
            "comment": comment,
        }

    def _log_decision(self, decision, levels, comment):
        """Write the decision to the history of each settlement."""
        self._message_log_batch(
            {
                settlement.id: Markup("%s (%s)%s")
                % (
                    decision,
                    levels[settlement].name or "",
                    Markup("<br/>%s") % comment if comment else "",
                )
                for settlement in self
            }
        )
