"""What the tiers of a rule pay, as a chart tells it: steps of the rate, and the rebate over the
purchases as the engine decides it. Worked out from the rule as it is written at the moment, saved
or not, so that the chart follows while one types."""

from decimal import Decimal

from odoo.tools import format_amount

from ...engine.growth import REWARDS, decide_growth
from ...engine.qualifying import MEASURES
from ...engine.tiers import ZERO, Measure, decide
from ...tools.bounds import AMOUNT
from .tier_methods import TIER_METHODS

# What growth and targets are drawn over, where the agreement's own figure is not known.
EXAMPLE = Decimal(100000)
# How far the chart goes where the only tier is reached by the first purchase.
REACH = {True: Decimal(100), False: Decimal(10000)}
# Points between two tiers: a method of another addon need not be a straight line.
BETWEEN = 5


def tier_chart(rule):
    """Prepare the chart of a rule.

    :return: a dictionary that JSON can hold: ``x`` and ``unit``, what the chart runs over and how
        it is written; ``rate``, the steps as points, empty where rates of several kinds have no
        common axis; ``paid``, the points of the rebate, empty where it depends on more than is
        drawn over; ``note``, what was assumed; ``rows``, the same in words
    """
    scale = _scale(rule)
    if not scale:
        return {}
    tiers = [tier for _record, tier in scale]
    pays = _payer(rule, tiers)
    end = _end(rule, tiers)
    kinds = {tier.rate_type for tier in tiers}
    currency = rule.currency_id or rule.env.company.currency_id
    return {
        "x": _axis(rule),
        "unit": _unit(rule),
        # By which terms of the program it was drawn, which may have changed meanwhile.
        "method": rule.program_id.tier_method,
        "measure": rule.program_id.measure,
        "currency_id": currency.id,
        "kind": tiers[0].rate_type if len(kinds) == 1 else "",
        "rate": _steps(tiers, end) if len(kinds) == 1 else [],
        "paid": _line(pays, tiers, end) if pays else [],
        "note": _note(rule, currency) if pays else "",
        "rows": [
            {
                "threshold": record._format_threshold(),
                "rate": record._format_rate(),
                "paid": format_amount(rule.env, float(pays(tier.threshold, tiers)), currency)
                if pays
                else "",
            }
            for record, tier in scale
        ],
    }


def _scale(rule):
    """The tiers that a scale can have, sorted: of what is still wrong the row says why.

    :return: pairs of the record and the engine's tier
    """
    found = {}
    for tier in rule.tier_ids:
        if 0 <= tier.threshold <= AMOUNT.high and tier.rate >= 0:
            found.setdefault(tier.threshold, tier)
    records = rule.tier_ids.browse().concat(*(found[threshold] for threshold in sorted(found)))
    return list(zip(records, records._to_engine(), strict=True))


def _end(rule, tiers):
    """How far the chart goes."""
    end = tiers[-1].threshold * Decimal("1.3") or REACH[rule._is_in_percent()]
    if rule.max_measure and MEASURES[rule._threshold_measure()].is_itself:
        end = max(end, Decimal(str(rule.max_measure)) * Decimal("1.2"))
    return end


def _axis(rule):
    """What the chart runs over, in words."""
    if rule._is_growth():
        return rule.env._("Growth over the baseline")
    if rule._is_in_percent():
        return rule.env._("Purchases in percent of the target")
    if not rule._qualifies_by_own():
        return rule.env._("Purchases that choose the tier")
    return rule.env._("Purchases in a period")


def _unit(rule):
    """How values of the chart's axis are written: ``%``, ``money``, or the name of a unit."""
    if rule._is_in_percent():
        return "%"
    if rule._purchase_measure() == "amount":
        return "money"
    return rule.program_id.uom_id.name or ""


def _steps(tiers, end):
    points = [(tier.threshold, tier.rate) for tier in tiers]
    if tiers[0].threshold:
        points.insert(0, (ZERO, ZERO))
    return _points([*points, (end, tiers[-1].rate)])


def _line(pays, tiers, end):
    """The rebate over the purchases; at a threshold, where it may leap, once without the tier."""
    thresholds = [tier.threshold for tier in tiers]
    points = []
    for place, (start, stop) in enumerate(
        zip([ZERO, *thresholds], [*thresholds, end], strict=True)
    ):
        below = tiers[:place]
        points += [
            (value, pays(value, below))
            for value in (start + (stop - start) * step / BETWEEN for step in range(BETWEEN + 1))
        ]
    return _points(dict.fromkeys(points))


def _points(pairs):
    return [{"x": float(x), "y": round(float(y), 6)} for x, y in pairs]


def _payer(rule, tiers):
    """Find how the rebate follows from what the chart runs over.

    :return: a function of that value and of the tiers to which it is held; None where it depends on
        more: on prices, on other products, on each agreement's own purchases before
    """
    measure = rule._threshold_measure()
    kinds = {tier.rate_type for tier in tiers}
    counted = rule._purchase_measure()
    fits = kinds <= ({"percent", "fixed"} if counted == "amount" else {"per_unit", "fixed"})
    limit = Decimal(str(rule.max_measure or 0))
    limited = rule.program_id.measure or "amount"
    if not rule._qualifies_by_own() or not fits or (limit and limited != counted):
        return None

    def bought(value):
        found = Measure(value) if counted == "amount" else Measure(ZERO, value)
        return found.limited(limited, limit) if limit else found

    method = TIER_METHODS.get(rule.program_id.tier_method or "retroactive")
    against = MEASURES[measure].against
    if not against:
        return lambda value, scale: decide(value, scale, method.key, bought(value)).earned
    if not MEASURES[measure].in_percent or counted != "amount":
        return None
    goal = MEASURES[measure].goal
    if against == "target":
        return lambda value, scale: (
            decide(value, scale, method.key, bought(goal(value, EXAMPLE))).earned
        )
    reward = rule._reward()
    return lambda value, scale: (
        decide_growth(
            goal(value, EXAMPLE), EXAMPLE, scale, measure, reward, bought(goal(value, EXAMPLE))
        ).earned
        if reward in REWARDS
        else ZERO
    )


def _note(rule, currency):
    """Say what the rebate is drawn on, where that is no matter of the rule."""
    example = format_amount(rule.env, float(EXAMPLE), currency)
    if rule._is_growth():
        return rule.env._("Drawn for a baseline of %s.", example)
    if rule._is_in_percent():
        return rule.env._("Drawn for a target of %s.", example)
    return ""
