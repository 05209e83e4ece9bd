"""Storing the frozen details of settlement lines: in few statements, however many there are."""

from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from odoo.tools import SQL

from ...engine.rounding import round_half_up, round_parts
from ...tools.currencies import smallest_coin

# Rows of details sent to the database at once.
BATCH = 50000


class FrozenShare(NamedTuple):
    """A row of what is to be frozen, numbers as text, which the database reads exactly; without a
    rule where none counted it."""

    settlement_line_id: int
    rule_id: int | None
    line_number: int
    amount: str
    quantity: str
    rate: str
    rate_type: str
    earned: str


def store_details(lines, shares, earlier, partial):
    """Store each invoice line's part with what the invoice says of it, then what is taken back
    of lines that do not count any more, then what lies on no line.

    :param shares: pairs of what lines are of, see :class:`~..measure.sources.Source`, and an
        iterator of :class:`FrozenShare`
    :param earlier: see :func:`find_earlier`
    """
    for source, of_source in shares:
        while rows := list(islice(of_source, BATCH)):
            lines.env.cr.execute(_insert_shares(lines, source, rows, earlier))
    if earlier:
        lines.env.cr.execute(_insert_taken_back(lines, earlier))
    lines.env.cr.execute(_insert_rest(lines, earlier, partial))
    _scale_details(lines, partial)


def find_earlier(lines):
    """Find the lines of other settlements that pay the same periods.

    :return: pairs of ids, of a line and an earlier one
    """
    lines.env.flush_all()
    return lines.env.execute_query(
        SQL(
            """
            SELECT line.id, other.id
              FROM rebate_settlement_line line
              JOIN rebate_settlement_line other
                ON other.accrual_id = line.accrual_id
               AND other.id < line.id
               AND other.state NOT IN ('rejected', 'cancelled')
             WHERE line.id = ANY(%s)
            """,
            lines.ids,
        )
    )


def _scale_details(lines, partial):
    """Lower the details of lines that make up for a part of what was paid too much: each of
    their rebates by the same part. What is left is the difference to the next line.

    :param partial: see :func:`_partial`
    """
    for line, difference in partial.items():
        coin = smallest_coin(line.currency_id)
        amount = round_half_up(Decimal(str(line.amount)), coin)
        details = lines.env.execute_query(
            SQL(
                "SELECT id, rebate_amount FROM rebate_settlement_detail"
                " WHERE settlement_line_id = %s ORDER BY id",
                line.id,
            )
        )
        parts = round_parts(
            [Decimal(str(rebate)) * amount / difference for _id, rebate in details],
            amount,
            coin,
        )
        lines.env.cr.execute(
            SQL(
                """
                UPDATE rebate_settlement_detail detail
                   SET rebate_amount = part.amount,
                       earned_amount = detail.settled_amount + part.amount
                  FROM unnest(%s::int[], %s::numeric[]) AS part(id, amount)
                 WHERE detail.id = part.id
                """,
                [detail_id for detail_id, _rebate in details],
                [str(part) for part in parts],
            )
        )


def _settled_before(lines, earlier) -> SQL:
    """Compose ``before``: what earlier settlements of the same periods have of each invoice
    line and rule, and their latest detail of it.

    The lines are given by number: what PostgreSQL guesses of tables that grow in this very
    transaction is wrong by magnitudes.

    :param earlier: see :func:`find_earlier`
    """
    return SQL(
        """
        before AS MATERIALIZED (
            SELECT pair.line_id AS settlement_line_id, detail.line_number, detail.rule_id,
                   SUM(detail.rebate_amount) AS amount, MAX(detail.id) AS last_id
              FROM rebate_settlement_detail detail
              JOIN unnest(%s::int[], %s::int[]) AS pair(line_id, earlier_id)
                ON pair.earlier_id = detail.settlement_line_id
             WHERE detail.settlement_line_id = ANY(%s)
          GROUP BY pair.line_id, detail.line_number, detail.rule_id,
                   -- of a rule that is gone, its name
                   CASE WHEN detail.rule_id IS NULL THEN detail.rule_name END
        )
        """,
        [line_id for line_id, _earlier_id in earlier],
        [earlier_id for _line_id, earlier_id in earlier],
        list({earlier_id for _line_id, earlier_id in earlier}),
    )


def _insert_shares(lines, source, rows, earlier) -> SQL:
    """Compose the insertion of shares with what the invoices say of them."""
    return SQL(
        """
        WITH share AS MATERIALIZED (
            SELECT *
              FROM unnest(%(columns)s)
                   AS share(settlement_line_id, rule_id, line_number, amount, quantity, rate,
                            rate_type, earned)
        ),
        %(before)s
        INSERT INTO rebate_settlement_detail (
                    settlement_line_id, rule_id, rule_name, move_line_id, line_number,
                    invoice_name, invoice_date, product_id, product_name, product_code,
                    quantity, uom_name, tax_numbers, amount, rate, rate_type,
                    earned_amount, settled_amount, rebate_amount)
        SELECT share.settlement_line_id, share.rule_id, %(rule_name)s,
               sold.move_line_id, sold.id, sold.document, sold.date,
               product.id, COALESCE(%(product_name)s, sold.description), product.default_code,
               CASE WHEN program.uom_id IS NOT NULL THEN share.quantity ELSE sold.quantity END,
               %(uom_name)s, sold.tax_numbers, share.amount, share.rate, share.rate_type,
               share.earned, COALESCE(before.amount, 0),
               share.earned - COALESCE(before.amount, 0)
          FROM share
          JOIN rebate_settlement_line line ON line.id = share.settlement_line_id
          JOIN rebate_settlement settlement ON settlement.id = line.settlement_id
          JOIN res_partner partner ON partner.id = settlement.partner_id
     LEFT JOIN rebate_rule rule ON rule.id = share.rule_id
     LEFT JOIN rebate_program program ON program.id = rule.program_id
          JOIN (%(sold)s) sold ON sold.id = share.line_number
     LEFT JOIN product_product product ON product.id = sold.product_id
     LEFT JOIN product_template template ON template.id = product.product_tmpl_id
     LEFT JOIN uom_uom uom ON uom.id = COALESCE(program.uom_id, sold.uom_id)
     LEFT JOIN before
            ON before.settlement_line_id = share.settlement_line_id
           AND before.line_number = share.line_number
           AND before.rule_id = share.rule_id
        """,
        columns=SQL(
            "%s::int[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[],"
            " %s::varchar[], %s::numeric[]",
            *map(list, zip(*rows, strict=True)),
        ),
        before=_settled_before(lines, earlier),
        sold=source.frozen_lines(SQL("SELECT line_number FROM share")),
        rule_name=_translated(lines, "rule"),
        product_name=_translated(lines, "template"),
        uom_name=_translated(lines, "uom"),
    )


def _translated(lines, table) -> SQL:
    """Compose a name in the language of the partner who is paid."""
    name = SQL.identifier(table, "name")
    return SQL("COALESCE(%s ->> partner.lang, %s ->> 'en_US')", name, name)


def _insert_taken_back(lines, earlier) -> SQL:
    """Compose the insertion of what invoice lines had that do not count any more."""
    return SQL(
        """
        WITH %(before)s,
        counted AS MATERIALIZED (
            SELECT settlement_line_id, line_number, rule_id
              FROM rebate_settlement_detail
             WHERE settlement_line_id = ANY(%(lines)s)
        )
        INSERT INTO rebate_settlement_detail (
                    settlement_line_id, rule_id, rule_name, move_line_id, line_number,
                    invoice_name, invoice_date, product_id, product_name, product_code,
                    quantity, uom_name, tax_numbers, amount, rate, rate_type,
                    earned_amount, settled_amount, rebate_amount)
        SELECT before.settlement_line_id, last.rule_id, last.rule_name, last.move_line_id,
               last.line_number, last.invoice_name, last.invoice_date, last.product_id,
               last.product_name, last.product_code,
               0, last.uom_name, last.tax_numbers, 0, 0, 'percent',
               0, before.amount, -before.amount
          FROM before
          JOIN rebate_settlement_detail last ON last.id = before.last_id
         WHERE before.amount <> 0
           AND before.line_number IS NOT NULL
           AND NOT EXISTS (
                   SELECT 1
                     FROM counted
                    WHERE counted.settlement_line_id = before.settlement_line_id
                      AND counted.line_number = before.line_number
                      AND counted.rule_id = before.rule_id
               )
        """,
        before=_settled_before(lines, earlier),
        lines=lines.ids,
    )


def _insert_rest(lines, earlier, partial) -> SQL:
    """Compose the insertion of what lies on no invoice line: a guarantee without purchases, a
    lump sum that others reached, and what was settled of these before. Lines that are to be
    lowered come to the whole difference first."""
    return SQL(
        """
        WITH %(before)s,
        stored AS MATERIALIZED (
            SELECT settlement_line_id, SUM(rebate_amount) AS amount
              FROM rebate_settlement_detail
             WHERE settlement_line_id = ANY(%(lines)s)
          GROUP BY settlement_line_id
        ),
        rest AS (
            SELECT line.id,
                   COALESCE(part.difference, line.amount) - COALESCE(stored.amount, 0)
                   AS amount,
                   COALESCE(beside.amount, 0) AS before
              FROM rebate_settlement_line line
         LEFT JOIN stored ON stored.settlement_line_id = line.id
         LEFT JOIN (SELECT settlement_line_id, SUM(amount) AS amount
                      FROM before
                     WHERE line_number IS NULL
                  GROUP BY settlement_line_id) beside
                ON beside.settlement_line_id = line.id
         LEFT JOIN unnest(%(partial)s::int[], %(differences)s::numeric[])
                   AS part(id, difference)
                ON part.id = line.id
             WHERE line.id = ANY(%(lines)s)
        )
        INSERT INTO rebate_settlement_detail
                    (settlement_line_id, quantity, amount, rate, rate_type, earned_amount,
                     settled_amount, rebate_amount)
        SELECT id, 0, 0, 0, 'fixed', amount + before, before, amount
          FROM rest
         WHERE amount <> 0 OR before <> 0
        """,
        before=_settled_before(lines, earlier),
        lines=lines.ids,
        partial=[line.id for line in partial],
        differences=[str(difference) for difference in partial.values()],
    )
