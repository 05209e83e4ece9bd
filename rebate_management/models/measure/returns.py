"""Returns that come after the end: they come off the purchase that counted, whenever they come."""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL


class LateReturn(NamedTuple):
    """A document that takes back a purchase of an agreement after that has ended, in one program:
    it counts on the day on which the purchase did. ``paid_on`` is the day of the payment that
    counts so, where the program counts what is paid."""

    move_id: int
    program_id: int
    paid_on: date | None
    day: date
    counted_on: date


def find_late_returns(agreements, programs) -> list[LateReturn]:
    """Find the returns that come after the end of the agreements that had the purchases.

    Only a credit note that was made from its invoice tells which purchase it takes back. What
    is dated while the agreement runs counts on its own day.

    :param agreements: whose purchases are measured
    :param programs: theirs, of which every agreement counts
    :return: none in most cases, which takes one small statement to find out
    """
    env = agreements.env
    programs |= programs._preceding_programs()
    env["rebate.agreement"].flush_model()
    env["rebate.program"].flush_model(["date_start", "date_end", "basis"])
    [(first_end,)] = env.execute_query(
        SQL(
            """
            SELECT LEAST((SELECT MIN(date_end) FROM rebate_program WHERE id = ANY(%(ids)s)),
                         (SELECT MIN(date_end)
                            FROM rebate_agreement
                           WHERE program_id = ANY(%(ids)s)
                             AND date_end IS NOT NULL
                             AND state IN ('active', 'ended')))
            """,
            ids=programs.ids,
        )
    )
    if not first_end:
        return []
    env["account.move"].flush_model()
    is_paid = "paid" in programs.mapped("basis")
    [(is_any,)] = env.execute_query(
        SQL(
            "SELECT EXISTS (SELECT 1 FROM account_move move WHERE %s)",
            _is_late(is_paid, first_end),
        )
    )
    if not is_any:
        return []
    rows = env.execute_query(_late_query(agreements, programs, first_end, is_paid))
    return [LateReturn(*row) for row in rows]


def _is_late(is_paid, first_end) -> SQL:
    """Compose the condition that ``move`` takes another back, and may be late."""
    return SQL(
        """
        move.state = 'posted'
        AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
        AND move.reversed_entry_id IS NOT NULL
        AND move.rebate_settlement_id IS NULL
        AND move.rebate_was_payout IS NOT TRUE
        -- a payment comes later still
        AND (%s OR move.invoice_date > %s)
        """,
        is_paid,
        first_end,
    )


def _late_query(agreements, programs, first_end, is_paid) -> SQL:
    """Compose the statement of :func:`find_late_returns`: documents that take others back, led back
    to the purchase, and whose purchase that was.

    It needs Odoo's index on ``reversed_entry_id``, or that of :class:`AccountMove` on customer
    and invoice date.
    """
    return SQL(
        """
        WITH RECURSIVE %s, %s
        SELECT id, program_id, paid_on, day, counted_on
          FROM owned
         WHERE counted_on > ended_on
        """,
        _counted_tables(agreements, _is_late(is_paid, first_end), is_paid),
        _owned_tables(programs),
    )


def _counted_tables(agreements, is_late: SQL, is_paid) -> SQL:
    """Compose ``counted``: what takes a purchase back, the day on which it would count, and the
    day on which the purchase did.

    :param is_late: the condition on ``move``
    """
    return SQL(
        """
        buyer(id, goes_down) AS (
            SELECT partner_id, include_children FROM rebate_agreement WHERE id = ANY(%(ids)s)
             UNION
            SELECT child.id, TRUE
              FROM buyer JOIN res_partner child ON child.parent_id = buyer.id
             WHERE buyer.goes_down
        ),
        taken_back(id, partner_id, date, origin_id) AS (
            SELECT move.id, move.commercial_partner_id, move.invoice_date,
                   move.reversed_entry_id
              FROM account_move move
             WHERE move.commercial_partner_id IN (SELECT id FROM buyer)
               AND %(is_late)s
             UNION
            -- what takes a return back takes the purchase up again
            SELECT taken_back.id, taken_back.partner_id, taken_back.date,
                   origin.reversed_entry_id
              FROM taken_back JOIN account_move origin ON origin.id = taken_back.origin_id
             WHERE origin.reversed_entry_id IS NOT NULL
        ),
        linked AS (
            SELECT taken_back.*, origin.invoice_date AS day
              FROM taken_back JOIN account_move origin ON origin.id = taken_back.origin_id
             WHERE origin.reversed_entry_id IS NULL
               AND origin.state = 'posted'
               AND origin.commercial_partner_id = taken_back.partner_id
        ),
        counted AS (
            SELECT id, partner_id, NULL::date AS paid_on, date AS counted_on, day,
                   'invoiced' AS basis
              FROM linked
            %(payments)s
        )
        """,
        ids=agreements.ids,
        is_late=is_late,
        payments=_late_payments() if is_paid else SQL(),
    )


def _owned_tables(programs) -> SQL:
    """Compose ``owned``: in which program the purchase counted, and when its agreement ended."""
    return SQL(
        """
        above(buyer_id, partner_id, parent_id, depth) AS (
            SELECT partner.id, partner.id, partner.parent_id, 0
              FROM res_partner partner
             WHERE partner.id IN (SELECT partner_id FROM counted)
             UNION ALL
            SELECT above.buyer_id, parent.id, parent.parent_id, above.depth + 1
              FROM above JOIN res_partner parent ON parent.id = above.parent_id
        ),
        -- of two agreements above a buyer, the nearest had the purchase, then the first
        owned AS (
            SELECT DISTINCT ON (counted.id, program.id, counted.counted_on)
                   counted.id, program.id AS program_id, counted.paid_on, counted.day,
                   counted.counted_on, LEAST(agreement.date_end, program.date_end) AS ended_on
              FROM counted
              JOIN above ON above.buyer_id = counted.partner_id
              JOIN rebate_agreement agreement
                ON agreement.partner_id = above.partner_id
               AND (above.depth = 0 OR agreement.include_children)
               AND agreement.state IN ('active', 'ended')
              JOIN rebate_program program
                ON program.id = agreement.program_id
               AND program.id = ANY(%s)
               AND program.basis = counted.basis
             WHERE counted.day
                   BETWEEN GREATEST(agreement.date_start, program.date_start)
                       AND COALESCE(LEAST(agreement.date_end, program.date_end), 'infinity')
          ORDER BY counted.id, program.id, counted.counted_on, above.depth, agreement.id
        )
        """,
        programs.ids,
    )


def _late_payments() -> SQL:
    """Compose the payments of returns, which count on the day of the payment that counted the
    purchase. A return that pays its own invoice takes back what was never paid."""
    return SQL(
        """
        UNION ALL
            SELECT linked.id, linked.partner_id, paid.date, paid.date, origin.date, 'paid'
              FROM linked
              JOIN LATERAL (%(paid)s) paid ON TRUE
              JOIN LATERAL (
                      SELECT MAX(before.date) AS date
                        FROM (%(before)s) before
                       WHERE before.date <= paid.date
                   ) origin ON origin.date IS NOT NULL
        """,
        paid=_reconciled(SQL("linked.id"), SQL("linked.origin_id")),
        before=SQL(
            "%s UNION ALL %s",
            _reconciled(SQL("linked.origin_id"), SQL("linked.id")),
            _paid_by_advance(SQL("linked.origin_id"), SQL("linked.day")),
        ),
    )


def _paid_by_advance(move_id: SQL, day: SQL) -> SQL:
    """Compose the days on which the advances that a document deducts were paid, none before its
    own day. See ``advances.py``."""
    return SQL(
        """
        SELECT GREATEST(partial.max_date, %(day)s)
          FROM account_move_line deduction
          JOIN sale_order_line_invoice_rel own ON own.invoice_line_id = deduction.id
          JOIN sale_order_line_invoice_rel link ON link.order_line_id = own.order_line_id
          JOIN account_move_line advance
            ON advance.id = link.invoice_line_id
           AND advance.parent_state = 'posted'
          JOIN account_move_line term
            ON term.move_id = advance.move_id AND term.display_type = 'payment_term'
          JOIN account_partial_reconcile partial
            ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
         WHERE deduction.move_id = %(move_id)s
           AND deduction.is_downpayment
           -- what sells goods beside it deducts the advance itself
           AND NOT EXISTS (SELECT 1
                             FROM account_move_line sold
                            WHERE sold.move_id = advance.move_id
                              AND sold.display_type = 'product'
                              AND sold.is_downpayment IS NOT TRUE)
        """,
        move_id=move_id,
        day=day,
    )


def _reconciled(move_id: SQL, other_id: SQL) -> SQL:
    """Compose the days on which a document was paid, by anything but another document."""
    return SQL(
        """
        SELECT partial.max_date AS date
          FROM account_move_line term
          JOIN account_partial_reconcile partial
            ON partial.debit_move_id = term.id OR partial.credit_move_id = term.id
          JOIN account_move_line counterpart
            ON counterpart.id = CASE WHEN partial.debit_move_id = term.id
                                     THEN partial.credit_move_id
                                     ELSE partial.debit_move_id END
         WHERE term.move_id = %s
           AND term.display_type = 'payment_term'
      GROUP BY partial.max_date
        HAVING NOT bool_or(counterpart.move_id = %s)
        """,
        move_id,
        other_id,
    )


def late_table(late: list[LateReturn]) -> SQL:
    """Compose ``late``; nothing where no return is."""
    if not late:
        return SQL()
    return SQL(
        """
        late AS (
            SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[])
                       AS late(move_id, program_id, paid_on, day)
        ),
        """,
        *([getattr(one, name) for one in late] for name in LateReturn._fields[:4]),
    )


def counted_day(late, program_id: SQL) -> SQL:
    """Compose the day on which ``purchase`` counts in a program."""
    if not late:
        return SQL("purchase.date")
    return SQL(
        """
        CASE WHEN purchase.document_id = ANY(%s)
             THEN COALESCE((SELECT late.day
                              FROM late
                             WHERE late.move_id = purchase.document_id
                               AND late.program_id = %s
                               AND COALESCE(late.paid_on, purchase.date) = purchase.date
                             LIMIT 1), purchase.date)
             ELSE purchase.date END
        """,
        sorted({one.move_id for one in late}),
        program_id,
    )
