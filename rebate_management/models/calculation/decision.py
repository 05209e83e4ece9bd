"""What windows earn: each is offered the terms of its program, and the engine decides by these on
what was measured.

There may be as many windows as a program has distributors, times programs: what is asked of each is
read as plain rows, and an offer is collected once for all windows that have the same.
"""

from datetime import date
from decimal import Decimal

from odoo import fields

from ...engine.limits import limit
from ...engine.qualifying import MEASURES
from ...engine.rounding import round_half_up
from ...engine.tiers import ZERO
from ..measure.purchases import NOTHING, PurchaseKey
from .baseline import compare_with
from .case import Case, Days, Offer
from .dependencies import find_beaten, reductions_by_rule
from .result import Result, RuleResult
from .terms import days_in_period, limits_on


def decide_all(
    question, windows, reducing, shared, purchases, at_end=False
) -> dict[object, Result]:
    """Decide what every window earns, programs that reduce others first.

    :param question: what was measured, see :class:`~..measure.question.Question`
    :param windows: those of its windows that earn, the ones asked for and those they depend on
    :param reducing: who lowers whose amount, see :func:`~.dependencies.find_reducing`
    :param shared: on which part of their purchases, see :func:`~.dependencies.measure_shared`
    :param purchases: the answers, see ``rebate.measure._purchases``
    :param at_end: whether running periods are decided on as at their end
    :return: by window key, in the sequence of the programs
    """
    env = question.env
    offered = list(_offered(question, windows, at_end))

    def decide(beaten):
        results = {}
        for window, program, offer in offered:
            reductions = {}
            if others := reducing.get(window.key):
                reductions = reductions_by_rule(window, program, others, shared, results)
            results[window.key] = _decide(
                env, window, program, offer, purchases, reductions, beaten.get(window.key)
            )
        return results

    results = decide({})
    beaten = find_beaten(env, [window for window, *_offer in offered], results)
    # Who is not paid does not reduce others either: decide again, knowing that.
    return decide(beaten) if beaten else results


def _offered(question, windows, at_end):
    """Pair windows with their program and its offer, the first program first.

    :return: an iterator of ``(window, program, offer)``
    """
    env, enrolments, twins = question.env, question.enrolments, question.owners.twins
    by_program = {}
    for window in windows:
        by_program.setdefault(enrolments[window.agreement_id].program_id, []).append(window)
    own_tiers = {
        agreement.id: tiers
        for agreement, tiers in env["rebate.tier"]
        .search([("agreement_id", "in", list(enrolments))])
        .grouped("agreement_id")
        .items()
    }
    today = date.max if at_end else fields.Date.context_today(env["rebate.calculation"])
    for program in env["rebate.program"].browse(by_program)._in_sequence():
        offers = {}
        has_guarantee = bool(program.guaranteed_payout)
        for window in by_program[program.id]:
            *_whose, first, last, is_recut = enrolments[window.agreement_id]
            # Of no concern where nothing is guaranteed, so that periods share their offers.
            day = window.date_to
            if has_guarantee and not at_end:
                day = min(window.until or today, day)
            agreement_id = window.agreement_id
            whole, is_replaced = None, False
            if is_recut:
                whole = env["rebate.agreement"].browse(agreement_id)._kept_whole(window)
            if agreement_id in twins:
                agreement = env["rebate.agreement"].browse(agreement_id)
                is_replaced = agreement._is_replaced(window, twins[agreement_id])
            own = own_tiers.get(agreement_id)
            key = own, is_replaced, whole, day, first, last, window.date_from, window.date_to
            offer = offers.get(key)
            if offer is None:
                offer = offers[key] = _offer(program, window, own, day, is_replaced)
            yield window, program, offer


def _offer(program, window, own_tiers, day, is_replaced) -> Offer:
    """Collect by what a program pays in a window.

    :param own_tiers: those of the agreement, or None
    :param day: up to which a guarantee is owed
    :param is_replaced: whether an agreement of the same distributor has what the window asks for
    """
    agreement = program.env["rebate.agreement"].browse(window.agreement_id)
    runs = not is_replaced and agreement._runs_in(window)
    if runs:
        days = days_in_period(agreement, window)
    else:
        # A period that was paid before the agreement's dates moved away from it.
        days = Days(0, (window.date_to - window.date_from).days + 1)
    tiers = program.env["rebate.tier"]
    calculation = program.env["rebate.calculation"]
    return Offer(
        tuple(
            calculation._terms(rule, rule._tiers_for(own_tiers or tiers) if runs else tiers, days)
            for rule in program.rule_ids
        ),
        *limits_on(program, window, day, days),
    )


def _decide(env, window, program, offer, purchases, reductions, beaten_by) -> Result:
    """Decide what a window earns.

    :param reductions: by rule, see :func:`~.dependencies.reductions_by_rule`
    :param beaten_by: the program that pays instead, if there is one
    """
    key = window.key
    rules = []
    total = ZERO
    bought = purchases.get(PurchaseKey(key), NOTHING)
    unconverted, unmeasured, counts_units = bought.unconverted, bought.unmeasured, False
    for terms in offer.rules:
        target, compared_with = ZERO, None
        if terms.is_compared:
            target, compared_with = _compared(env, window, terms, purchases)
        qualifying = purchases.get(PurchaseKey(key, terms.qualifier_key), NOTHING)
        case = Case(
            terms,
            purchases=purchases.get(PurchaseKey(key, terms.rule_id), NOTHING),
            qualifying=qualifying,
            baseline=compared_with.value if compared_with else ZERO,
            target=target,
            reductions=tuple(reductions.get(terms.rule, ())) if reductions else (),
            compared_with=compared_with,
        )
        outcome = case.outcome()
        earned = round_half_up(outcome.earned, terms.coin)
        rules.append(RuleResult(case, outcome, earned))
        total += earned
        unconverted = max(unconverted, qualifying.unconverted)
        unmeasured = max(unmeasured, qualifying.unmeasured)
        counts_units = counts_units or terms.counts_units
    return Result(
        program=program,
        purchases=bought,
        rules=rules,
        earned=ZERO if beaten_by else limit(total, *offer.limits),
        unconverted=unconverted,
        unmeasured=unmeasured if counts_units else 0,
        limits=offer.limits,
        beaten_by=beaten_by,
        guarantee=offer.guarantee,
    )


def _compared(env, window, terms, purchases):
    """What reaches the tiers is compared with: a target, and what growth is over."""
    agreement = env["rebate.agreement"].browse(window.agreement_id)
    if terms.is_growth:
        return ZERO, compare_with(terms.rule, window, agreement, purchases, terms)
    if MEASURES[terms.value_in].against == "target":
        return terms.prorated(Decimal(str(agreement.target_amount)), terms.counted), None
    return ZERO, None
