"""Invoice lines, summed by invoice in one pass: what was invoiced and what was paid are made of the
sums."""

from odoo.tools import SQL

from .discounts import discount_shares, not_shared
from .documents import is_return, net_amount
from .products import class_id, join_class

# The unit of a line, and whether what it sells is a service.
JOIN_UNIT = SQL(
    """
    LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
    LEFT JOIN (
            SELECT product.id
              FROM product_product product
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE template.type = 'service'
        ) service
        ON service.id = line.product_id
    """
)
IS_SERVICE = SQL("service.id IS NOT NULL")
# In the root of its unit, to which all units that convert refer; 0 where the line has no unit, none
# where it moves no goods.
ROOT_ID = SQL(
    """
    CASE WHEN line.rebate_exclusion IS NULL AND line.price_unit > 0
              AND COALESCE(line.discount, 0) < 100
         THEN COALESCE(split_part(uom.parent_path, '/', 1)::int, 0) END
    """
)


def summed_lines(scan, moves: SQL, shares: bool) -> SQL:
    """Compose ``summed``: the one pass over the invoice lines. What follows works on the sums.

    Buyers are given by number and not by a table of the statement, and only those columns are
    grouped that are asked for, so that PostgreSQL can share the pass among its workers.

    :param scan: see :class:`~.sources.Scan`
    :param moves: the condition on ``move`` that tells whose documents are read
    :param shares: share discounts out over what they discount, see ``discounts.py``
    """
    is_counted = bool(scan.programs.uom_id)
    is_split = not all(scan.programs.mapped("include_refunds"))
    line = SQL("line")
    returned = is_return(line)
    return SQL(
        """
        summed AS NOT MATERIALIZED (
            SELECT move.id AS move_id, %(class_id)s AS class_id, %(line_id)s AS line_id,
                   %(root_id)s AS uom_root_id, %(is_service)s AS is_service,
                   %(is_return)s AS is_return,
                   -- the same for all lines of an invoice
                   move.company_id, move.commercial_partner_id AS partner_id,
                   move.currency_id, move.invoice_date,
                   move.move_type = 'out_refund' AS is_refund,
                   %(amounts)s,
                   %(quantity)s AS quantity, FALSE AS is_share
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
              %(join_class)s
              %(join_unit)s
             WHERE %(moves)s
               AND line.display_type = 'product'
               -- Asked of lines that are joined alone, which the second half of each condition
               -- does: these are the last columns of long rows, slow to be reached in all others.
               -- Neither an advance counts nor its deduction: the goods do when invoiced.
               AND (line.is_downpayment IS NOT TRUE OR line.move_id <> move.id)
               AND (line.rebate_exclusion IS DISTINCT FROM 'all' OR line.move_id <> move.id)
               %(not_shared)s
          GROUP BY %(keys)s
          %(shares)s
        )
        """,
        class_id=class_id(scan),
        line_id=SQL("line.id") if scan.by_line else SQL("NULL::int"),
        root_id=ROOT_ID if is_counted else SQL("0"),
        is_service=IS_SERVICE if is_counted else SQL("FALSE"),
        is_return=returned if is_split else SQL("FALSE"),
        amounts=SQL("NULL::numeric AS balance, SUM(%s) AS net_amount", net_amount(scan, line))
        if scan.currency_id
        else SQL("-SUM(line.balance) AS balance, SUM(line.price_subtotal) AS net_amount"),
        quantity=SQL("SUM(line.quantity * COALESCE(uom.factor, 1))") if is_counted else SQL("0"),
        join_class=join_class(scan),
        join_unit=JOIN_UNIT if is_counted else SQL(),
        moves=moves,
        not_shared=not_shared() if shares else SQL(),
        shares=SQL("UNION ALL %s", discount_shares(scan, is_split)) if shares else SQL(),
        keys=SQL(", ").join(
            [SQL("move.id")]
            + [SQL("class.class_id")] * scan.is_scoped
            + [SQL("line.id")] * scan.by_line
            + [ROOT_ID, IS_SERVICE] * is_counted
            + [returned] * is_split
        ),
    )


def invoiced_purchases() -> SQL:
    """Compose what counts in full, on the invoice date."""
    return SQL(
        """
        SELECT move_id AS document_id, class_id, line_id, uom_root_id, balance,
               CASE WHEN is_refund THEN -net_amount ELSE net_amount END AS net_amount,
               CASE WHEN is_refund THEN -quantity ELSE quantity END AS quantity,
               invoice_date AS date, invoice_date, FALSE AS with_discount,
               company_id, partner_id, currency_id, is_service, is_return, is_share
          FROM summed
        """
    )


def paid_purchases() -> SQL:
    """Compose what counts by the share that is paid, on the date of each payment.

    A payment counts what is paid with it less what was paid before it, each as a share of the
    invoice: so the payments of an invoice add up to it exactly, however its amount divides.
    """
    shares = SQL(", ").join(
        SQL(
            "%(amount)s * payment.paid / payment.total"
            " - %(amount)s * payment.paid_before / payment.total AS %(name)s",
            amount=SQL.identifier("invoiced", name),
            name=SQL.identifier(name),
        )
        for name in ("balance", "net_amount", "quantity")
    )
    return SQL(
        """
        SELECT invoiced.document_id, invoiced.class_id, invoiced.line_id, invoiced.uom_root_id,
               %s,
               payment.date, invoiced.invoice_date, payment.with_discount,
               invoiced.company_id, invoiced.partner_id, invoiced.currency_id,
               invoiced.is_service, invoiced.is_return, invoiced.is_share
          FROM (%s) invoiced
          JOIN payment ON payment.move_id = invoiced.document_id
        """,
        shares,
        invoiced_purchases(),
    )
