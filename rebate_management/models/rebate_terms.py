"""The terms of a rule for one agreement, as the engine's exact numbers."""

from decimal import Decimal
from typing import NamedTuple

from ..engine.prorate import prorate
from ..engine.tiers import Tier

# What is not money is counted and shown with four decimals.
QUANTITY_UNIT = Decimal("0.0001")


class Days(NamedTuple):
    """How many days of a whole period count where an agreement starts or ends within it."""

    count: int
    of: int


class Terms(NamedTuple):
    """What a rule pays by. ``tiers`` are the records of ``scale``, both sorted by threshold;
    ``value_in`` is what the thresholds are in and ``counted`` what must be bought to reach them;
    ``limited`` is the measure of which at most ``max_measure`` earns (0: no limit); ``unit`` the
    smallest coin of the program's currency; ``days`` are set where the terms are pro rata;
    ``counts_units`` tells whether a quantity chooses a tier or is paid for."""

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
    unit: Decimal
    uom: str
    days: Days | None
    counts_units: bool

    @property
    def is_growth(self) -> bool:
        """Tell whether growth over a baseline reaches the tiers."""
        return bool(self.reward)

    def prorated(self, value: Decimal, measure: str) -> Decimal:
        """Lower a value of the whole period to its share of the days.

        :param measure: ``amount`` or ``quantity``
        """
        if not self.days:
            return value
        return prorate(value, *self.days, self.unit if measure == "amount" else QUANTITY_UNIT)
