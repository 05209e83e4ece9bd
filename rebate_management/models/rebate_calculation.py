"""Between the models and the engine: purchases are measured, the engine decides, and the
decision is kept with its reasons. Nothing is stored here."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import format_amount

from ..engine.rounding import round_half_up
from ..engine.tiers import Measure, Outcome, decide
from .rebate_measure import NOTHING, Purchases, Window
from .rebate_tier import format_rate


class RuleResult(NamedTuple):
    """What one rule earns in one window. ``tiers`` is the scale that was applied, sorted;
    ``earned`` and ``gain`` (what reaching the next tier would add) are rounded money."""

    rule: models.Model
    tiers: models.Model
    purchases: Purchases
    outcome: Outcome
    earned: Decimal
    gain: Decimal

    @property
    def tier(self):
        """The tier reached, or an empty recordset."""
        return self._tier_at(self.outcome.reached)

    @property
    def next_tier(self):
        """The tier that more purchases would reach, or an empty recordset."""
        return self._tier_at(self.outcome.following)

    @property
    def to_next(self) -> Decimal:
        """What is missing to the next tier; 0 where there is none."""
        if self.outcome.following is None:
            return Decimal(0)
        return Decimal(str(self.next_tier.threshold)) - self.outcome.value

    def _tier_at(self, position):
        return self.tiers.browse() if position is None else self.tiers[position]


class Result(NamedTuple):
    """What one window earns: the purchases that count for any rule, each rule's result, and the
    rebate of all together within the program's limits, rounded money in its currency."""

    purchases: Purchases
    rules: list[RuleResult]
    earned: Decimal

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
        purchases = self.env["rebate.measure"]._purchases(windows)
        agreements = self.env["rebate.agreement"].browse(w.agreement_id for w in windows)
        results = {}
        for window, agreement in zip(windows, agreements, strict=True):
            program = agreement.program_id
            rules = [
                self._decide(agreement, rule, purchases.get((window.key, rule.id), NOTHING))
                for rule in program.rule_ids
            ]
            total = sum((rule.earned for rule in rules), Decimal(0))
            earned = program._limit(total)
            results[window.key] = Result(
                purchases.get((window.key, None), NOTHING),
                [rule._replace(gain=program._limit(total + rule.gain) - earned) for rule in rules],
                earned,
            )
        return results

    def _decide(self, agreement, rule, purchases) -> RuleResult:
        unit = Decimal(str(agreement.currency_id.rounding))
        method = agreement.program_id.tier_method
        tiers = rule.tier_ids.sorted("threshold")
        scale = tiers._to_engine()
        outcome = self._outcome(rule, purchases.amount, scale, method)
        earned = round_half_up(outcome.earned, unit)
        gain = Decimal(0)
        if outcome.following is not None:
            at_next = self._outcome(rule, scale[outcome.following].threshold, scale, method)
            gain = round_half_up(at_next.earned, unit) - earned
        return RuleResult(rule, tiers, purchases, outcome, earned, gain)

    def _outcome(self, rule, amount, scale, method) -> Outcome:
        measure = Measure(amount)
        if rule.max_measure:
            measure = measure.limited("amount", Decimal(str(rule.max_measure)))
        return decide(amount, scale, method, measure)

    # ------------------------------------------------------------------
    # Explanation
    # ------------------------------------------------------------------

    @api.model
    def _facts(self, result: RuleResult) -> dict:
        """Keep the reasons of a result in a form that can be stored and computed again: numbers
        as decimal text, money in the program's currency."""
        outcome = result.outcome
        return {
            "method": result.rule.program_id.tier_method,
            "value": str(outcome.value),
            "max_measure": str(result.rule.max_measure or 0),
            "lines": result.purchases.line_count,
            "scale": [
                {"threshold": str(tier.threshold), "rate": str(tier.rate)}
                for tier in result.tiers._to_engine()
            ],
            "parts": [
                {
                    "threshold": str(part.threshold),
                    "rate": str(part.rate),
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

        def money(text):
            return format_amount(self.env, float(text), currency)

        def percent(text):
            return format_rate(self.env, Decimal(text))

        if not facts:
            return ""
        parts = facts["parts"]
        if not parts and not facts["scale"]:
            return self.env._(
                "Purchases of %(value)s; there are no tiers.", value=money(facts["value"])
            )
        if not parts:
            return self.env._(
                "Purchases of %(value)s have not reached the first tier, %(threshold)s.",
                value=money(facts["value"]),
                threshold=money(facts["scale"][0]["threshold"]),
            )
        if len(parts) == 1 and Decimal(parts[0]["base"]) == Decimal(facts["value"]):
            return self.env._(
                "Purchases of %(value)s reached the tier from %(threshold)s; %(rate)s %% on all"
                " of it = %(earned)s.",
                value=money(facts["value"]),
                threshold=money(parts[0]["threshold"]),
                rate=percent(parts[0]["rate"]),
                earned=money(facts["earned"]),
            )
        return self.env._(
            "Purchases of %(value)s: %(parts)s = %(earned)s.",
            value=money(facts["value"]),
            parts=" + ".join(
                self.env._(
                    "%(rate)s %% on %(base)s", rate=percent(part["rate"]), base=money(part["base"])
                )
                for part in parts
            ),
            earned=money(facts["earned"]),
        )
