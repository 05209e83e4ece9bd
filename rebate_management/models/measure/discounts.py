"""Discounts that stand on a line of their own, shared out over the lines that they discount, so
that a rule which counts only some products counts them at the price that was paid.
"""

from odoo.tools import SQL

from .documents import has_lines, is_return, net_amount
from .products import class_id, join_class

# What stands for a discount: money that is marked as such, or anything at a negative price. The
# index of :class:`AccountMoveLine` has the same condition.
IS_MONEY = SQL("(line.rebate_exclusion = 'quantity' OR line.price_unit < 0)")


def has_discounts(env, partner_ids) -> bool:
    """Tell whether any document of some customers has a line that may be a discount: most have
    none, and are to be counted without a thought of them."""
    return has_lines(env, SQL("line.display_type = 'product' AND %s", IS_MONEY), partner_ids)


def discount_tables(moves: SQL) -> tuple[SQL, SQL]:
    """Compose ``discount``, the lines that discount others, and ``discounted``, their amounts
    shared out over these.

    A discount is money off by a product that is no goods, or by none, which the document does
    not also sell. It lies on the lines of its document that it lowers, those with the same
    taxes before the others (one is made for each set of taxes), in proportion to their
    amounts. Each share is the difference of two running sums, so that they add up exactly.

    :param moves: the condition on ``move`` that tells whose documents are read
    """
    return _discount_table(moves), _discounted_table()


# The taxes of ``line``, for a comparison.
TAXES = SQL(
    """
    ARRAY(SELECT tax.account_tax_id
            FROM account_move_line_account_tax_rel tax
           WHERE tax.account_move_line_id = line.id
        ORDER BY tax.account_tax_id)
    """
)


def _discount_table(moves) -> SQL:
    return SQL(
        """
        discount AS MATERIALIZED (
            SELECT line.id, line.move_id, line.price_subtotal, line.balance, %(taxes)s AS taxes
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE %(moves)s
               AND line.display_type = 'product'
               AND line.parent_state = 'posted'
               AND %(is_money)s
               AND line.is_downpayment IS NOT TRUE
               AND line.rebate_exclusion IS DISTINCT FROM 'all'
               AND (product.id IS NULL
                    OR template.type = 'service'
                    OR template.rebate_exclusion = 'quantity'
                    OR EXISTS (SELECT 1 FROM res_company company
                                WHERE company.sale_discount_product_id = product.id))
               AND NOT EXISTS (
                       SELECT 1
                         FROM account_move_line sold
                        WHERE sold.move_id = line.move_id
                          AND sold.product_id = line.product_id
                          AND sold.display_type = 'product'
                          AND sold.rebate_exclusion IS NULL
                          AND sold.price_unit > 0
                   )
        )
        """,
        moves=moves,
        is_money=IS_MONEY,
        taxes=TAXES,
    )


def _discounted_table() -> SQL:
    return SQL(
        """
        discounted AS MATERIALIZED (
            SELECT discount_id, line_id,
                   share_balance * so_far / total - share_balance * (so_far - own) / total
                   AS balance,
                   share_amount * so_far / total - share_amount * (so_far - own) / total
                   AS price_subtotal
              FROM (SELECT discount_id, line_id, share_balance, share_amount, own,
                           SUM(own) OVER (PARTITION BY discount_id ORDER BY line_id) AS so_far,
                           SUM(own) OVER (PARTITION BY discount_id) AS total
                      FROM (SELECT discount.id AS discount_id, line.id AS line_id,
                                   discount.balance AS share_balance,
                                   discount.price_subtotal AS share_amount,
                                   line.price_subtotal AS own,
                                   %(taxes)s = discount.taxes AS has_its_taxes,
                                   BOOL_OR(%(taxes)s = discount.taxes)
                                       OVER (PARTITION BY discount.id) AS any_has_its_taxes
                              FROM discount
                              JOIN account_move_line line ON line.move_id = discount.move_id
                             WHERE line.display_type = 'product'
                               AND line.is_downpayment IS NOT TRUE
                               AND line.price_subtotal * discount.price_subtotal < 0
                               AND line.id NOT IN (SELECT id FROM discount)) lowered
                     WHERE has_its_taxes = any_has_its_taxes) share
        )
        """,
        taxes=TAXES,
    )


def not_shared() -> SQL:
    """Compose the condition that ``line`` is no discount that others bear."""
    return SQL("AND line.id NOT IN (SELECT discount_id FROM discounted)")


def discount_shares(scan, is_split) -> SQL:
    """Compose the shares of discounts as rows of ``summed``. They move no goods."""
    return SQL(
        """
        SELECT move.id, %(class_id)s, %(line_id)s, NULL::int, FALSE, %(is_return)s,
               move.company_id, move.commercial_partner_id, move.currency_id,
               move.invoice_date, move.move_type = 'out_refund',
               %(balance)s, %(net_amount)s, 0, TRUE
          FROM discounted
          JOIN account_move_line line ON line.id = discounted.line_id
          JOIN account_move move ON move.id = line.move_id
          %(join_class)s
         WHERE line.rebate_exclusion IS DISTINCT FROM 'all'
        """,
        class_id=class_id(scan),
        line_id=SQL("line.id") if scan.by_line else SQL("NULL::int"),
        balance=SQL("NULL::numeric") if scan.currency_id else SQL("-discounted.balance"),
        net_amount=net_amount(scan, SQL("discounted")),
        is_return=is_return(SQL("line")) if is_split else SQL("FALSE"),
        join_class=join_class(scan),
    )


def line_discounts(env, line_ids) -> dict[int, list]:
    """Find the discounts that some invoice lines bear, and the lines of discounts that others
    bear.

    :param line_ids: of posted lines
    :return: by line id what is to be added to its untaxed amount, in the document's currency
        and with the document's sign; for a discount that others bear, its amount taken away
    """
    moves = SQL(
        "move.id IN (SELECT move_id FROM account_move_line WHERE id = ANY(%s))"
        " AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')",
        line_ids,
    )
    rows = env.execute_query(
        SQL(
            """
            WITH %s
            SELECT line_id, SUM(price_subtotal)::text FROM discounted
             WHERE line_id = ANY(%s) GROUP BY line_id
         UNION ALL
            SELECT discount_id, (-SUM(price_subtotal))::text FROM discounted
             WHERE discount_id = ANY(%s) GROUP BY discount_id
            """,
            SQL(", ").join(discount_tables(moves)),
            line_ids,
            line_ids,
        )
    )
    return dict(rows)
