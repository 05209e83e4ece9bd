"""Which products count for what: the sums that are asked for, and their tables."""

from typing import NamedTuple

from odoo.tools import SQL


class Sum(NamedTuple):
    """One sum to make of a program's purchases: its name in the answer, and the products that
    count (None: every product)."""

    name: object
    program_id: int
    products: SQL | None

    @property
    def is_rule(self) -> bool:
        """Tell whether it sums what a rule counts, and nothing beside."""
        return isinstance(self.name, int) and self.name > 0


def requested_sums(programs, former=None) -> list[Sum]:
    """List the sums to make of the programs' purchases, see ``rebate.measure._purchases``.

    :param former: programs as they counted before, see
        :func:`~.settled_scopes.former_programs`
    """
    sums = []
    places = [(program, (), program.id) for program in programs]
    places += [
        (programs.browse(program_id), scope, number)
        for (program_id, scope), number in (former or {}).items()
    ]
    for program, scope, number in places:
        kept = {part.name: part for part in scope}
        sums += [Sum(name, number, products) for name, products in _own_sums(program, kept)]
        if scope:
            sums += [
                _taken_by(preceding, kept, number) for preceding in program._preceding_programs()
            ]
    return sums + [_taken_by(preceding) for preceding in programs._preceding_programs()]


def _own_sums(program, kept):
    """Pair the names of a program's sums with the products that count.

    :param kept: what counts otherwise than today, :class:`PaidScope` by name of the sum
    """
    rules = {rule.id: _counted(rule, kept) for rule in program.rule_ids}
    yield from rules.items()
    if len(rules) > 1:
        yield None, _union(list(rules.values()))
    for rule in program.rule_ids.filtered(lambda rule: rule._qualifies_by_filter()):
        products, name = found(rule._qualifier_query()), rule._qualifier_key()
        if part := kept.get(name):
            products = _kept_products(part, products)
        yield name, products


def _taken_by(preceding, kept=None, number=None) -> Sum:
    """What takes a purchase is not summed, but must be told by its products too.

    :param number: of the program as it counted before, from which it takes them
    """
    return Sum(
        ("taken by", preceding.id, number),
        None,
        _union([_counted(rule, kept or {}) for rule in preceding.rule_ids]),
    )


def _counted(rule, kept):
    """The ids of the products that a rule counts, or counted; None for every product.

    :param kept: what counts otherwise than today, :class:`PaidScope` by name of the sum
    """
    products = found(rule._product_query())
    if (part := kept.get(rule.id)) and products is not None:
        return _kept_products(part, products)
    return products


def found(products):
    """The ids of the products a query finds; None for no query, and only then every product.

    A query that finds nothing is falsy: ask for None, not for truth.
    """
    if products is None:
        return None
    return products.subselect(SQL.identifier(products.table, "id"))


def _union(queries):
    if any(query is None for query in queries):
        return None
    if not queries:
        return SQL("(SELECT NULL::int WHERE FALSE)")
    return SQL("(%s)", SQL(" UNION ").join(queries))


def _kept_products(kept, today: SQL) -> SQL:
    """Compose the ids of the products that counted then, and of those that came since and
    count today.

    :param kept: a :class:`PaidScope`
    """
    return SQL(
        """
        (SELECT product.id::int
           FROM rebate_scope scope, jsonb_array_elements_text(scope.products) AS product(id)
          WHERE scope.id = %s
          UNION
         SELECT product.id FROM (%s) AS product(id) WHERE product.id > %s)
        """,
        kept.scope_id,
        today,
        kept.greatest_id,
    )


def are_told_apart(sums: list[Sum]) -> bool:
    """Tell whether any sum counts but some products."""
    return any(each.products is not None for each in sums)


def sum_tables(sums: list[Sum]) -> SQL:
    """Compose ``sums``: which classes of products each sum counts. Products that count for the
    same sums are one class, so that lines are summed by few of them; class 0 is of those that
    are counted only where every product is.
    """
    places = list(range(len(sums)))
    programs = [each.program_id for each in sums]
    if not are_told_apart(sums):
        return SQL(
            """
            sums AS (
                SELECT place, program_id, 0 AS class_id
                  FROM unnest(%s::int[], %s::int[]) AS sums(place, program_id)
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
        sums AS (
            SELECT sums.place, sums.program_id, scope.class_id
              FROM unnest(%(places)s::int[], %(programs)s::int[]) AS sums(place, program_id)
              JOIN (SELECT class_id, unnest(places) AS place FROM class
                     UNION
                    SELECT each.class_id, every.place
                      FROM (SELECT class_id FROM class UNION SELECT 0) each,
                           unnest(%(every)s::int[]) AS every(place)) scope
                ON scope.place = sums.place
        )
        """,
        scoped=SQL(" UNION ALL ").join(
            SQL("SELECT %s, product.id FROM (%s) product(id)", place, each.products)
            for place, each in enumerate(sums)
            if each.products is not None
        ),
        places=places,
        programs=programs,
        every=[place for place, each in enumerate(sums) if each.products is None],
    )


def class_id(scan) -> SQL:
    """Compose the class of the product of ``line``."""
    return SQL("COALESCE(class.class_id, 0)") if scan.is_scoped else SQL("0")


def join_class(scan) -> SQL:
    """Compose the join of ``line`` that :func:`class_id` needs."""
    if not scan.is_scoped:
        return SQL()
    return SQL("LEFT JOIN class ON class.product_id = line.product_id")


def in_sum(purchases: SQL) -> SQL:
    """Compose the condition that ``sums`` counts purchases.

    :param purchases: the name of a table of them
    """
    return SQL(
        "sums.program_id = %(of)s.program_id AND sums.class_id = %(of)s.class_id", of=purchases
    )
