"""What growth over a baseline chooses and pays.

``all``
    the rate reached applies to everything bought
``excess``
    the rate reached applies to what exceeds the baseline
``band``
    each tier pays its rate on its own part of the excess

Published case: Enable, growth rebates (2 % from 10 % growth, 3 % from 15 %, 4 % from 20 %, on a
baseline of 2,000,000 and purchases of 2,350,000): 70,500, 10,500 and 3,500.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .qualifying import MEASURES
from .registry import Registry
from .tiers import ZERO, Measure, Outcome, Tier, decide


class Reward(NamedTuple):
    """Of what growth pays its rates: by which tier method, and on the excess or on everything."""

    method: str
    on_excess: bool


REWARDS = Registry(
    "growth reward",
    {
        "all": Reward("retroactive", False),
        "excess": Reward("retroactive", True),
        "band": Reward("incremental", True),
    },
)


def average(values: Sequence[Decimal]) -> Decimal:
    """Compute the average of what was bought in some periods, zero for none.

    >>> average([Decimal(300), Decimal(600)]), average([])
    (Decimal('450'), Decimal('0'))
    """
    return sum(values, ZERO) / len(values) if values else ZERO


def growth(actual: Decimal, baseline: Decimal, kind: str) -> Decimal:
    """Compute how much more was bought than the baseline.

    :param actual: purchases of the period, in money or units
    :param baseline: purchases to compare with, in the same, greater than zero
    :param kind: a key of ``MEASURES`` that compares with a baseline
    :raise ValueError: for a baseline from which no growth can be told

    >>> growth(Decimal(2350000), Decimal(2000000), "growth_percent")
    Decimal('17.5')
    """
    if baseline <= 0:
        raise ValueError(f"No growth can be told from a baseline of {baseline}.")
    return MEASURES[kind].value(actual, baseline)


def decide_growth(
    actual: Decimal,
    baseline: Decimal,
    tiers: Sequence[Tier],
    kind: str,
    reward: str,
    measure: Measure,
) -> Outcome:
    """Compute what growth pays; without a baseline, nothing.

    :param actual: purchases that are compared with the baseline
    :param baseline: zero or less where there is nothing to compare with
    :param tiers: the scale over the growth, sorted by threshold
    :param kind: a key of ``MEASURES``: the unit of the thresholds
    :param reward: a key of ``REWARDS``
    :param measure: all that was bought, of which the excess is a part

    >>> scale = [Tier(Decimal(t), Decimal(r)) for t, r in ((10, 2), (15, 3), (20, 4))]
    >>> bought = Decimal(2350000), Decimal(2000000)
    >>> [int(decide_growth(*bought, scale, "growth_percent", reward, Measure(bought[0])).earned)
    ...  for reward in ("all", "excess", "band")]
    [70500, 10500, 3500]
    """
    pays = REWARDS[reward]
    if baseline <= 0:
        return Outcome(ZERO, None, None, ())
    if pays.on_excess and actual > 0:
        measure = measure.portion(max(actual - baseline, ZERO), actual)
    return decide(growth(actual, baseline, kind), tiers, pays.method, measure)
