"""Live progress: what the running period of an agreement has earned as of now, measured from the
invoices each time it is shown and never stored, so that it is never stale."""

import logging
from decimal import Decimal

from odoo import fields
from odoo.tools import format_amount, format_date

from ...tools.apart import apart
from ...tools.formats import format_number, format_period, format_rate
from ..measure.purchases import Window

_logger = logging.getLogger(__name__)


def live_figures(agreements):
    """Measure and decide the running period of each agreement that has one, all at once; should one
    program fail, each by itself.

    :return: by agreement, ``((first day, last day), Result)``; and by agreement of which there is
        no result, a sentence that says why
    """
    today = fields.Date.context_today(agreements)
    periods = {
        agreement: period
        for agreement in agreements.filtered("id")
        if agreement.state == "active"
        and agreement.program_id.state == "active"
        and (period := agreement._period_on(today))
    }
    found, problems = {}, {}
    for some, results, error in apart(
        agreements.browse(agreement.id for agreement in periods),
        lambda some: _calculate(some, periods),
    ):
        if error:
            _logger.info("%s cannot be computed", some.program_id, exc_info=error)
            problems |= dict.fromkeys(some, some.program_id._error_message(error))
        else:
            found |= {agreement: (periods[agreement], results[agreement.id]) for agreement in some}
    return found, problems


def prepare_current_vals(agreement, period, result) -> dict:
    """Values of an agreement's fields ``current_…``.

    :param period: ``(first day, last day)`` of the running period, or None
    :param result: what was decided for it, see :class:`Result`, or None
    """
    shown = result.nearest if result else None
    if not shown:
        return dict.fromkeys(
            (name for name in agreement._fields if name.startswith("current_")), False
        )
    steps = prepare_steps(agreement.env, result)
    highest = steps["tiers"][-1]["threshold"] if steps["tiers"] else 0
    calculation = agreement.env["rebate.calculation"]
    currency = agreement.currency_id
    return {
        "current_period": format_period(agreement.env, *period),
        "current_date_from": period[0],
        "current_date_to": period[1],
        "current_measured_amount": float(result.purchases.amount),
        "current_earned_amount": float(result.earned),
        "current_expected_amount": float(
            result.earned if result.expected is None else result.expected
        ),
        "current_expected_explanation": calculation._explain_forecast(result.forecast, currency),
        "current_tier_id": shown.tier.id,
        "current_next_tier_id": shown.next_tier.id,
        "current_to_next_tier": float(shown.to_next),
        "current_missing": shown.rule._format_purchases(shown.to_next)
        if shown.next_tier
        else False,
        "current_next_gain": float(result.gain(shown)),
        "current_worth_saying": say_next(agreement.env, shown, result.gain(shown), period[1]),
        "current_progress": 100
        * (min(1, max(0, steps["value"] / highest)) if highest > 0 else bool(shown.tier)),
        "current_steps": steps,
        "current_explanation": "\n".join(calculation._explain_result(result, currency)),
    }


def say_next(env, rule_result, worth, date_to) -> str:
    """What is worth saying on a call: how much more earns how much, and until when.

    :param rule_result: see :class:`RuleResult`
    :param worth: what reaching its next tier adds, in the program's currency
    :param date_to: last day of the period
    :return: nothing where there is no next tier
    """
    rule = rule_result.rule
    if not rule_result.next_tier or rule_result.to_next <= 0:
        return ""
    goal = rule_result.case.goal(rule_result.goal)
    return word_next(env, rule, rule_result.to_next, goal, worth, date_to)


def word_next(env, rule, missing, goal, worth, date_to) -> str:
    """As :func:`say_next`, of the bare numbers."""
    if worth > 0:
        return env._(
            "%(missing)s more by %(day)s earn %(worth)s",
            missing=rule._format_purchases(missing),
            day=format_date(env, date_to),
            worth=format_amount(env, float(worth), rule.currency_id),
        )
    return env._(
        "%(missing)s more by %(day)s reach the tier from %(goal)s",
        missing=rule._format_purchases(missing),
        day=format_date(env, date_to),
        goal=rule._format_purchases(goal),
    )


def prepare_steps(env, result) -> dict:
    """What a progress bar shows of the rule whose next tier is nearest: the whole way from nothing
    to the highest tier, in what must be bought to reach the tiers.

    :param result: see :class:`Result`
    :return: ``value`` and ``forecast`` of the purchases, ``scale``, what the bar ends at, and
        ``tiers``: ``threshold``, ``label``, ``rate`` and ``reached`` of each; labels in the
        reader's format
    """
    shown = result.nearest
    case, rule, currency = shown.case, shown.rule, result.program.currency_id
    goals = case.goals
    reached = -1 if shown.outcome.reached is None else shown.outcome.reached
    tiers = [
        {
            "threshold": float(goal),
            "label": format_number(env, Decimal(str(round(float(goal), 2)))),
            "rate": format_rate(env, tier.rate, tier.rate_type, currency),
            "reached": place <= reached,
        }
        for place, (tier, goal) in enumerate(zip(case.terms.scale, goals, strict=False))
    ]
    at_end = result.at_end.rule_result(rule) if result.at_end else None
    foreseen = max(at_end.case.value if at_end else case.value, case.value)
    highest = goals[-1] if goals else 0
    return {
        "value": float(case.value),
        "value_label": rule._format_purchases(case.value),
        "scale": float(max(highest, case.value) or foreseen),
        "tiers": tiers,
        "forecast": float(foreseen),
        "forecast_label": env._("%s expected", rule._format_purchases(foreseen)),
        "rule": rule.display_name if len(result.rules) > 1 else "",
        "text": _steps_in_words(env, shown),
    }


def _steps_in_words(env, shown):
    """What a progress bar tells whoever does not see it."""
    rule, bought = shown.rule, shown.rule._format_purchases(shown.case.value)
    tier = shown.next_tier or shown.tier
    if not tier or not shown.case.goals:
        return env._("%s bought", bought)
    goal = shown.case.goal(shown.goal)
    if shown.next_tier:
        return env._(
            "%(bought)s bought; %(missing)s more reach the tier from %(goal)s",
            bought=bought,
            missing=rule._format_purchases(shown.to_next),
            goal=rule._format_purchases(goal),
        )
    return env._(
        "%(bought)s bought; the highest tier, from %(goal)s, is reached",
        bought=bought,
        goal=rule._format_purchases(goal),
    )


def _calculate(agreements, periods):
    """Decide the running periods, with all that is shown of them.

    :param periods: ``(first day, last day)`` by agreement
    :return: results by agreement id
    """
    results = agreements.env["rebate.calculation"]._calculate(
        [Window(agreement.id, agreement.id, *periods[agreement]) for agreement in agreements],
        forecast=True,
    )
    for result in results.values():
        # What a next tier out of range would add is told by no number.
        for rule in result.rules:
            result.gain(rule)
    return results
