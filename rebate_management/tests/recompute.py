"""Computes a rebate again from its facts alone: neither Odoo nor the engine, in fractions.

What an auditor would do with the stored JSON and the words of the design.
"""

from fractions import Fraction
from math import floor


def rule_earned(facts):
    """What a rule earned, from the facts of an accrual line, rounded half-up."""
    paid = {
        "percent": Fraction(facts["amount"])
        - sum(Fraction(reduction["amount"]) for reduction in facts["reductions"]),
        "per_unit": Fraction(facts["quantity"]),
    }
    value, method = Fraction(facts["bought"]), facts["method"]
    if facts["reward"]:
        baseline = Fraction(facts["baseline"])
        if baseline <= 0:
            return Fraction(0)
        excess = max(value - baseline, 0)
        if facts["reward"] != "all" and value > 0:
            paid = {kind: measure * excess / value for kind, measure in paid.items()}
        method = "incremental" if facts["reward"] == "band" else "retroactive"
        value -= baseline
        if facts["value_in"] == "growth_percent":
            value = value * 100 / baseline
    elif facts["value_in"] == "target_percent":
        target = Fraction(facts["target"])
        if target <= 0:
            return Fraction(0)
        value = value * 100 / target
    kept = _kept(facts, paid)
    return _half_up(_scale_pays(facts["scale"], method, value, kept, paid), facts["coin"])


def period_earned(facts, lines):
    """What a period earned, from its own facts and those of its lines."""
    total = sum((rule_earned(line) for line in lines), Fraction(0))
    if not facts:
        return total
    if facts["beaten_by"]:
        return Fraction(0)
    if Fraction(facts["max_payout"]):
        total = min(total, Fraction(facts["max_payout"]))
    guaranteed = Fraction(facts["guaranteed_payout"])
    if by_days := facts.get("guarantee"):
        passed, of_days = by_days["days"]
        coin = lines[0]["coin"] if lines else "0.01"
        by_now = _half_up(Fraction(by_days["whole"]) * passed / of_days, coin)
        assert guaranteed == by_now, facts
    return max(total, guaranteed)


def _kept(facts, paid):
    """The part of everything that may earn."""
    measured = paid["percent" if facts["limited"] == "amount" else "per_unit"]
    most = Fraction(facts["max_measure"])
    return most / measured if most and measured > most else Fraction(1)


def _scale_pays(scale, method, value, kept, paid):
    reached = [tier for tier in scale if Fraction(tier["threshold"]) <= value]
    earned = Fraction(0)
    for place, tier in enumerate(reached):
        is_highest = place == len(reached) - 1
        if method == "retroactive" and not is_highest:
            continue
        begin, end = Fraction(tier["threshold"]), value * kept
        if method in ("rolling", "incremental") and not is_highest:
            end = min(end, Fraction(reached[place + 1]["threshold"]))
        span = max(end - begin, 0) if method == "incremental" else end
        # A tier from zero on may be reached by nothing at all: all that may earn does.
        share = span / value if value else kept
        earned += _tier_pays(tier, share, paid)
    return earned


def _tier_pays(tier, share, paid):
    rate = Fraction(tier["rate"])
    if tier["rate_type"] == "fixed":
        return rate
    measure = max(paid[tier["rate_type"]], 0)
    return measure * share * rate / (100 if tier["rate_type"] == "percent" else 1)


def _half_up(value, coin):
    coin = Fraction(coin)
    rounded = floor(abs(value) / coin + Fraction(1, 2)) * coin
    return rounded if value >= 0 else -rounded
