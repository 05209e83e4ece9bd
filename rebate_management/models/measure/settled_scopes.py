"""What was settled keeps its scope: days that are paid for are measured by the products that
counted when they were, whatever became of categories, tags and products since.
"""

from datetime import date, timedelta
from typing import NamedTuple

from odoo.tools import SQL

from .products import found
from .purchases import Window

DAY = timedelta(days=1)


class PaidScope(NamedTuple):
    """A sum of a program, see :class:`~.products.Sum`, and the products that it counted at a time:
    a row of ``rebate.scope``, and the greatest id that a product had then."""

    name: int
    scope_id: int
    greatest_id: int


class Paid(NamedTuple):
    """Days of an agreement that are paid for, the first day of their period, the settlement that
    paid them first, and what it counted by, where today it would count by something else."""

    period_from: date
    period_to: date
    first: date
    last: date
    settlement_id: int
    scope: tuple[PaidScope, ...]


def scopes_now(programs) -> dict[int, tuple[str, list[int]]]:
    """Find the products that count now, by category, tag or filter, and those that choose a
    tier; those of the programs that come first too, which take purchases by them.

    :return: by name of the sum, see :class:`~.products.Sum`, the definition and the ids in order
    """
    limited = _changeable(programs | programs._preceding_programs())
    if not limited:
        return {}
    _flush_products(programs.env)
    ids = dict(
        programs.env.execute_query(
            SQL(
                "SELECT name, array_agg(id ORDER BY id) FROM (%s) found(name, id) GROUP BY name",
                _named_products(limited),
            )
        )
    )
    return {name: (limited[name][0], ids.get(name, [])) for name in limited}


def _changeable(programs) -> dict[int, tuple[str, SQL]]:
    """Find the sums whose products may change without any term changing.

    :return: by name of the sum, its definition and the ids of the products
    """
    limited = {}
    for rule in programs.rule_ids:
        if definition := rule._scope_definition():
            limited[rule.id] = definition, found(rule._product_query())
        if rule._qualifies_by_filter():
            definition = rule._qualifier_definition()
            limited[rule._qualifier_key()] = definition, found(rule._qualifier_query())
    return limited


def _named_products(limited) -> SQL:
    return SQL(" UNION ALL ").join(
        SQL("SELECT %s, product.id FROM (%s) product(id)", name, products)
        for name, (_definition, products) in limited.items()
    )


def _flush_products(env):
    for model in ("product.product", "product.template", "product.category", "product.tag"):
        env[model].flush_model()


def may_change(programs) -> bool:
    """Tell whether the products that count may change without any term changing, in some programs
    or in those that take purchases from them."""
    rules = (programs | programs._preceding_programs()).rule_ids
    return any(rule._scope_definition() or rule._qualifies_by_filter() for rule in rules)


def paid_days(windows: list[Window], programs) -> dict[int, list[Paid]]:
    """Find the days of some windows that are paid for and would be measured otherwise today.

    The usual case costs nothing where no rule is limited by what may change, and one statement
    where nothing of the windows is paid for.

    :param programs: those of the windows
    :return: by agreement id, in the order of the days
    """
    env = programs.env
    if not windows or not may_change(programs):
        return {}
    spans = _paid_spans(env, windows)
    kept = {part for paid in spans.values() for one in paid for part in one.scope}
    changes = env["rebate.measure"]._scope_changes(programs, kept)
    return {
        agreement_id: differing
        for agreement_id, paid in spans.items()
        if (
            differing := [
                one._replace(scope=scope)
                for one in paid
                if (scope := tuple(part for part in one.scope if part in changes))
            ]
        )
    }


def _paid_spans(env, windows):
    """Find the days that are paid for, with all that they were counted by."""
    env["rebate.settlement.line"].flush_model()
    env["rebate.accrual"].flush_model(["agreement_id", "date_from", "date_to"])
    rows = env.execute_query(
        SQL(
            """
            SELECT accrual.agreement_id, accrual.date_from, accrual.date_to,
                   LEAST(line.date_until, accrual.date_to), line.settlement_id, line.scopes
              FROM rebate_accrual accrual
              JOIN rebate_settlement_line line ON line.accrual_id = accrual.id
             WHERE accrual.agreement_id = ANY(%s)
               AND accrual.date_from <= %s AND accrual.date_to >= %s
               AND line.scopes IS NOT NULL
               AND line.state NOT IN ('rejected', 'cancelled')
          ORDER BY line.id
            """,
            list({window.agreement_id for window in windows}),
            max(window.last_day for window in windows),
            min(window.period_from or window.date_from for window in windows),
        )
    )
    spans = {}
    for agreement_id, date_from, date_to, last, settlement_id, scopes in rows:
        paid = spans.setdefault(agreement_id, [])
        first = max(
            (one.last + DAY for one in paid if one.period_from == date_from),
            default=date_from,
        )
        # What corrects days that were paid for was counted as these were.
        if first <= last:
            scope = tuple(
                PaidScope(int(name), scope_id, scopes["greatest"])
                for name, scope_id in sorted(scopes["rules"].items())
            )
            paid.append(Paid(date_from, date_to, first, last, settlement_id, scope))
    for paid in spans.values():
        paid.sort(key=lambda one: one.first)
    return spans


def scope_changes(programs, kept) -> dict[PaidScope, tuple[list[int], list[int]]]:
    """Compare what counted with what counts now, of the products that there were then.

    Where the terms were amended since, these count for all days and nothing is compared.

    :param kept: a set of :class:`PaidScope`
    :return: the products that count no longer and those that did not, of what differs
    """
    if not kept:
        return {}
    limited = _changeable(programs | programs._preceding_programs())
    definitions = dict(
        programs.env.execute_query(
            SQL(
                "SELECT id, definition FROM rebate_scope WHERE id = ANY(%s)",
                list({part.scope_id for part in kept}),
            )
        )
    )
    kept = [
        part
        for part in kept
        if part.name in limited and definitions.get(part.scope_id) == limited[part.name][0]
    ]
    if not kept:
        return {}
    _flush_products(programs.env)
    names = {part.name for part in kept}
    rows = programs.env.execute_query(
        SQL(
            """
            WITH kept AS (
                SELECT *
                  FROM unnest(%s::int[], %s::int[], %s::int[])
                       WITH ORDINALITY AS kept(name, scope_id, greatest_id, place)
            ),
            today(name, id) AS MATERIALIZED (%s),
            past AS MATERIALIZED (
                SELECT scope.id AS scope_id, product.id::int AS id
                  FROM rebate_scope scope,
                       jsonb_array_elements_text(scope.products) AS product(id)
                 WHERE scope.id IN (SELECT scope_id FROM kept)
            )
            SELECT kept.place, past.id, TRUE
              FROM kept JOIN past ON past.scope_id = kept.scope_id
             WHERE NOT EXISTS (SELECT FROM today
                                WHERE today.name = kept.name AND today.id = past.id)
               AND EXISTS (SELECT FROM product_product product WHERE product.id = past.id)
         UNION ALL
            SELECT kept.place, today.id, FALSE
              FROM kept
              JOIN today ON today.name = kept.name AND today.id <= kept.greatest_id
             WHERE NOT EXISTS (SELECT FROM past
                                WHERE past.scope_id = kept.scope_id AND past.id = today.id)
            """,
            [part.name for part in kept],
            [part.scope_id for part in kept],
            [part.greatest_id for part in kept],
            _named_products({name: limited[name] for name in names}),
        )
    )
    changes = {}
    for place, product_id, has_left in rows:
        left, joined = changes.setdefault(kept[place - 1], ([], []))
        (left if has_left else joined).append(product_id)
    return changes


def cut(windows: list[Window], paid: dict[int, list[Paid]]) -> list[Window]:
    """Cut windows where the days that are paid for end, so that each part is measured by its
    own products; most often there is nothing to cut.

    The earlier purchases with which growth is compared are measured as the period is that they
    are compared with, by the products of its latest payout.

    :param paid: see :func:`paid_days`
    """
    if not paid:
        return windows
    parts = []
    for window in windows:
        spans = paid.get(window.agreement_id, ())
        if window.is_baseline:
            of_period = [one for one in spans if one.period_from == window.period_from]
            parts.append(window._replace(scope=of_period[-1].scope if of_period else ()))
        else:
            parts += _parts(window, spans)
    return parts


def _parts(window, spans):
    day, last = window.date_from, window.last_day
    for one in spans:
        if one.last < day or one.first > last:
            continue
        if one.first > day:
            yield _part(window, day, one.first - DAY)
        day = max(day, one.first)
        yield _part(window, day, min(one.last, last), one.scope)
        day = min(one.last, last) + DAY
    if day <= last:
        yield _part(window, day, last)


def _part(window, first, last, scope=()):
    return window._replace(date_from=first, date_to=last, until=None, scope=scope)


def former_programs(parts, enrolments) -> dict[tuple[int, tuple], int]:
    """Give numbers to programs as they counted before: each has sums of its own.

    :param enrolments: the agreements of the parts, by id
    :return: by id of the program and scope, a number that no program has
    """
    places = dict.fromkeys(
        (enrolments[part.agreement_id].program_id, part.scope) for part in parts if part.scope
    )
    # Nor is it the negative of one, by which programs with late returns are told.
    greatest = max(one.program_id for one in enrolments.values()) if places else 0
    return {place: -greatest - number for number, place in enumerate(places, 1)}
