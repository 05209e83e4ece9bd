"""Programs that depend on each other: those that lower another's amount, and those of a group of
which only the best pays. What they earn in the same days is calculated along."""

from odoo.fields import Domain

from ...engine.sharing import share_in_common
from ...engine.tiers import ZERO
from ..measure.enrolments import agreements_of
from ..measure.purchases import PurchaseKey, Window
from .case import Reduction


def dependent_windows(windows, programs) -> list[Window]:
    """The periods of other programs on which some windows depend, and those on which these
    depend; each once, and none that is asked for anyway.

    :param programs: those of the windows
    """
    env = programs.env
    if not any(program._dependencies() for program in programs):
        return []
    agreements = agreements_of(env, windows)
    programs = programs._with_dependencies()
    # Whoever may see a program must see the figures that others leave to it.
    others_sudo = env["rebate.agreement"].sudo()
    others = others_sudo.search(
        Domain("program_id", "in", programs.ids)
        & Domain("partner_id", "in", agreements.partner_id.ids)
        & Domain("state", "in", ("active", "ended"))
    )
    by_place = others.grouped(lambda other: (other.partner_id, other.program_id))
    known = {(w.agreement_id, w.date_from, w.until, w.scenario) for w in windows}
    dependent = []
    pending = list(windows)
    while pending:
        window = pending.pop()
        agreement = env["rebate.agreement"].browse(window.agreement_id)
        for program in agreement.program_id._dependencies():
            for other in by_place.get((agreement.partner_id, program), ()):
                for first, last in other._periods(window.last_day):
                    place = (other.id, first, window.until, window.scenario)
                    if last >= window.date_from and place not in known:
                        known.add(place)
                        key = ("of", *place)
                        found = Window(
                            key,
                            other.id,
                            first,
                            last,
                            until=window.until,
                            scenario=window.scenario,
                        )
                        dependent.append(found)
                        pending.append(found)
    return dependent


def _overlapping(window, windows):
    """Those of some windows that share days with one and ask about the same moment, and suppose
    the same purchases."""
    return [
        other
        for other in windows
        if other.until == window.until
        and other.scenario == window.scenario
        and other.date_from <= window.date_to
        and other.date_to >= window.date_from
    ]


def find_reducing(windows, programs) -> dict[object, list[Window]]:
    """Pair each window with those of the programs that lower its amount.

    :param programs: those of the windows
    :return: by window key, the windows of the other programs
    """
    reducing_programs = {
        program: reducing for program in programs if (reducing := program._reducing_programs())
    }
    if not reducing_programs:
        return {}
    agreements = programs.env["rebate.agreement"].browse(w.agreement_id for w in windows)
    by_place = {}
    for window, agreement in zip(windows, agreements, strict=True):
        by_place.setdefault((agreement.partner_id, agreement.program_id), []).append(window)
    reducing = {}
    for window, agreement in zip(windows, agreements, strict=True):
        for program in reducing_programs.get(agreement.program_id, ()):
            others = by_place.get((agreement.partner_id, program), ())
            reducing.setdefault(window.key, []).extend(_overlapping(window, others))
    return reducing


def measure_shared(env, windows, reducing, purchases, supposed=()) -> dict:
    """Measure which part of what each other program counted a program counts too.

    :param reducing: see :func:`find_reducing`
    :param purchases: what was measured in all, with what is supposed
    :param supposed: lines that windows of their scenario count beside what was posted
    :return: by ``(key, other key, rule id, other rule id)``, the part and the whole
    """
    if not reducing:
        return {}
    by_key = {window.key: window for window in windows}
    measure = env["rebate.measure"]
    pairs = [(by_key[key], other) for key, others in reducing.items() for other in others]
    amounts = measure._shared_purchases(pairs)
    if pairs := supposed and [pair for pair in pairs if pair[0].scenario is not None]:
        for place, amount in measure._shared_purchases(pairs, supposed).items():
            amounts[place] = amounts.get(place, ZERO) + amount
    return {
        (key, other_key, rule_id, other_rule_id): (
            amount,
            purchases[PurchaseKey(other_key, other_rule_id)].amount,
        )
        for (key, other_key, rule_id, other_rule_id), amount in amounts.items()
    }


def reductions_by_rule(window, program, others, shared, results) -> dict[object, list[Reduction]]:
    """Compute by how much other programs lower the amount on which a program's rules pay.

    What another rule earned is spread over the purchases that it counted, in proportion to
    their amount; each rule is lowered by the part that lies on purchases it counts itself,
    see :func:`share_in_common`.
    Published case: Microsoft Dynamics 365, rebate reduction principle.

    :param others: the windows of the other programs, see :func:`find_reducing`
    :param shared: see :func:`measure_shared`
    """
    reductions = {}
    for other in others:
        result = results[other.key]
        for part in result.rules:
            earned = result.share_of(part)
            for rule in program.rule_ids if earned else ():
                place = window.key, other.key, rule.id, part.rule.id
                both, whole = shared.get(place, (ZERO, ZERO))
                coin = part.case.terms.coin
                amount = share_in_common(earned, part.outcome.parts, both, whole, coin)
                if amount:
                    reductions.setdefault(rule, []).append(Reduction(result.program, amount))
    return reductions


def find_beaten(env, windows, results) -> dict[object, object]:
    """Find who is not paid because another program of its group pays more for these days.

    :param windows: those of the first program first
    :return: by window key, the program that pays instead
    """
    programs = env["rebate.program"].union(*{results[window.key].program for window in windows})
    group_of = {
        program: program.stacking_group_id
        for program in programs
        if program.stacking_group_id.method == "best"
    }
    groups = {}
    for window in windows if group_of else ():
        if group := group_of.get(results[window.key].program):
            partner = env["rebate.agreement"].browse(window.agreement_id).partner_id
            groups.setdefault((group, partner), []).append(window)
    beaten = {}
    for members in groups.values():
        for window in members:
            # The first of equals wins, and they are in sequence.
            best = max(_overlapping(window, members), key=lambda other: results[other.key].earned)
            if results[best.key].program != results[window.key].program:
                beaten[window.key] = results[best.key].program
    return beaten
