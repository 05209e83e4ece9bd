"""Documents that pay settlements: made, posted and taken back with their settlement, and neither
changed nor taken back behind its back."""

from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.trust import is_trusted

# What says what a document pays, to whom, in which books, and whether it counts; which settlement
# it is of, nobody types at all.
KEPT = (
    "state",
    "payment_state",
    "move_type",
    "partner_id",
    "commercial_partner_id",
    "company_id",
    "journal_id",
    "currency_id",
    "invoice_currency_rate",
    "invoice_date",
    "date",
    "reversed_entry_id",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_residual",
    "amount_untaxed_signed",
    "amount_tax_signed",
    "amount_total_signed",
    "amount_residual_signed",
    "amount_total_in_currency_signed",
)
# Blocking a payment, and allowing it again, takes nothing back.
BLOCKING = ("blocked", "not_paid")


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.depends("rebate_settlement_id")
    def _compute_show_reset_to_draft_button(self):
        # It would be refused.
        res = super()._compute_show_reset_to_draft_button()
        for move in self:
            if move.rebate_settlement_id and move.state == "posted":
                move.show_reset_to_draft_button = False
        return res

    def button_draft(self):
        self._check_rebate_kept()
        return super().button_draft()

    def button_cancel(self):
        self._check_rebate_kept()
        return super().button_cancel()

    def button_request_cancel(self):
        self._check_rebate_kept()
        return super().button_request_cancel()

    def action_reverse(self):
        self._check_rebate_kept(is_taken_away=False)
        return super().action_reverse()

    def copy(self, default=None):
        # A copy would be a return of goods that were never sold, and pay once more.
        self._check_rebate_kept(is_taken_away=False)
        return super().copy(default)

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def _check_rebate_written(self, vals):
        """Refuse to change what a payout is, or to have an entry pass for its reversal."""
        names = [name for name in KEPT if name in vals]
        if not names:
            return
        if vals.get("reversed_entry_id"):
            self.browse(vals["reversed_entry_id"])._check_rebate_kept(is_taken_away=False)
        for move in self:
            # Users of other companies' books may write these too; who reads a move may know.
            if not move.sudo().rebate_settlement_id:
                continue
            changed = [name for name in names if self._field_will_change(move, vals, name)]
            if changed == ["state"] and vals["state"] != "posted":
                move._check_rebate_kept()
            elif changed and not (
                changed == ["payment_state"] and vals["payment_state"] in BLOCKING
            ):
                move._check_rebate_kept(is_taken_away=False)

    def _check_rebate_kept(self, is_taken_away=True):
        """Refuse to take back or change a document of a payout by itself: its settlement would go
        on to count as paid, or as cancelled.

        :param is_taken_away: what is not in the books, and whose settlement is cancelled, may be
        :raise UserError: naming the settlement
        """
        if is_trusted(self.env):
            return
        for move in self:
            # As in _check_rebate_written.
            settlement = move.sudo().rebate_settlement_id
            if not settlement or (is_taken_away and not move._is_rebate_kept()):
                continue
            if settlement.state in ("cancelled", "rejected"):
                raise UserError(
                    self.env._(
                        "%(document)s belongs to rebate settlement %(settlement)s, which is"
                        " cancelled, and stays as it is. What is due is proposed by the next"
                        " settlement run.",
                        document=move.display_name,
                        settlement=settlement.name,
                    )
                )
            raise UserError(
                self.env._(
                    "%(document)s pays rebate settlement %(settlement)s and is changed or taken"
                    " back with it alone. Cancel the settlement instead: the document is reversed,"
                    " and the next run proposes what is due.",
                    document=move.display_name,
                    settlement=settlement.name,
                )
            )

    def _is_rebate_kept(self):
        """Tell whether a document pays a settlement, or takes it back, and has to stay."""
        self.ensure_one()
        # As in _check_rebate_written.
        settlement = self.sudo().rebate_settlement_id
        return settlement and (
            self.state == "posted" or settlement.state not in ("cancelled", "rejected")
        )

    def _is_rebate_reversed(self):
        """Tell whether a document of a payout was taken back, by its settlement and whole."""
        self.ensure_one()
        return any(
            reversal.state == "posted"
            and reversal.rebate_settlement_id == self.rebate_settlement_id
            and not self.currency_id.compare_amounts(reversal.amount_total, self.amount_total)
            for reversal in self.reversal_move_ids
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
