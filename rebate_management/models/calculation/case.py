"""What a rule decides on, as the engine's exact numbers: its terms for one agreement, and the
purchases that meet them."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from ...engine.growth import decide_growth
from ...engine.prorate import prorate
from ...engine.qualifying import MEASURES
from ...engine.tiers import ZERO, Measure, Outcome, Tier, decide
from ..measure.purchases import Purchases
from ..program.qualifiers import QUALIFIERS

# What is not money is counted and shown with four decimals.
QUANTITY_UNIT = Decimal("0.0001")


class Days(NamedTuple):
    """How many days of a whole period count where an agreement starts or ends within it."""

    count: int
    of: int


@dataclass(frozen=True, eq=False)
class Terms:
    """What a rule pays by. ``tiers`` are the records of ``scale``, both sorted by threshold;
    ``value_in`` is what the thresholds are in and ``counted`` what must be bought to reach them;
    ``limited`` is the measure of which at most ``max_measure`` earns (0: no limit); ``coin`` the
    smallest coin of the program's currency; ``days`` are set where the terms are pro rata;
    ``counts_units`` tells whether a quantity chooses a tier or is paid for; ``basis`` is that of
    the program where it counts no invoice lines, else empty."""

    rule: object
    tiers: object
    scale: tuple[Tier, ...]
    method: str
    value_in: str
    counted: str
    qualifier_key: object
    reward: str
    limited: str
    max_measure: Decimal
    coin: Decimal
    uom: str
    days: Days | None
    counts_units: bool
    basis: str = ""

    @property
    def is_growth(self) -> bool:
        """Tell whether growth over a baseline reaches the tiers."""
        return bool(self.reward)

    @cached_property
    def is_compared(self) -> bool:
        """Tell whether anything but the purchases themselves reaches the tiers: most often what
        is compared with a baseline or a target."""
        return self.is_growth or not MEASURES[self.value_in].is_itself

    @cached_property
    def rule_id(self) -> int:
        """The id of the rule."""
        return self.rule.id

    @cached_property
    def tier_ids(self) -> tuple[int, ...]:
        """The ids of the tiers, in the order of the scale."""
        return tuple(self.tiers.ids)

    @cached_property
    def facts(self) -> dict:
        """What of the terms is kept with each rebate, see the facts of :class:`RuleResult`."""
        return {
            "method": self.method,
            "value_in": self.value_in,
            "counted": self.counted,
            "reward": self.reward,
            "unit": self.uom,
            "limited": self.limited,
            "max_measure": str(self.max_measure),
            "days": list(self.days) if self.days else None,
            "scale": [
                {
                    "threshold": str(tier.threshold),
                    "rate": str(tier.rate),
                    "rate_type": tier.rate_type,
                }
                for tier in self.scale
            ],
            "coin": str(self.coin),
            **({"basis": self.basis} if self.basis else {}),
        }

    def prorated(self, value: Decimal, measure: str) -> Decimal:
        """Lower a value of the whole period to its share of the days.

        :param measure: ``amount`` or ``quantity``
        """
        if not self.days:
            return value
        return prorate(value, *self.days, self.coin if measure == "amount" else QUANTITY_UNIT)


class Guarantee(NamedTuple):
    """What a running period is guaranteed: the ``whole`` at its end, owed by the ``days``."""

    whole: Decimal
    days: Days


class Offer(NamedTuple):
    """By what a program pays in a window: the terms of each rule, and the greatest and the
    guaranteed rebate of the period, in the program's currency; of a running period what is
    guaranteed by now, and of which ``guarantee`` that is the part."""

    rules: tuple[Terms, ...]
    limits: tuple[Decimal, Decimal]
    guarantee: Guarantee | None = None


class Years(NamedTuple):
    """Of how many of the years asked for an average was taken, others being empty."""

    count: int
    of: int


class Baseline(NamedTuple):
    """What growth is compared with, in money or units. ``days`` are set where it is the part of
    the period before, ``whole``, for as many days as are compared with it; ``years`` where empty
    years were left out of an average."""

    value: Decimal
    days: Days | None = None
    whole: Decimal = ZERO
    years: Years | None = None

    @property
    def facts(self) -> dict:
        """How it came about, where that is more than a value."""
        facts = {}
        if self.days:
            facts["baseline_days"] = [*self.days, str(self.whole)]
        if self.years:
            facts["baseline_years"] = list(self.years)
        return facts


class Reduction(NamedTuple):
    """By how much a program that comes first lowers the amount that earns."""

    program: object
    amount: Decimal


class Case(NamedTuple):
    """What a rule decides on: the purchases that earn, the qualifying value with its invoices,
    and what that is compared with. All amounts are in the program's currency."""

    terms: Terms
    purchases: Purchases
    qualifying: Purchases
    baseline: Decimal
    target: Decimal
    reductions: tuple[Reduction, ...] = ()
    compared_with: Baseline | None = None

    @property
    def value(self) -> Decimal:
        """What was bought of what must be bought to reach the tiers."""
        return getattr(self.qualifying, self.terms.counted)

    def outcome(self) -> Outcome:
        """Ask the engine."""
        return self._outcome(self.value, self.purchases)

    def outcome_at(self, goal: Decimal) -> Outcome:
        """Ask the engine what buying up to a goal would earn.

        It guesses that the same things are bought at the same prices, or nothing more of them
        where other products choose the tier.
        """
        purchases, value = self.purchases, self.value
        is_own = QUALIFIERS[self.terms.rule.qualifier].is_own
        if is_own and value > 0:
            purchases = purchases._replace(
                amount=purchases.amount * goal / value, quantity=purchases.quantity * goal / value
            )
        elif is_own:
            # No price to guess from; what is measured itself grows all the same.
            purchases = purchases._replace(**{self.terms.counted: goal})
        return self._outcome(goal, purchases)

    def goal(self, threshold: Decimal) -> Decimal:
        """What must have been bought in the period to reach a threshold, in money or units."""
        if not self.terms.is_compared:
            return threshold
        return MEASURES[self.terms.value_in].goal(threshold, self._against)

    @property
    def goals(self) -> list[Decimal]:
        """What must have been bought to reach each tier; none where what that is compared with is
        missing."""
        if MEASURES[self.terms.value_in].against and self._against <= 0:
            return []
        return [self.goal(tier.threshold) for tier in self.terms.scale]

    @property
    def _against(self) -> Decimal:
        """What the qualifying value is compared with, 0 where it is with nothing."""
        against = MEASURES[self.terms.value_in].against
        return {"baseline": self.baseline, "target": self.target}.get(against, ZERO)

    def _outcome(self, value, purchases):
        terms = self.terms
        amount = +purchases.amount
        if self.reductions:
            amount -= sum((reduction.amount for reduction in self.reductions), ZERO)
        measure = Measure(amount, purchases.quantity)
        if terms.max_measure:
            measure = measure.limited(terms.limited, terms.max_measure)
        if terms.is_growth:
            return decide_growth(
                value, self.baseline, terms.scale, terms.value_in, terms.reward, measure
            )
        if terms.is_compared:
            measured_in, against = MEASURES[terms.value_in], self._against
            if measured_in.against and against <= 0:
                return Outcome(ZERO, None, None, ())
            value = measured_in.value(value, against)
        return decide(value, terms.scale, terms.method, measure)
