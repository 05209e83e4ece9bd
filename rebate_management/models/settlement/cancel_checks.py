"""What keeps a settlement from being cancelled, each told in a sentence with its remedy."""

from odoo.exceptions import UserError
from odoo.tools import format_list


def check_latest(settlements):
    """Refuse to cancel a settlement before those that paid the difference to it."""
    first = {}
    for line in settlements.line_ids.filtered("accrual_id").sorted("id"):
        first.setdefault(line.accrual_id, line)
    # What was paid later binds, whoever may see it.
    others = (
        settlements.env["rebate.settlement.line"]
        .sudo()
        .search(
            [
                ("accrual_id", "in", [accrual.id for accrual in first]),
                ("settlement_id", "not in", settlements.ids),
                ("state", "not in", ("rejected", "cancelled")),
            ],
            order="id desc",
        )
    )
    for line in others:
        own = first[line.accrual_id]
        if line.id > own.id:
            raise UserError(
                settlements.env._(
                    "Settlement %(later)s was made after %(name)s and pays the difference to it"
                    " for “%(accrual)s”. Cancel %(later)s first.",
                    later=line.settlement_id.name,
                    name=own.settlement_id.name,
                    accrual=line.accrual_id.display_name,
                )
            )


def check_unpaid(settlements):
    """Refuse to cancel what was paid out: what the invoices were offset with is opened again,
    but money that was sent stays sent."""
    # A payment stands in the way, whoever may see it.
    documents = settlements.sudo()._documents()
    terms = documents.line_ids.filtered(lambda line: line.display_type == "payment_term")
    for line in terms:
        partials = line.matched_debit_ids | line.matched_credit_ids
        counterparts = (partials.debit_move_id | partials.credit_move_id).move_id - line.move_id
        payments = counterparts.filtered(
            lambda move: move.state == "posted" and not move.is_invoice(include_receipts=True)
        )
        if payments:
            raise UserError(
                settlements.env._(
                    "%(document)s of settlement %(name)s was paid by %(payments)s. Take the"
                    " payment back first, or undo its reconciliation with the document, and"
                    " cancel the settlement then.",
                    document=line.move_id.display_name,
                    name=line.move_id.rebate_settlement_id.name,
                    payments=format_list(settlements.env, payments.mapped("display_name")),
                )
            )
