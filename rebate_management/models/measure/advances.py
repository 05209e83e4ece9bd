"""Advances: the goods on a final invoice are paid by the advance that is deducted from it, as far
as that is paid, and by what is paid of the rest.
"""

from odoo.tools import SQL

from .documents import has_lines


def has_advances(env, partner_ids) -> bool:
    """Tell whether any document of some customers has an advance, or deducts one."""
    return has_lines(env, SQL("line.is_downpayment"), partner_ids)


def advance_tables(moves: SQL) -> list[SQL]:
    """Compose ``deducted`` and ``advanced``: which documents deduct how much of which advance,
    and which make it, take it back or refund it; with taxes, in the document's currency,
    positive where an advance is made or deducted from goods that are sold.

    An advance and its deduction are lines of one line of the order. What stands beside goods
    with the opposite sign is a deduction, anything else makes the advance.

    :param moves: a query of the customers' documents
    """
    return [SQL(DOWNPAYMENT, moves), *map(SQL, (SOLD, DEDUCTED, ADVANCED))]


# By document and line of the order, its advances less what it deducts of them.
DOWNPAYMENT = """
    downpayment AS MATERIALIZED (
        SELECT line.move_id, link.order_line_id,
               SUM(CASE WHEN move.move_type = 'out_refund' THEN -line.price_total
                        ELSE line.price_total END) AS amount
          FROM sale_order_line_invoice_rel link
          JOIN account_move_line line ON line.id = link.invoice_line_id
          JOIN account_move move ON move.id = line.move_id
         WHERE line.is_downpayment
           AND line.parent_state = 'posted'
           AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
           AND link.order_line_id IN (
                   SELECT own.order_line_id
                     FROM sale_order_line_invoice_rel own
                     JOIN account_move_line line ON line.id = own.invoice_line_id
                    WHERE line.is_downpayment AND line.move_id IN (%s)
               )
      GROUP BY line.move_id, link.order_line_id
    )
"""

# The goods on the same documents.
SOLD = """
    sold AS MATERIALIZED (
        SELECT line.move_id,
               SUM(CASE WHEN move.move_type = 'out_refund' THEN -line.price_total
                        ELSE line.price_total END) AS amount
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
         WHERE line.display_type = 'product'
           AND line.is_downpayment IS NOT TRUE
           AND line.move_id IN (SELECT move_id FROM downpayment)
      GROUP BY line.move_id
    )
"""

DEDUCTED = """
    deducted AS MATERIALIZED (
        SELECT downpayment.move_id, downpayment.order_line_id,
               -downpayment.amount AS amount
          FROM downpayment JOIN sold ON sold.move_id = downpayment.move_id
         WHERE SIGN(sold.amount) = -SIGN(downpayment.amount)
           AND sold.amount <> 0
    )
"""

ADVANCED = """
    advanced AS MATERIALIZED (
        SELECT move_id, order_line_id, amount
          FROM downpayment
         WHERE (move_id, order_line_id) NOT IN (SELECT move_id, order_line_id FROM deducted)
    )
"""


def final_tables() -> list[SQL]:
    """Compose ``final_receipt``: what was paid of documents that deduct advances.

    An advance is paid by what was paid of it less what was refunded, as a part of what was
    advanced and kept or, if that is more, of what was deducted. It pays goods as soon as they
    are invoiced, not before.
    """
    return [*map(SQL, (SCALE, COVERED, FINAL, FINAL_RECEIPT))]


# Of how much what is paid of an advance is a part.
SCALE = """
    scale AS MATERIALIZED (
        SELECT order_line_id,
               CASE WHEN GREATEST(kept, deducted) > 0 THEN GREATEST(kept, deducted)
                    ELSE made END AS amount
          FROM (SELECT order_line_id, SUM(amount) AS kept,
                       SUM(amount) FILTER (WHERE amount > 0) AS made
                  FROM advanced GROUP BY order_line_id) advance
     LEFT JOIN (SELECT order_line_id, SUM(amount) AS deducted
                  FROM deducted GROUP BY order_line_id) deduction USING (order_line_id)
    )
"""

# Which part of an advance is paid after each payment, and was before it.
COVERED = """
    covered AS MATERIALIZED (
        SELECT order_line_id, with_discount, date, id,
               LEAST(1, GREATEST(0, so_far / scale)) AS part,
               LEAST(1, GREATEST(0, (so_far - amount) / scale)) AS part_before
          FROM (SELECT order_line_id, with_discount, date, id, amount, scale,
                       SUM(amount) OVER (PARTITION BY order_line_id, with_discount
                                             ORDER BY date, id, move_id
                                         ROWS UNBOUNDED PRECEDING) AS so_far
                  FROM (SELECT advanced.order_line_id, receipt.with_discount, receipt.date,
                               receipt.id, receipt.move_id, scale.amount AS scale,
                               advanced.amount * receipt.paid / receipt.total
                               - advanced.amount * receipt.paid_before / receipt.total
                               AS amount
                          FROM advanced
                          JOIN scale ON scale.order_line_id = advanced.order_line_id
                          JOIN receipt ON receipt.move_id = advanced.move_id
                         WHERE receipt.total <> 0 AND scale.amount > 0) paid) paid
    )
"""

# Documents that deduct, and what is to be paid of them: by advances, and by what is left.
FINAL = """
    final AS MATERIALIZED (
        SELECT deducted.move_id, move.invoice_date, deducted.amount
               + COALESCE((SELECT SUM(term.amount_currency)
                             FROM account_move_line term
                            WHERE term.move_id = deducted.move_id
                              AND term.display_type = 'payment_term'), 0) AS total
          FROM (SELECT move_id, SUM(amount) AS amount
                  FROM deducted GROUP BY move_id) deducted
          JOIN account_move move ON move.id = deducted.move_id
    )
"""

FINAL_RECEIPT = """
    final_receipt AS (
        SELECT move_id, with_discount, date, total,
               SUM(amount) OVER so_far - amount AS paid_before,
               SUM(amount) OVER so_far AS paid
          FROM (SELECT final.move_id, receipt.with_discount, receipt.date, receipt.id,
                       0 AS order_line_id, final.total,
                       SIGN(receipt.signed_total) * (receipt.paid - receipt.paid_before)
                       AS amount
                  FROM final JOIN receipt ON receipt.move_id = final.move_id
             UNION ALL
                SELECT final.move_id, covered.with_discount,
                       GREATEST(covered.date, final.invoice_date), covered.id,
                       covered.order_line_id, final.total,
                       deducted.amount * covered.part
                       - deducted.amount * covered.part_before
                  FROM final
                  JOIN deducted ON deducted.move_id = final.move_id
                  JOIN covered ON covered.order_line_id = deducted.order_line_id) paid
        WINDOW so_far AS (PARTITION BY move_id, with_discount
                              ORDER BY date, id, order_line_id ROWS UNBOUNDED PRECEDING)
    )
"""


def final_payments() -> SQL:
    """Compose what was paid of documents that deduct advances, as rows of ``payment``: never
    more than all of it, even where more was advanced than sold."""
    within, before = (
        SQL(
            "CASE WHEN total > 0 THEN LEAST(total, GREATEST(0, %(paid)s))"
            " ELSE GREATEST(total, LEAST(0, %(paid)s)) END",
            paid=SQL.identifier(name),
        )
        for name in ("paid", "paid_before")
    )
    return SQL(
        """
        SELECT move_id, with_discount, date, %s, %s, total
          FROM final_receipt WHERE total <> 0
     UNION ALL
        SELECT final.move_id, way.with_discount, final.invoice_date, 0, 1, 1
          FROM final, way WHERE final.total = 0
        """,
        before,
        within,
    )
