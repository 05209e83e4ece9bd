"""The invoice lines behind what rules count, for many periods in one statement."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .rebate_measure import LinePurchase, Window


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    @api.model
    def _lines_by_rule(
        self, windows: Iterable[Window], rule_ids: Collection[int] | None = None
    ) -> dict[tuple[object, int], list[LinePurchase]]:
        """Name the invoice lines that each rule counts, by the conditions of :meth:`_purchases`.

        One statement, whatever the number of windows and rules; it needs the index of
        :class:`AccountMove` on customer and invoice date.

        :param windows: agreements and dates; keys must be unique
        :param rule_ids: only what these rules count; default, every rule
        :return: by ``(key, rule id)`` the lines and what each of them adds, the latest invoice
            first; rules that count no line in a window are absent
        """
        windows = list(windows)
        if not windows:
            return {}
        agreements = self._agreements(windows)
        programs = agreements.program_id
        owners = self._owners(self._agreements(windows))
        windows = self._parts(windows)
        as_programs = self._as_programs(windows)
        late = self._late_returns(agreements)
        tallies = self._tallies(programs, as_programs)
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(tables)s,
                bought AS (
                    SELECT asked.key, asked.counted_as AS program_id, bought.class_id,
                           bought.line_id, bought.date, %(amount)s AS amount,
                           %(quantity)s AS quantity
                      FROM purchase bought %(matched)s
                )
                SELECT bought.key, tally.place, bought.line_id,
                       COALESCE(SUM(bought.amount), 0)::text,
                       COALESCE(SUM(bought.quantity), 0)::text
                  FROM bought
                  JOIN tally ON tally.place = ANY(%(places)s) AND %(in_tally)s
              GROUP BY bought.key, tally.place, bought.line_id
              ORDER BY MAX(bought.date) DESC, bought.line_id DESC
                """,
                tables=self._tables(
                    windows, tallies, owners, by_line=True, late=late, as_programs=as_programs
                ),
                amount=self._amount(),
                quantity=self._quantity(),
                matched=self._matched(programs, owners, late),
                places=[
                    place
                    for place, tally in enumerate(tallies)
                    if tally.is_rule and (rule_ids is None or tally.name in rule_ids)
                ],
                in_tally=self._in_tally(),
            )
        )
        lines = {}
        for place, tally, line_id, amount, quantity in rows:
            of_rule = lines.setdefault((windows[place].key, tallies[tally].name), {})
            line = LinePurchase(line_id, Decimal(amount), Decimal(quantity))
            if other := of_rule.get(line_id):
                # paid for on days that are measured by products of their own
                line = line._replace(
                    amount=line.amount + other.amount, quantity=line.quantity + other.quantity
                )
            of_rule[line_id] = line
        return {key: list(of_rule.values()) for key, of_rule in lines.items()}

    @api.model
    def _line_ids(
        self, windows: Iterable[Window], rule_ids: Collection[int] | None = None
    ) -> list[int]:
        """Name the invoice lines that any rule counts, see :meth:`_lines_by_rule`."""
        lines = self._lines_by_rule(windows, rule_ids).values()
        return list({line.line_id for of_rule in lines for line in of_rule})
