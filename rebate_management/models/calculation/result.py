"""What a window earns, with its reasons: the engine's decisions beside the records they are of."""

from decimal import Decimal
from typing import NamedTuple

from ...engine.limits import limit
from ...engine.rounding import round_half_up
from ...engine.tiers import ZERO, Outcome
from ..measure.purchases import Purchases
from .case import Case, Guarantee


class RuleResult(NamedTuple):
    """What one rule earns in one window; ``earned`` is rounded money."""

    case: Case
    outcome: Outcome
    earned: Decimal

    @property
    def rule(self):
        """The rule."""
        return self.case.terms.rule

    @property
    def tiers(self):
        """The tiers that were applied, sorted."""
        return self.case.terms.tiers

    @property
    def purchases(self) -> Purchases:
        """What earns."""
        return self.case.purchases

    @property
    def tier(self):
        """The tier reached, or an empty recordset."""
        return self._tier_at(self.outcome.reached)

    @property
    def rate(self) -> Decimal:
        """The rate of the tier reached, as it was applied."""
        reached = self.outcome.reached
        return ZERO if reached is None else self.case.terms.scale[reached].rate

    @property
    def next_tier(self):
        """The tier that more purchases would reach, or an empty recordset."""
        return self._tier_at(self.outcome.following)

    @property
    def goal(self) -> Decimal:
        """The threshold of the next tier, or of the highest where it is reached; 0 without."""
        position = self.outcome.following
        if position is None:
            position = self.outcome.reached
        return ZERO if position is None else self.case.terms.scale[position].threshold

    @property
    def to_next(self) -> Decimal:
        """What must be bought to reach the next tier, in money or units, 0 where there is none."""
        case, following = self.case, self.outcome.following
        if following is None:
            return ZERO
        return case.goal(case.terms.scale[following].threshold) - case.value

    def earned_at_next(self) -> Decimal:
        """What the rule would earn with the next tier just reached, rounded."""
        if self.outcome.following is None:
            return self.earned
        goal = self.case.goal(self.case.terms.scale[self.outcome.following].threshold)
        return round_half_up(self.case.outcome_at(goal).earned, self.case.terms.coin)

    @property
    def decided(self) -> dict:
        """What of the facts of the rebate the terms alone do not tell, in a form that can be
        stored: numbers as decimal text, money in the program's currency."""
        case, outcome = self.case, self.outcome
        return {
            "value": str(outcome.value),
            "bought": str(case.value),
            "invoices": case.qualifying.invoice_count,
            "baseline": str(case.baseline),
            "target": str(case.target),
            "amount": str(case.purchases.amount),
            "reductions": [
                {"program": reduction.program.name, "amount": str(reduction.amount)}
                for reduction in case.reductions
            ],
            "quantity": str(case.purchases.quantity),
            # lines whose quantity is in no unit
            "unitless": case.terms.counts_units
            and bool(case.purchases.unitless or case.qualifying.unitless),
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
            "earned": str(self.earned),
            **(case.compared_with.facts if case.compared_with else {}),
        }

    @property
    def trace(self) -> str:
        """What :attr:`decided` tells, as a text that is made fast: of two results by the same terms
        it is the same where what was decided is."""
        case, outcome = self.case, self.outcome
        text = (
            f"{outcome.value!s}|{case.value!s}|{case.qualifying.invoice_count}|{case.baseline!s}"
            f"|{case.target!s}|{case.purchases.amount!s}|{case.purchases.quantity!s}"
            f"|{case.purchases.unitless or case.qualifying.unitless}|{self.earned!s}"
        )
        for part in outcome.parts:
            text += f"|{part.threshold!s} {part.base!s}"
        for reduction in case.reductions:
            text += f"|{reduction.program.name} {reduction.amount!s}"
        if case.compared_with:
            text += f"|{case.compared_with.facts}"
        return text

    @property
    def facts(self) -> dict:
        """The reasons of the rebate, enough to compute it again: the terms, and what they decided
        on."""
        return {**self.case.terms.facts, **self.decided}

    def tier_id_at(self, position: int | None) -> int | None:
        """The id of the tier at a position of the scale."""
        return None if position is None else self.case.terms.tier_ids[position]

    def _tier_at(self, position):
        return self.tiers.browse() if position is None else self.tiers[position]


class Result(NamedTuple):
    """What one window earns: the purchases that count for any rule, each rule's result, and the
    rebate of all together within the program's limits, rounded money in its currency.

    ``limits`` are the greatest and the guaranteed rebate of the period, while it runs what of its
    ``guarantee`` is owed by now; ``beaten_by`` is the
    program that pays instead, where only the best of a group pays; ``unconverted`` and
    ``unmeasured`` are those of the purchases, qualifying ones included;
    ``expected`` is what the whole period will earn by the facts of ``forecast``, and ``at_end`` the
    decision on the purchases of the whole of it, where they were asked for."""

    program: object
    purchases: Purchases
    rules: list[RuleResult]
    earned: Decimal
    unconverted: int
    unmeasured: int
    limits: tuple[Decimal, Decimal] = (ZERO, ZERO)
    beaten_by: object = None
    expected: Decimal | None = None
    forecast: dict | None = None
    guarantee: Guarantee | None = None
    at_end: object = None

    @property
    def total(self) -> Decimal:
        """What the rules add up to, before the program's limits."""
        return sum((rule.earned for rule in self.rules), ZERO)

    @property
    def nearest(self) -> RuleResult | None:
        """The rule whose next tier is nearest, or any rule where none has a next tier."""
        if len(self.rules) == 1:
            return self.rules[0]
        return min(self.rules, key=lambda rule: (not rule.next_tier, rule.to_next), default=None)

    def rule_result(self, rule) -> RuleResult | None:
        """What one of the rules earns."""
        return next((part for part in self.rules if part.rule == rule), None)

    @property
    def facts(self) -> dict:
        """The reasons of the whole, as ``decided`` tells those of a rule; none where what the rules
        earned is all there is to tell."""
        if not (any(self.limits) or self.guarantee or self.beaten_by or self.forecast):
            return {}
        max_payout, guaranteed_payout = self.limits
        return {
            "max_payout": str(max_payout),
            "guaranteed_payout": str(guaranteed_payout),
            **self._guaranteed_by_days,
            "total": str(self.total),
            "earned": str(self.earned),
            "beaten_by": self.beaten_by.name if self.beaten_by else "",
            "forecast": self.forecast,
        }

    @property
    def _guaranteed_by_days(self):
        if not self.guarantee:
            return {}
        whole, days = self.guarantee
        return {"guarantee": {"whole": str(whole), "days": list(days)}}

    def share_of(self, rule: RuleResult) -> Decimal:
        """The part of the rebate, after the program's limits, that a rule earned; where only the
        guarantee is paid, the part that its purchases are of all. Unrounded."""
        if self.total:
            return self.earned * rule.earned / self.total
        bought = sum((part.purchases.amount for part in self.rules), ZERO)
        return self.earned * rule.purchases.amount / bought if bought else ZERO

    def gain(self, rule: RuleResult) -> Decimal:
        """What reaching the next tier of a rule would add to the rebate of the period."""
        if self.beaten_by:
            return ZERO
        total = self.total + rule.earned_at_next() - rule.earned
        return limit(total, *self.limits) - self.earned
