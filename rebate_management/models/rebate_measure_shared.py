"""What two agreements both count: the purchases on which the rebate of the one lowers that of the
other."""

from collections.abc import Iterable
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .rebate_measure import Window


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    @api.model
    def _shared_purchases(
        self, pairs: Iterable[tuple[Window, Window]]
    ) -> dict[tuple[object, object, int, int], Decimal]:
        """Measure what the first window of each pair counts of what the second counts.

        Products alone do not tell: the agreements may differ in whose purchases they count, in
        returns, in the days, and one may count what is invoiced and the other what is paid of it.

        :param pairs: windows whose keys are unique
        :return: by ``(key, other key, rule id, other rule id)``, the amount as the second counts
            it, unrounded, in the currency of its program; pairs without such purchases are absent
        """
        pairs = list(pairs)
        if not pairs:
            return {}
        windows = list({window.key: window for pair in pairs for window in pair}.values())
        place_of = {window.key: place for place, window in enumerate(windows)}
        agreements = self._agreements(windows)
        programs = agreements.program_id
        owners = self._owners(self._agreements(windows))
        parts = self._parts(windows)
        as_programs = self._as_programs(parts)
        late = self._late_returns(agreements)
        tallies = self._tallies(programs, as_programs)
        first = {}
        rules = {
            place: first.setdefault(tally.name, place)
            for place, tally in enumerate(tallies)
            if tally.is_rule
        }
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(tables)s,
                -- Lines of an invoice in one class count alike, returns aside.
                counted AS (
                    SELECT bought.key, rule.place, bought.move_id, bought.class_id,
                           bought.is_return, SUM(bought.amount) AS amount
                      FROM (SELECT asked.key, asked.counted_as AS program_id, bought.move_id,
                                   bought.class_id, bought.is_return, %(amount)s AS amount
                              FROM purchase bought %(matched)s) bought
                      JOIN tally ON %(in_tally)s
                      -- one place a rule, by whatever products it counts on a day
                      JOIN unnest(%(sums)s::int[], %(rules)s::int[]) AS rule(sum, place)
                        ON rule.sum = tally.place
                  GROUP BY bought.key, rule.place, bought.move_id, bought.class_id,
                           bought.is_return
                )
                SELECT pair.place, ours.place, theirs.place, COALESCE(SUM(theirs.amount), 0)::text
                  FROM unnest(%(ours)s::int[], %(theirs)s::int[])
                       WITH ORDINALITY AS pair(ours, theirs, place)
                  JOIN counted theirs ON theirs.key = pair.theirs
                  JOIN counted ours
                    ON ours.key = pair.ours
                   AND ours.move_id = theirs.move_id
                   AND ours.class_id = theirs.class_id
                   AND ours.is_return = theirs.is_return
              GROUP BY pair.place, ours.place, theirs.place
                """,
                tables=self._tables(
                    parts,
                    tallies,
                    owners,
                    late=late,
                    as_programs=as_programs,
                    keys=[place_of[part.key] for part in parts],
                ),
                amount=self._amount(),
                matched=self._matched(programs, owners, late),
                sums=list(rules),
                rules=list(rules.values()),
                in_tally=self._in_tally(),
                ours=[place_of[ours.key] for ours, _theirs in pairs],
                theirs=[place_of[theirs.key] for _ours, theirs in pairs],
            )
        )
        return {
            (
                *(window.key for window in pairs[pair - 1]),
                tallies[ours].name,
                tallies[theirs].name,
            ): Decimal(amount)
            for pair, ours, theirs, amount in rows
        }
