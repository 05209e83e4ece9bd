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
        """The ids of the products a query finds; None for no query, that is every product."""
        return products and products.subselect(SQL.identifier(products.table, "id"))

    def _union(self, queries):
        if None in queries:
            return None
        return SQL("(%s)", SQL(" UNION ").join(queries))

    def _tally_tables(self, tallies: list[Tally], is_scoped: bool) -> SQL:
        """Compose the tables of tallies and of the classes of products that each counts: products
        that count for the same tallies are one class, so that lines are summed by few of them."""
        columns = (
            list(range(len(tallies))),
            [tally.program_id for tally in tallies],
            [tally.products is None for tally in tallies],
        )
        tally_table = SQL(
            """
            tally AS (
                SELECT * FROM unnest(%s::int[], %s::int[], %s::bool[])
                           AS tally(place, program_id, every_product)
            )
            """,
            *columns,
        )
        if not is_scoped:
            return tally_table
        return SQL(
            """
            %s,
            class AS MATERIALIZED (
                SELECT product_id, places, dense_rank() OVER (ORDER BY places)::int AS class_id
                  FROM (SELECT product_id, array_agg(place ORDER BY place) AS places
                          FROM (%s) scoped(place, product_id)
                      GROUP BY product_id) counted
            ),
            scope AS (SELECT DISTINCT class_id, unnest(places) AS place FROM class)
            """,
            tally_table,
            SQL(" UNION ALL ").join(
                SQL("SELECT %s, product.id FROM (%s) product(id)", place, tally.products)
                for place, tally in enumerate(tallies)
                if tally.products
            ),
        )

    def _in_scope(self, is_scoped: bool) -> SQL:
        """Compose the condition that ``tally`` counts the products of ``bought``."""
        if not is_scoped:
            return SQL("tally.every_product")
        return SQL(
            """
            (tally.every_product
             OR (tally.place, bought.class_id) IN (SELECT place, class_id FROM scope))
            """
        )

    def _in_tally(self, is_scoped: bool) -> SQL:
        """Compose the condition that ``tally`` counts ``bought``."""
        return SQL("tally.program_id = bought.program_id AND %s", self._in_scope(is_scoped))
