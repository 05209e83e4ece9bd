"""Documents and their lines: conditions on them, and whether there are any of a rare kind."""

from odoo.tools import SQL


def is_return(line: SQL) -> SQL:
    """Compose whether a line of ``move`` takes goods back, on whatever document it stands: a
    negative quantity on an invoice, or a quantity on a credit note. What is money alone is no
    return, whatever its sign."""
    return SQL(
        "(%(line)s.rebate_exclusion IS NULL"
        " AND (%(line)s.quantity < 0) <> (move.move_type = 'out_refund'))",
        line=line,
    )


def net_amount(scan, line: SQL) -> SQL:
    """Compose the net amount of a line of ``move`` in the currency of the document or, where a scan
    has one, in that; as printed, positive on a credit note too."""
    if not scan.currency_id:
        return SQL("%s.price_subtotal", line)
    return SQL(
        """
        CASE WHEN move.currency_id = %(currency)s THEN %(line)s.price_subtotal
             WHEN move.move_type = 'out_refund' THEN %(line)s.balance
             ELSE -%(line)s.balance END
        """,
        currency=scan.currency_id,
        line=line,
    )


def has_lines(env, condition: SQL, partner_ids) -> bool:
    """Tell whether any posted document of some customers has a line of a kind of which there
    are few: these are read first, by an index that has the condition.

    :param condition: on ``line``
    """
    return env.execute_query(
        SQL(
            """
            WITH kind AS MATERIALIZED (
                SELECT DISTINCT line.move_id
                  FROM account_move_line line
                 WHERE line.parent_state = 'posted' AND %s
            )
            SELECT EXISTS (
                SELECT 1
                  FROM kind JOIN account_move move ON move.id = kind.move_id
                 WHERE move.commercial_partner_id = ANY(%s)
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            )
            """,
            condition,
            list(partner_ids),
        )
    )[0][0]
