"""Paying an approved settlement by credit note, and taking the payout back."""

from odoo import Command, models

from .rebate_turns import require_turn


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def action_post(self):
        """Create and post the credit note of each approved settlement.

        :raise UserError: when a settlement is not approved
        """
        self._require_group("rebate_management.group_rebate_accountant")
        # A second poster begins anew and finds the settlement posted.
        require_turn(self)
        self._require_state("approved")
        # What is settled of them changes with the state below.
        require_turn(self.line_ids.accrual_id)
        self._accrue_missing()
        moves = self.env["account.move"].create(
            [settlement._prepare_credit_note_vals() for settlement in self]
        )
        moves.action_post()
        self._book_exchange_differences()
        self.state = "posted"
        # The accruals' state follows from what was paid; accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_state()
        return True

    def action_cancel(self):
        """Give the amounts back to the accruals; a posted credit note is reversed."""
        self._require_group("rebate_management.group_rebate_accountant")
        self._require_state("draft", "submitted", "approved", "posted")
        # As in action_post.
        require_turn(self)
        require_turn(self.line_ids.accrual_id)
        credit_notes = self.move_ids.filtered(
            lambda move: move.state == "posted" and not move.reversal_move_ids
        )
        if credit_notes:
            credit_notes._reverse_moves(
                [
                    {"ref": self.env._("Reversal of: %s", move.name), "invoice_date": move.date}
                    for move in credit_notes
                ],
                cancel=True,
            )
            self._book_exchange_differences()
        self.state = "cancelled"
        # Accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_state()
        return True

    def _prepare_credit_note_vals(self):
        """Values of the customer credit note that pays the settlement."""
        self.ensure_one()
        return {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "ref": self.name,
            "invoice_origin": self.name,
            "rebate_settlement_id": self.id,
            "invoice_line_ids": [
                Command.create(line._prepare_credit_note_line_vals()) for line in self.line_ids
            ],
        }
