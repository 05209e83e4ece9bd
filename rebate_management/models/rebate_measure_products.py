"""Which products count for what, as tables of the measuring statement."""

from odoo import models
from odoo.tools import SQL

from .rebate_measure_tables import Tally


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _tallies(self, programs) -> list[Tally]:
        """List the sums to make of the programs' purchases, see :meth:`_purchases`."""
        tallies = []
        for program in programs:
            rules = {rule.id: self._found(rule._product_query()) for rule in program.rule_ids}
            sums = dict(rules)
            if len(rules) > 1:
                sums[None] = self._union(list(rules.values()))
            for rule in program.rule_ids.filtered(lambda rule: rule.qualifier == "domain"):
                sums[-rule.id] = self._found(rule._qualifier_query())
            tallies += [Tally(name, program.id, products) for name, products in sums.items()]
        # Not summed, but what takes a purchase must be told by its products too.
        return tallies + [
            Tally(
                ("taken by", rival.id),
                None,
                self._union([self._found(rule._product_query()) for rule in rival.rule_ids]),
            )
            for rival in programs._preceding_programs()
        ]

    def _found(self, products):
        """The ids of the products a query finds; None for no query, and only then every product.

        A query that finds nothing is falsy: ask for None, not for truth.
        """
        if products is None:
            return None
        return products.subselect(SQL.identifier(products.table, "id"))

    def _union(self, queries):
        if any(query is None for query in queries):
            return None
        if not queries:
            return SQL("(SELECT NULL::int WHERE FALSE)")
        return SQL("(%s)", SQL(" UNION ").join(queries))

    def _tally_tables(self, tallies: list[Tally], is_scoped: bool) -> SQL:
        """Compose ``tally``: which classes of products each sum counts. Products that count for the
        same sums are one class, so that lines are summed by few of them; class 0 is of those that
        are counted only where every product is.

        :param is_scoped: tell classes apart; otherwise all tallies count every product
        """
        places = list(range(len(tallies)))
        programs = [tally.program_id for tally in tallies]
        if not is_scoped:
            return SQL(
                """
                tally AS (
                    SELECT place, program_id, 0 AS class_id
                      FROM unnest(%s::int[], %s::int[]) AS tally(place, program_id)
                )
                """,
                places,
                programs,
            )
        return SQL(
            """
            class AS MATERIALIZED (
                SELECT product_id, places, dense_rank() OVER (ORDER BY places)::int AS class_id
                  FROM (SELECT product_id, array_agg(place ORDER BY place) AS places
                          FROM (%(scoped)s) scoped(place, product_id)
                      GROUP BY product_id) counted
            ),
            tally AS (
                SELECT tally.place, tally.program_id, scope.class_id
                  FROM unnest(%(places)s::int[], %(programs)s::int[]) AS tally(place, program_id)
                  JOIN (SELECT class_id, unnest(places) AS place FROM class
                         UNION
                        SELECT each.class_id, every.place
                          FROM (SELECT class_id FROM class UNION SELECT 0) each,
                               unnest(%(every)s::int[]) AS every(place)) scope
                    ON scope.place = tally.place
            )
            """,
            scoped=SQL(" UNION ALL ").join(
                SQL("SELECT %s, product.id FROM (%s) product(id)", place, tally.products)
                for place, tally in enumerate(tallies)
                if tally.products is not None
            ),
            places=places,
            programs=programs,
            every=[place for place, tally in enumerate(tallies) if tally.products is None],
        )

    def _in_tally(self) -> SQL:
        """Compose the condition that ``tally`` counts ``bought``."""
        return SQL("tally.program_id = bought.program_id AND tally.class_id = bought.class_id")
