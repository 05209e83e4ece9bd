"""Taking a settlement back: its documents are reversed, and the next run proposes the amounts."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..tools.acting import acting
from ..tools.trust import trusted
from .rebate_turns import require_turn


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    @acting("write")
    def action_cancel(self):
        """Give the amounts back to the accruals; what was posted is reversed.

        Only the latest settlement of an accrual can be cancelled: those after it paid the
        difference to it.

        :raise UserError: when there is a later one, or a document was paid
        """
        self._require_group("rebate_management.group_rebate_accountant")
        # As in action_post.
        require_turn(self)
        self._require_state("draft", "submitted", "approved", "posted", "paid")
        require_turn(self.line_ids.accrual_id)
        self._check_latest()
        self._check_unpaid()
        documents = self._standing_documents()
        if documents:
            trusted(documents)._reverse_moves(
                [move._prepare_rebate_reversal_vals() for move in documents], cancel=True
            )
            self._book_exchange_differences()
        trusted(self).state = "cancelled"
        # Accountants may not write accruals.
        self.line_ids.accrual_id.sudo()._update_settled()
        return True

    def _standing_documents(self):
        """The posted documents that pay the settlements and were not taken back.

        :raise AccessError: when the user may not see one of them, for then it could not be reversed
        """
        # Whoever may see only some of them must not take only these back.
        documents = self.sudo()._documents().filtered(lambda move: not move._is_rebate_reversed())
        documents = documents.sudo(self.env.su)
        documents.check_access("write")
        return documents

    def _check_latest(self):
        """Refuse to cancel a settlement before those that paid the difference to it."""
        first = {}
        for line in self.line_ids.sorted("id"):
            first.setdefault(line.accrual_id, line)
        # What was paid later binds, whoever may see it.
        others = (
            self.env["rebate.settlement.line"]
            .sudo()
            .search(
                [
                    ("accrual_id", "in", [accrual.id for accrual in first]),
                    ("settlement_id", "not in", self.ids),
                    ("state", "not in", ("rejected", "cancelled")),
                ],
                order="id desc",
            )
        )
        for line in others:
            own = first[line.accrual_id]
            if line.id > own.id:
                raise UserError(
                    self.env._(
                        "Settlement %(later)s was made after %(name)s and pays the difference to it"
                        " for “%(accrual)s”. Cancel %(later)s first.",
                        later=line.settlement_id.name,
                        name=own.settlement_id.name,
                        accrual=line.accrual_id.display_name,
                    )
                )

    def _check_unpaid(self):
        """Refuse to cancel what was paid out: what the invoices were offset with is opened again,
        but money that was sent stays sent."""
        # A payment stands in the way, whoever may see it.
        documents = self.sudo()._documents()
        terms = documents.line_ids.filtered(lambda line: line.display_type == "payment_term")
        for line in terms:
            partials = line.matched_debit_ids | line.matched_credit_ids
            counterparts = (partials.debit_move_id | partials.credit_move_id).move_id - line.move_id
            payments = counterparts.filtered(
                lambda move: move.state == "posted" and not move.is_invoice(include_receipts=True)
            )
            if payments:
                raise UserError(
                    self.env._(
                        "%(document)s of settlement %(name)s was paid by %(payments)s. Take the"
                        " payment back first, or undo its reconciliation with the document, and"
                        " cancel the settlement then.",
                        document=line.move_id.display_name,
                        name=line.move_id.rebate_settlement_id.name,
                        payments=format_list(self.env, payments.mapped("display_name")),
                    )
                )
