"""What is wrong with the tiers of a rule, said while they are typed: the same that refuses them
when they are saved, and what is allowed but hardly meant."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

from ...tools.bounds import PERCENT
from ...tools.formats import format_number


def tier_problems(rule):
    """List what is wrong with the tiers of a rule.

    :return: dictionaries of ``threshold`` (of the row, None: of all), ``message``, and
        ``is_error``, whether it keeps the rule from being saved
    """
    if not rule.tier_ids:
        return [
            _problem(
                None,
                rule.env._(
                    "There is no tier, so nothing would ever be paid. Add one with its threshold"
                    " and rate."
                ),
            )
        ]
    problems = [*_twice(rule)]
    for tier in rule.tier_ids:
        problems += _of_tier(tier)
    if not any(problem["is_error"] for problem in problems):
        problems += _unlikely(rule)
    return problems


def _problem(tier, message, is_error=True):
    return {
        "threshold": tier.threshold if tier else None,
        "message": message,
        "is_error": is_error,
    }


def _twice(rule):
    tiers = {tier.threshold: tier for tier in rule.tier_ids}
    for threshold, count in Counter(rule.tier_ids.mapped("threshold")).items():
        if count > 1:
            tier = tiers[threshold]
            yield _problem(
                tier,
                rule.env._(
                    "%(count)s tiers begin at %(threshold)s. Change the threshold of all but one,"
                    " or delete them.",
                    count=count,
                    threshold=tier._format_threshold(),
                ),
            )


def _of_tier(tier):
    env = tier.env
    where = tier._format_threshold()
    if tier.threshold < 0:
        yield _problem(
            tier,
            env._(
                "The threshold %s is negative. Enter the purchases from which the tier is reached,"
                " 0 for the first.",
                where,
            ),
        )
    if tier.rule_id._is_in_percent() and tier.threshold > PERCENT.high:
        yield _problem(
            tier,
            env._(
                "The tier from %(threshold)s cannot be reached. Enter %(high)s %% or less.",
                threshold=where,
                high=format_number(env, Decimal(str(PERCENT.high))),
            ),
        )
    if tier.rate < 0:
        yield _problem(tier, env._("The tier from %s has a negative rate. Enter 0 or more.", where))
    if tier.rate_type == "percent" and tier.rate > 100:
        yield _problem(
            tier,
            env._(
                "The tier from %(threshold)s pays %(rate)s, more than what was bought. Enter a"
                " number from 0 to 100.",
                threshold=where,
                rate=tier._format_rate(),
            ),
        )


def _unlikely(rule):
    """Tell what can be saved, but is hardly meant."""
    env = rule.env
    typed = rule.tier_ids.mapped("threshold")
    if typed != sorted(typed):
        yield _problem(
            None,
            env._(
                "The tiers are not in the order of their thresholds. They apply in that order, and"
                " are sorted once they are saved."
            ),
            is_error=False,
        )
    tiers = rule.tier_ids.sorted("threshold")
    for tier in tiers:
        # A tier of nothing may be the bottom of a scale.
        if not tier.rate and (tier != tiers[0] or len(tiers) == 1):
            yield _problem(
                tier,
                env._("The tier from %s pays nothing. Enter its rate.", tier._format_threshold()),
                is_error=False,
            )
    for low, high in pairwise(tiers):
        if low.rate_type == high.rate_type and 0 < high.rate < low.rate:
            yield _problem(
                high,
                env._(
                    "The tier from %(threshold)s pays %(rate)s, less than the tier below it with"
                    " %(lower)s.",
                    threshold=high._format_threshold(),
                    rate=high._format_rate(),
                    lower=low._format_rate(),
                ),
                is_error=False,
            )
