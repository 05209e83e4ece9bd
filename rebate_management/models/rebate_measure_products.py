"""Which products count for what, as tables of the measuring statement."""

from odoo import models
from odoo.tools import SQL

from .rebate_measure_tables import Tally


class RebateMeasure(models.AbstractModel):
    _inherit = "rebate.measure"

    def _tallies(self, programs, as_programs=None) -> list[Tally]:
        """List the sums to make of the programs' purchases, see :meth:`_purchases`.

        :param as_programs: programs as they counted before, see :meth:`_as_programs`
        """
        tallies = []
        places = [(program, (), program.id) for program in programs]
        places += [
            (programs.browse(program_id), scope, number)
            for (program_id, scope), number in (as_programs or {}).items()
        ]
        for program, scope, number in places:
            kept = {part.name: part for part in scope}
            rules = {rule.id: self._counted(rule, kept) for rule in program.rule_ids}
            sums = dict(rules)
            if len(rules) > 1:
                sums[None] = self._union(list(rules.values()))
            for rule in program.rule_ids.filtered(lambda rule: rule.qualifier == "domain"):
                products = self._found(rule._qualifier_query())
                if part := kept.get(-rule.id):
                    products = self._kept_products(part, products)
                sums[-rule.id] = products
            tallies += [Tally(name, number, products) for name, products in sums.items()]
            if scope:
                tallies += [
                    self._taken_by(rival, kept, number) for rival in program._preceding_programs()
                ]
        return tallies + [self._taken_by(rival) for rival in programs._preceding_programs()]

    def _taken_by(self, rival, kept=None, number=None) -> Tally:
        """What takes a purchase is not summed, but must be told by its products too.

        :param number: of the program as it counted before, from which it takes them
        """
        return Tally(
            ("taken by", rival.id, number),
            None,
            self._union([self._counted(rule, kept or {}) for rule in rival.rule_ids]),
        )

    def _counted(self, rule, kept):
        """The ids of the products that a rule counts, or counted; None for every product.

        :param kept: what counts otherwise than today, :class:`PaidScope` by name of the sum
        """
        products = self._found(rule._product_query())
        if (part := kept.get(rule.id)) and products is not None:
            return self._kept_products(part, products)
        return products

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
