"""What was paid of invoices, and when: what was received, not what was written off."""

from odoo.tools import SQL

from .advances import advance_tables, final_payments, final_tables, has_advances
from .receipts import receipt_tables


def payment_tables(programs, partner_ids, first_day, last_day) -> list[SQL]:
    """Compose ``payment``: what was paid of each invoice, when, and before that, once for
    programs in which the discount for early payment counts and once for the others.

    Whatever is reconciled with the invoice and lies in a bank, cash or sales journal pays it:
    payments, and the returns and payouts it was offset against. An entry elsewhere, such as a
    bad debt written off, pays nothing, but what exchange rates made of a payment is part of it.
    An invoice over nothing is paid when it is made, unless advances are deducted from it.
    """
    paid = programs.filtered(lambda program: program.basis == "paid")
    ways = SQL(
        "way AS (SELECT unnest(%s::bool[]) AS with_discount)",
        sorted({bool(program.early_discount_counts) for program in paid}),
    )
    moves = SQL(
        """
        SELECT move.id
          FROM account_move move
         WHERE move.commercial_partner_id = ANY(%s)
           AND move.state = 'posted'
           AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
        """,
        partner_ids,
    )
    if has_advances(programs.env, partner_ids):
        received = SQL("%s UNION SELECT move_id FROM downpayment", moves)
        tables = [*advance_tables(moves), *receipt_tables(received), *final_tables()]
        is_plain = SQL("NOT IN (SELECT move_id FROM deducted)")
        payments = SQL("%s UNION ALL %s", _plain_payments(moves, is_plain), final_payments())
    else:
        tables = receipt_tables(moves)
        payments = _plain_payments(moves, SQL("IS NOT NULL"))
    payment = SQL(
        "payment AS (SELECT * FROM (%s) payment WHERE date BETWEEN %s AND %s)",
        payments,
        first_day,
        last_day,
    )
    return [ways, *tables, payment]


def _plain_payments(moves: SQL, is_plain: SQL) -> SQL:
    """Compose what was paid of documents that deduct no advances.

    :param moves: a query of the documents
    :param is_plain: what is true of the id of such a document
    """
    return SQL(
        """
        SELECT move_id, with_discount, date, paid_before, paid, total FROM receipt
         WHERE move_id %(is_plain)s
     UNION ALL
        SELECT move.id, way.with_discount, move.invoice_date, 0, 1, 1
          FROM account_move move, way
         WHERE move.id IN (%(moves)s)
           AND move.amount_total = 0
           AND move.id %(is_plain)s
        """,
        moves=moves,
        is_plain=is_plain,
    )
