"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models

from ..engine.growth import decide_growth
from ..engine.rounding import round_half_up
from ..engine.tiers import Measure, Outcome, decide
from .rebate_measure import NOTHING, Purchases, Window


class RuleResult(NamedTuple):
    """What one rule earns in one window. ``tiers`` is the scale that was applied, sorted;
    ``earned`` and ``gain`` (what reaching the next tier would add) are rounded money; ``to_next``
    is what must be bought for it, in money or units, 0 where there is no next tier; ``baseline``
    is what growth was compared with."""

    rule: models.Model
    tiers: models.Model
    purchases: Purchases
    outcome: Outcome
    earned: Decimal
    gain: Decimal
    to_next: Decimal
    baseline: Decimal

    @property
    def tier(self):
        """The tier reached, or an empty recordset."""
        return self._tier_at(self.outcome.reached)

    @property
    def next_tier(self):
        """The tier that more purchases would reach, or an empty recordset."""
        return self._tier_at(self.outcome.following)

    def _tier_at(self, position):
        return self.tiers.browse() if position is None else self.tiers[position]


class Result(NamedTuple):
    """What one window earns: the purchases that count for any rule, each rule's result, and the
    rebate of all together within the program's limits, rounded money in its currency.

    ``unconverted`` and ``unmeasured`` are those of the purchases, qualifying ones included."""

    purchases: Purchases
    rules: list[RuleResult]
    earned: Decimal
    unconverted: int
    unmeasured: int

    @property
    def total(self) -> Decimal:
        """What the rules add up to, before the program's limits."""
        return sum((rule.earned for rule in self.rules), Decimal(0))

    @property
    def nearest(self) -> RuleResult | None:
        """The rule whose next tier is nearest, or any rule where none has a next tier."""
        return min(self.rules, key=lambda rule: (not rule.next_tier, rule.to_next), default=None)


class RebateCalculation(models.AbstractModel):
    _name = "rebate.calculation"
    _description = "Calculation of Rebates"

    @api.model
    def _calculate(self, windows: Iterable[Window]) -> dict[int, Result]:
        """Decide what agreements earn in the given windows, all at once.

        :param windows: agreements and dates, see :class:`Window`
        :return: a result for every window, by its key
        """
        windows = list(windows)
        agreements = self.env["rebate.agreement"].browse(w.agreement_id for w in windows)
        past = [
            baseline
            for window, agreement in zip(windows, agreements, strict=True)
            for rule in agreement.program_id.rule_ids
            if rule._is_growth()
            for baseline in rule._baseline_windows(window)
        ]
        purchases = self.env["rebate.measure"]._purchases([*windows, *past])
        results = {}
        for window, agreement in zip(windows, agreements, strict=True):
            program = agreement.program_id
            rules = [
                self._decide(
                    rule,
                    agreement._tiers(rule),
                    purchases.get((window.key, rule.id), NOTHING),
                    purchases.get((window.key, rule._qualifier_key()), NOTHING),
                    rule._baseline(window, agreement, purchases)
                    if rule._is_growth()
                    else Decimal(0),
                )
                for rule in program.rule_ids
            ]
            total = sum((rule.earned for rule in rules), Decimal(0))
            earned = program._limit(total)
            bought = [
                purchases.get((window.key, key), NOTHING)
                for key in (None, *(rule._qualifier_key() for rule in program.rule_ids))
            ]
            results[window.key] = Result(
                bought[0],
                [rule._replace(gain=program._limit(total + rule.gain) - earned) for rule in rules],
                earned,
                max(part.unconverted for part in bought),
                max(part.unmeasured for part in bought)
                if any(result.rule._needs_quantity(result.tiers) for result in rules)
                else 0,
            )
        return results

    def _decide(self, rule, tiers, purchases, qualifying, baseline) -> RuleResult:
        """Decide what a rule pays on purchases, at the tier that qualifying purchases reach.

        :param baseline: what these are compared with, where growth reaches the tiers
        """
        unit = Decimal(str(rule.currency_id.rounding))
        scale = tiers._to_engine()
        value = getattr(qualifying, rule._purchase_measure())
        outcome = self._outcome(rule, value, baseline, scale, purchases)
        earned = round_half_up(outcome.earned, unit)
        gain = to_next = Decimal(0)
        if outcome.following is not None:
            goal = self._goal(rule, scale[outcome.following].threshold, baseline)
            to_next = goal - value
            then = self._purchases_at(rule, purchases, value, goal)
            at_next = self._outcome(rule, goal, baseline, scale, then)
            gain = round_half_up(at_next.earned, unit) - earned
        return RuleResult(rule, tiers, purchases, outcome, earned, gain, to_next, baseline)

    def _goal(self, rule, threshold, baseline):
        """What must have been bought in the period to reach a threshold, in money or units."""
        return {
            "growth_percent": baseline + baseline * threshold / 100,
            "growth_amount": baseline + threshold,
        }.get(rule._threshold_measure(), threshold)

    def _purchases_at(self, rule, purchases, value, goal):
        """Guess what will have been bought when the tiers' measure reaches a goal: the same things
        at the same prices, or nothing more of them where other products choose the tier."""
        if rule.qualifier != "rule":
            return purchases
        if value <= 0:
            # No price to guess from; what is measured itself grows all the same.
            return purchases._replace(**{rule._purchase_measure(): goal})
        return purchases._replace(
            amount=purchases.amount * goal / value, quantity=purchases.quantity * goal / value
        )

    def _outcome(self, rule, value, baseline, scale, purchases) -> Outcome:
        measure = Measure(purchases.amount, purchases.quantity)
        if rule.max_measure:
            measure = measure.limited(rule.program_id.measure, Decimal(str(rule.max_measure)))
        if rule._is_growth():
            kind = rule._threshold_measure()
            return decide_growth(value, baseline, scale, kind, rule.growth_reward, measure)
        return decide(value, scale, rule.program_id.tier_method, measure)
