"""Measures what distributors bought, from posted invoice lines, in one statement.

This is the only place that reads invoice lines for a rebate. Everything asked for at once, any
number of agreements and periods, is one scan: invoice lines are first summed by customer,
product and day, then matched to the agreements asked for and to the products of their rules.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL


class Window(NamedTuple):
    """A question: what did this agreement buy between two dates, both inclusive?

    Days outside the dates of agreement and program count only where ``is_baseline`` says that the
    question is about the past that they are compared with. ``key`` is the asker's own name for the
    question and comes back with the answer. ``period_to`` is the last day of the whole period
    where the question is about its beginning only.
    """

    key: object
    agreement_id: int
    date_from: date
    date_to: date
    is_baseline: bool = False
    period_to: date | None = None


class Purchases(NamedTuple):
    """An answer: net purchases, unrounded, and the number of invoice lines behind them.

    ``amount`` is in the program's currency, ``quantity`` in its unit of measure (0 where it has
    none). ``unconverted`` counts purchases left out of the amount because no exchange rate is
    known, ``unmeasured`` those left out of the quantity because their unit does not convert.
    """

    amount: Decimal
    quantity: Decimal
    line_count: int
    unconverted: int
    unmeasured: int


NOTHING = Purchases(Decimal(0), Decimal(0), 0, 0, 0)


class RebateMeasure(models.AbstractModel):
    _name = "rebate.measure"
    _description = "Measurement of Purchases"

    @api.model
    def _purchases(self, windows: Iterable[Window]) -> dict[tuple[object, int | None], Purchases]:
        """Measure what was bought in each window, by rule and in all.

        :param windows: agreements and dates; keys must be unique
        :return: by ``(key, rule id)`` what counts for a rule, by ``(key, -rule id)`` what counts
            for the qualifying products that a rule names, and by ``(key, None)`` what counts for
            at least one rule of the program. Windows without purchases are absent.
        """
        windows = list(windows)
        if not windows:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE %(common)s,
                -- One pass over the invoice lines; what follows works on the sums.
                purchase AS (
                    SELECT company_id, partner_id, product_id, invoice_date, is_refund,
                           currency_id, company_currency_id, uom_root_id,
                           SUM(balance) AS balance,
                           SUM(net_amount) AS net_amount,
                           SUM(quantity) AS quantity,
                           COUNT(*) AS line_count
                      FROM counted
                  GROUP BY company_id, partner_id, product_id, invoice_date, is_refund,
                           currency_id, company_currency_id, uom_root_id
                ),
                bought AS (
                    SELECT asked.key, asked.program_id, bought.product_id,
                           SUM(%(amount)s) AS amount,
                           SUM(bought.quantity / asked.uom_factor)
                               FILTER (WHERE bought.uom_root_id = asked.uom_root_id) AS quantity,
                           SUM(bought.line_count) AS line_count,
                           COUNT(*) FILTER (WHERE %(amount)s IS NULL) AS unconverted,
                           COUNT(*) FILTER (WHERE bought.uom_root_id <> asked.uom_root_id)
                               AS unmeasured
                      FROM purchase bought %(matched)s
                  GROUP BY asked.key, asked.program_id, bought.product_id
                )
                SELECT bought.key, rule.rule_id, %(sums)s
                  FROM bought JOIN rule ON %(in_rule)s
              GROUP BY bought.key, rule.rule_id
             UNION ALL
                SELECT bought.key, NULL, %(sums)s
                  FROM bought
                 WHERE EXISTS (SELECT 1 FROM rule WHERE rule.rule_id > 0 AND %(in_rule)s)
              GROUP BY bought.key
                """,
                common=self._common_tables(windows),
                amount=self._amount(),
                matched=self._matched(),
                in_rule=self._in_rule(),
                # As text, because Odoo would read a number from the database as a float.
                sums=SQL(
                    """
                    COALESCE(SUM(bought.amount), 0)::text, COALESCE(SUM(bought.quantity), 0)::text,
                    SUM(bought.line_count)::int, SUM(bought.unconverted)::int,
                    SUM(bought.unmeasured)::int
                    """
                ),
            )
        )
        return {
            (windows[place].key, rule_id): Purchases(Decimal(amount), Decimal(quantity), *counts)
            for place, rule_id, amount, quantity, *counts in rows
        }

    @api.model
    def _invoice_line_ids(self, windows: Iterable[Window], rule_id: int | None = None) -> list[int]:
        """Name the invoice lines behind :meth:`_purchases`, by the very same conditions.

        :param windows: agreements and dates
        :param rule_id: only the lines that count for this rule; default, for any rule
        :return: ids of ``account.move.line``, the latest invoice first
        """
        windows = list(windows)
        if not windows:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE %(common)s
                SELECT bought.line_id
                  FROM (SELECT bought.line_id, bought.product_id, bought.invoice_date,
                               asked.program_id
                          FROM counted bought %(matched)s) bought
                 WHERE EXISTS (SELECT 1 FROM rule WHERE %(in_rule)s AND %(this_rule)s)
              GROUP BY bought.line_id, bought.invoice_date
              ORDER BY bought.invoice_date DESC, bought.line_id DESC
                """,
                common=self._common_tables(windows),
                matched=self._matched(),
                in_rule=self._in_rule(),
                this_rule=(
                    SQL("rule.rule_id = %s", rule_id) if rule_id else SQL("rule.rule_id > 0")
                ),
            )
        )
        return [line_id for (line_id,) in rows]
