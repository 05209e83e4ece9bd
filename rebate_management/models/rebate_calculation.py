"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import format_amount

from ..engine.growth import decide_growth
from ..engine.rounding import round_half_up
from ..engine.tiers import Measure, Outcome, decide
from .rebate_measure import NOTHING, Purchases, Window
from .rebate_tier import format_quantity, format_rate


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
                if any(rule._needs_quantity() for rule in program.rule_ids)
                else 0,
            )
        return results

    def _decide(self, rule, purchases, qualifying, baseline) -> RuleResult:
        """Decide what a rule pays on purchases, at the tier that qualifying purchases reach.

        :param baseline: what these are compared with, where growth reaches the tiers
        """
        unit = Decimal(str(rule.currency_id.rounding))
        tiers = rule.tier_ids.sorted("threshold")
        scale = tiers._to_engine()
        value = getattr(qualifying, rule._purchase_measure())
        outcome = self._outcome(rule, value, baseline, scale, purchases)
        earned = round_half_up(outcome.earned, unit)
        gain = to_next = Decimal(0)
        if outcome.following is not None and (baseline > 0 or not rule._is_growth()):
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

    # ------------------------------------------------------------------
    # Explanation
    # ------------------------------------------------------------------

    @api.model
    def _facts(self, result: RuleResult) -> dict:
        """Keep the reasons of a result in a form that can be stored and computed again: numbers
        as decimal text, money in the program's currency."""
        outcome = result.outcome
        rule = result.rule
        return {
            "method": rule.program_id.tier_method,
            "value_in": rule._threshold_measure(),
            "value": str(outcome.value),
            "baseline": str(result.baseline),
            "reward": rule.growth_reward if rule._is_growth() else "",
            "counted": rule._purchase_measure(),
            "amount": str(result.purchases.amount),
            "quantity": str(result.purchases.quantity),
            "unit": rule.program_id.uom_id.name or "",
            "limited": rule.program_id.measure,
            "max_measure": str(rule.max_measure),
            "lines": result.purchases.line_count,
            "scale": [
                {
                    "threshold": str(tier.threshold),
                    "rate": str(tier.rate),
                    "rate_type": tier.rate_type,
                }
                for tier in result.tiers._to_engine()
            ],
            "parts": [
                {
                    "threshold": str(part.threshold),
                    "rate": str(part.rate),
                    "rate_type": part.rate_type,
                    "base": str(part.base),
                    "rebate": str(part.rebate),
                }
                for part in outcome.parts
            ],
            "earned": str(result.earned),
        }

    @api.model
    def _explain_result(self, result: Result, currency) -> list[str]:
        """Say how the rebate of a window came about, rule by rule and as a whole.

        :return: sentences in the reader's language
        """
        sentences = [self._explain(self._facts(rule), currency) for rule in result.rules]
        total = sum((rule.earned for rule in result.rules), Decimal(0))
        return [*sentences, *self._explain_limits(total, result.earned, currency)]

    @api.model
    def _explain_limits(self, total, earned, currency) -> list[str]:
        """Say which of the program's limits changed what its rules add up to."""
        if currency.compare_amounts(float(total), float(earned)) > 0:
            sentence = self.env._("The program pays at most %(limit)s for the period.")
        elif currency.compare_amounts(float(total), float(earned)) < 0:
            sentence = self.env._("The program guarantees %(limit)s for the period.")
        else:
            return []
        return [sentence % {"limit": format_amount(self.env, float(earned), currency)}]

    @api.model
    def _explain(self, facts: dict, currency) -> str:
        """Say in one sentence how a rebate came about, in the reader's language and formats.

        :param facts: see :meth:`_facts`
        :param currency: the program's currency
        """

        if not facts:
            return ""
        if facts["reward"]:
            return self._explain_growth(facts, currency)
        value = self._explain_value(facts, facts["value"], currency)
        if not facts["scale"]:
            return self.env._("Purchases of %(value)s; there are no tiers.", value=value)
        threshold = facts["scale"][0]["threshold"]
        if Decimal(facts["value"]) < Decimal(threshold):
            return self.env._(
                "Purchases of %(value)s have not reached the first tier, %(threshold)s.",
                value=value,
                threshold=self._explain_value(facts, threshold, currency),
            )
        earned = format_amount(self.env, float(facts["earned"]), currency)
        parts = facts["parts"]
        if len(parts) == 1 and self._applies_to_all(facts, parts[0]):
            return self.env._(
                "Purchases of %(value)s reached the tier from %(threshold)s; %(rate)s on all of it"
                " = %(earned)s.",
                value=value,
                threshold=self._explain_value(facts, parts[0]["threshold"], currency),
                rate=self._explain_rate(parts[0], currency),
                earned=earned,
            )
        return self.env._(
            "Purchases of %(value)s: %(parts)s = %(earned)s.",
            value=value,
            parts=" + ".join(self._explain_part(facts, part, currency) for part in parts)
            or format_amount(self.env, 0, currency),
            earned=earned,
        )

    def _explain_growth(self, facts, currency):
        """The sentence of :meth:`_explain` where growth reaches the tiers."""
        values = {
            "purchases": self._explain_purchases(facts, facts[facts["counted"]], currency),
            "baseline": self._explain_purchases(facts, facts["baseline"], currency),
        }
        if Decimal(facts["baseline"]) <= 0:
            return self.env._(
                "Purchases of %(purchases)s: there is no baseline to compare them with, so no"
                " growth is rewarded.",
                **values,
            )
        values["growth"] = self._explain_value(facts, facts["value"], currency)
        if not facts["parts"]:
            return self.env._(
                "Purchases of %(purchases)s against a baseline of %(baseline)s, a growth of"
                " %(growth)s: no tier is reached.",
                **values,
            )
        return self.env._(
            "Purchases of %(purchases)s against a baseline of %(baseline)s, a growth of %(growth)s:"
            " %(parts)s = %(earned)s.",
            parts=" + ".join(self._explain_part(facts, part, currency) for part in facts["parts"]),
            earned=format_amount(self.env, float(facts["earned"]), currency),
            **values,
        )

    def _applies_to_all(self, facts, part):
        """Tell whether a part was paid on just the value that reached the tier."""
        paid_in = {"percent": "amount", "per_unit": "quantity"}.get(part["rate_type"])
        same = paid_in == facts["value_in"] and Decimal(part["base"]) == Decimal(facts["value"])
        return same and Decimal(facts[paid_in]) == Decimal(facts["value"])

    def _explain_value(self, facts, value, currency):
        """Write a value of what reaches the tiers: money, units or a growth."""
        if facts["value_in"] == "growth_percent":
            return format_rate(self.env, round(Decimal(value), 2), "percent", currency)
        return self._explain_purchases(facts, value, currency)

    def _explain_purchases(self, facts, value, currency):
        """Write what was bought, money or units."""
        if facts["counted"] == "amount":
            return format_amount(self.env, float(value), currency)
        return format_quantity(self.env, Decimal(value), facts["unit"])

    def _explain_rate(self, part, currency):
        return format_rate(self.env, Decimal(part["rate"]), part["rate_type"], currency)

    def _explain_part(self, facts, part, currency):
        """Write what one tier paid on: 5 % on 1,000.00 €, 0.20 € per unit on 70 kg, 500.00 €."""
        rate = self._explain_rate(part, currency)
        if part["rate_type"] == "fixed":
            return rate
        if part["rate_type"] == "percent":
            base = format_amount(self.env, float(part["base"]), currency)
        else:
            base = format_quantity(self.env, Decimal(part["base"]), facts["unit"])
        return self.env._("%(rate)s on %(base)s", rate=rate, base=base)
