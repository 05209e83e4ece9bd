"""What a scale of tiers pays on a measured value, and why.

A tier runs from its threshold, inclusive, to the next threshold: there are no gaps. What lies
below the first threshold earns nothing. The *qualifying* value chooses the tiers reached; the
*measure* earns, and is the same value unless a program says otherwise (buying A unlocks a rate on
B, units choose and value pays, growth chooses and the excess pays). Where they differ, a band's
part of the measure is in proportion to its part of the qualifying value.

``retroactive``
    the rate of the highest tier reached applies to the whole value ("back to the first unit")
``incremental``
    each tier pays its own rate on its own part of the value
``rolling``
    each tier below the highest reached pays its rate on the value at its upper end, the highest
    on the whole value
``total``
    each tier reached pays its rate on the whole value

Published cases: Microsoft Dynamics 365, rebate management deals (10 % from 0, 25 % from 1,000,
purchases of 2,000): 350 incremental, 500 retroactive, 600 rolling, 700 total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from .registry import Registry

HUNDRED = Decimal(100)
ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True)
class Tier:
    """One step of a scale: from ``threshold`` on, ``rate``.

    The rate is a percentage of the amount (``percent``), money for each unit (``per_unit``) or a
    lump sum for reaching the tier (``fixed``).
    """

    threshold: Decimal
    rate: Decimal
    rate_type: str = "percent"


class Measure(NamedTuple):
    """What earns: an amount in the program's currency and a quantity in its unit of measure.

    Of every ``whole`` of it only ``kept`` may earn; a fraction, so that nothing is rounded.
    """

    amount: Decimal
    quantity: Decimal = ZERO
    kept: Decimal = ONE
    whole: Decimal = ONE

    def limited(self, field: str, limit: Decimal) -> "Measure":
        """Let at most ``limit`` of the field (``amount`` or ``quantity``) earn.

        Published case: Salesforce, rebate measure cap (1 % on at most 100,000).

        >>> Measure(Decimal(130000)).limited("amount", Decimal(100000)).earning(Decimal(130000))
        Decimal('100000')
        """
        value = getattr(self, field)
        return self if value <= limit else Measure(self.amount, self.quantity, limit, value)

    def portion(self, part: Decimal, of: Decimal) -> "Measure":
        """Take part ÷ of everything; the limit stays what it is, and is one of the portion.

        >>> half = Measure(Decimal(900)).limited("amount", Decimal(300)).portion(ONE, Decimal(2))
        >>> half.amount, half.earning(half.amount)
        (Decimal('450'), Decimal('300'))
        """
        amount, quantity = self.amount * part / of, self.quantity * part / of
        whole = self.whole * part / of
        if self.kept >= whole:
            return Measure(amount, quantity)
        return Measure(amount, quantity, self.kept, whole)

    def earning(self, value: Decimal) -> Decimal:
        """The part of a value that may earn."""
        if self.kept is self.whole:
            return +value
        return value * self.kept / self.whole


class Part(NamedTuple):
    """A piece of the measure and what it earned, unrounded.

    ``base`` is money for a percentage, units for a rate per unit and 1 for a lump sum.
    """

    threshold: Decimal
    rate: Decimal
    base: Decimal
    rate_type: str = "percent"

    @property
    def rebate(self) -> Decimal:
        """The unrounded rebate of this part, in the program's currency."""
        return self.base * self.rate / (HUNDRED if self.rate_type == "percent" else ONE)


class Outcome(NamedTuple):
    """What a scale pays on a value.

    ``value`` chose the tiers; ``reached`` and ``following`` are positions in the scale that was
    given (None: no such tier), ``parts`` the pieces that earned, ``earned`` their sum, unrounded.
    """

    value: Decimal
    reached: int | None
    following: int | None
    parts: tuple[Part, ...]

    @property
    def earned(self) -> Decimal:
        """The unrounded rebate, in the program's currency."""
        return sum((part.rebate for part in self.parts), ZERO)


def check_scale(tiers: Sequence[Tier]) -> None:
    """Refuse a scale that no one could read in one way only.

    :raise ValueError: when thresholds are not strictly rising or one of them is negative
    """
    below = None
    for tier in tiers:
        if tier.threshold < 0:
            raise ValueError("A threshold may not be negative.")
        if below is not None and tier.threshold <= below:
            raise ValueError("Thresholds must rise from tier to tier.")
        below = tier.threshold


def decide(
    value: Decimal, tiers: Sequence[Tier], method: str, measure: Measure | None = None
) -> Outcome:
    """Compute what a scale pays.

    :param value: what chooses the tiers: money, units or a growth; negative after returns
    :param tiers: the scale, sorted by threshold, in the unit of the value
    :param method: a key of ``METHODS``
    :param measure: what earns; by default the value itself, as an amount
    :raise ValueError: for an unknown method or a scale that is not sorted

    >>> scale = [Tier(Decimal(0), Decimal(10)), Tier(Decimal(1000), Decimal(25))]
    >>> [int(decide(Decimal(2000), scale, method).earned) for method in sorted(METHODS)]
    [350, 500, 600, 700]
    >>> decide(Decimal("-20"), scale, "incremental").parts
    ()
    >>> on_b = [Tier(Decimal(300), Decimal(5), "per_unit")]
    >>> decide(Decimal(400), on_b, "retroactive", Measure(Decimal(0), Decimal(70))).earned
    Decimal('350')
    """
    check_scale(tiers)
    pays_on = METHODS[method]
    if measure is None:
        measure = Measure(value)
    thresholds = [tier.threshold for tier in tiers if value >= tier.threshold]
    count = len(thresholds)
    spans = pays_on(thresholds, value, measure.earning(value))
    parts = []
    for tier, span in zip(tiers, spans, strict=False):
        # An empty piece explains nothing.
        if span is not None and (base := _base(tier, span, value, measure)):
            parts.append(Part(tier.threshold, tier.rate, base, tier.rate_type))
    return Outcome(
        value,
        count - 1 if count else None,
        count if count < len(tiers) else None,
        tuple(parts),
    )


def _base(tier, span, value, measure):
    """What a tier's rate applies to: the measure's part that a span of the value stands for."""
    if tier.rate_type == "fixed":
        return ONE
    total = measure.quantity if tier.rate_type == "per_unit" else measure.amount
    if total == value:
        return span
    # Returns of what earns may outweigh it although the tier is reached by something else.
    total = max(total, ZERO)
    # All that may earn does, also where a tier from zero on was reached by nothing at all.
    if span == measure.earning(value):
        return measure.earning(total)
    return total * span / value


# Each method gives, for each tier reached, the span of the value it pays on (None: it does not
# pay), from the tiers' thresholds, the value, and the part of the value that may earn.


def _retroactive(thresholds, _value, earning):
    return [None] * (len(thresholds) - 1) + [earning] * bool(thresholds)


def _total(thresholds, _value, earning):
    return [earning for _threshold in thresholds]


def _incremental(thresholds, value, earning):
    ends = _rolling(thresholds, value, earning)
    return [max(ZERO, end - start) for start, end in zip(thresholds, ends, strict=True)]


def _rolling(thresholds, value, earning):
    ends = [*thresholds[1:], value] if thresholds else []
    return [min(end, earning) for end in ends]


METHODS = Registry(
    "tier method",
    {
        "retroactive": _retroactive,
        "incremental": _incremental,
        "rolling": _rolling,
        "total": _total,
    },
)
