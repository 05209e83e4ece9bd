"""Documents that pay settlements: taken back with their settlement, and not behind its back."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMove(models.Model):
    _inherit = "account.move"

    def button_draft(self):
        self._check_rebate_paid()
        return super().button_draft()

    def button_cancel(self):
        self._check_rebate_paid()
        return super().button_cancel()

    def _check_rebate_paid(self):
        """Refuse to take back a posted payout by itself: its settlement would go on to count as
        paid.

        :raise UserError: naming the settlement
        """
        for move in self:
            if move.state != "posted" or move.rebate_settlement_id.state not in ("posted", "paid"):
                continue
            raise UserError(
                self.env._(
                    "%(document)s pays rebate settlement %(settlement)s and is taken back with it."
                    " Cancel the settlement instead: the document is reversed, and the next run"
                    " proposes what is due.",
                    document=move.display_name,
                    settlement=move.rebate_settlement_id.name,
                )
            )

    # ------------------------------------------------------------------
    # Reversals
    # ------------------------------------------------------------------

    def _prepare_rebate_reversal_vals(self):
        """Values of the document that takes this payout back: of the same day, or of the first
        open one."""
        self.ensure_one()
        locks = self._get_violated_lock_dates(self.date, bool(self.line_ids.tax_ids))
        day = locks[-1][0] + timedelta(days=1) if locks else self.date
        vals = {
            "ref": self.env._("Reversal of: %s", self.name),
            "invoice_date": day,
            "date": day,
        }
        if locks:
            # Left on the document, where whoever reads it looks for the reason of its date.
            vals["narration"] = self.env._(
                "Dated %(open_day)s, the first open day: the books are locked on %(day)s.",
                open_day=format_date(self.env, day),
                day=format_date(self.env, self.date),
            )
        return vals
