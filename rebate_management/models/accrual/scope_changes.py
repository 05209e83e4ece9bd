"""What was settled keeps its scope, and where master data changed since, it says so."""

from typing import NamedTuple

from odoo.tools import format_list

from ...tools.locks import lock_available
from ...tools.trust import trusted

# So many products are named, of however many.
NAMED = 10


class Change(NamedTuple):
    """Products that count otherwise than when a settlement paid for days of a period: ``name`` is
    that of the sum, the number of a rule, negative where they choose its tier; ``has_left`` tells
    that they count no more."""

    settlement_id: int
    name: int
    product_ids: list
    has_left: bool


def find_changes(accruals):
    """Find what counts otherwise today than when days of the periods were paid for.

    :return: by accrual id, a list of :class:`Change`
    """
    measure = accruals.env["rebate.measure"]
    programs = accruals.program_id
    if not measure._may_scope_change(programs):
        return {}
    windows = accruals._windows()
    if not (paid := measure._paid_days(windows, programs)):
        return {}
    kept = {part for spans in paid.values() for one in spans for part in one.scope}
    differing = measure._scope_changes(programs, kept)
    return {
        window.key: [
            Change(one.settlement_id, part.name, sorted(product_ids), has_left)
            for one in paid.get(window.agreement_id, ())
            if one.period_from == window.date_from
            for part in one.scope
            for product_ids, has_left in zip(differing[part], (True, False), strict=True)
            if product_ids
        ]
        for window in windows
    }


def sentence(env, change):
    """Tell a change in the language of an environment.

    :param change: see :class:`Change`
    """
    # Whoever may read the period may read what it counted.
    settlement = env["rebate.settlement"].sudo().browse(change.settlement_id)
    rule = env["rebate.rule"].sudo().browse(abs(change.name))
    products = env["product.product"].sudo().browse(change.product_ids)
    names = products[:NAMED].mapped("display_name")
    if len(products) > NAMED:
        names.append(env._("%s more", len(products) - NAMED))
    vals = {
        "settlement": settlement.name,
        "products": format_list(env, names),
        "rule": rule.display_name,
    }
    if change.name < 0 and change.has_left:
        return env._(
            "Since settlement %(settlement)s, purchases of %(products)s no longer choose the"
            " tier of rule “%(rule)s”: for the days that are paid for they still do, open"
            " periods follow.",
            **vals,
        )
    if change.name < 0:
        return env._(
            "Since settlement %(settlement)s, purchases of %(products)s choose the tier of rule"
            " “%(rule)s”: for the days that are paid for they do not, open periods follow.",
            **vals,
        )
    if change.has_left:
        return env._(
            "Since settlement %(settlement)s, %(products)s no longer count for rule “%(rule)s”:"
            " the days that are paid for keep them, open periods follow.",
            **vals,
        )
    return env._(
        "Since settlement %(settlement)s, %(products)s count for rule “%(rule)s”: the days that"
        " are paid for leave them out, open periods follow.",
        **vals,
    )


def tell_changes(accruals):
    """Tell each program once of products that count otherwise than when they were settled."""
    changes = accruals._scope_changes()
    if not any(changes.values()):
        return
    found = {}
    for accrual in accruals:
        for each in changes.get(accrual.id, ()):
            by_place = found.setdefault(accrual.program_id, {})
            for product_id in each.product_ids:
                # told of the first settlement alone
                by_place.setdefault((each.name, product_id, each.has_left), each.settlement_id)
    news = {
        program: untold
        for program, places in found.items()
        if (untold := places.keys() - {tuple(place) for place in program.told_scope or ()})
    }
    # Another transaction that refreshes the program at the moment tells it.
    for program in lock_available(accruals.program_id.filtered(lambda program: program in news)):
        sentences = {}
        for place in sorted(news[program]):
            name, product_id, has_left = place
            sentences.setdefault((found[program][place], name, has_left), []).append(product_id)
        # A reader who refreshes tells it too; it is the program's word.
        program_sudo = trusted(program.sudo())
        env = accruals.with_context(lang=program.user_id.lang).env
        for (settlement_id, name, has_left), product_ids in sentences.items():
            program_sudo.message_post(
                body=sentence(env, Change(settlement_id, name, product_ids, has_left))
            )
        told = {tuple(place) for place in program.told_scope or ()}
        program_sudo.told_scope = sorted(told | news[program])
