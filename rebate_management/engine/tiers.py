"""What a scale of tiers pays on a purchase value, and why.

A tier runs from its threshold, inclusive, to the next threshold: there are no gaps. What lies
below the first threshold earns nothing.

``retroactive``
    the rate of the highest tier reached applies to the whole value ("back to the first unit")
``incremental``
    each tier pays its own rate on its own part of the value

Published cases: Microsoft Dynamics 365, rebate management deals (10 % from 0, 25 % from 1,000,
purchases of 2,000): 350 incremental, 500 retroactive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Tier:
    """One step of a scale: from ``threshold`` on, ``rate`` percent."""

    threshold: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Part:
    """A piece of the value and what it earned: ``base`` × ``rate`` % = ``rebate``, unrounded."""

    threshold: Decimal
    rate: Decimal
    base: Decimal

    @property
    def rebate(self) -> Decimal:
        """The unrounded rebate of this part, in the currency of its base."""
        return self.base * self.rate / HUNDRED


@dataclass(frozen=True)
class Outcome:
    """What a scale pays on a value.

    ``reached`` and ``following`` are positions in the scale that was given (None: no such tier),
    ``parts`` the pieces that earned, ``earned`` their sum, unrounded.
    """

    value: Decimal
    reached: int | None
    following: int | None
    parts: tuple[Part, ...]

    @property
    def earned(self) -> Decimal:
        """The unrounded rebate, in the currency of the value."""
        return sum((part.rebate for part in self.parts), Decimal(0))


def check_scale(tiers: Sequence[Tier]) -> None:
    """Refuse a scale that no one could read in one way only.

    :raise ValueError: when thresholds are not strictly rising or one of them is negative
    """
    if any(tier.threshold < 0 for tier in tiers):
        raise ValueError("A threshold may not be negative.")
    if any(low.threshold >= high.threshold for low, high in pairwise(tiers)):
        raise ValueError("Thresholds must rise from tier to tier.")


def decide(value: Decimal, tiers: Sequence[Tier], method: str) -> Outcome:
    """Compute what a scale pays on a value.

    :param value: purchases in the program's currency; may be negative after returns
    :param tiers: the scale, sorted by threshold
    :param method: ``retroactive`` or ``incremental``
    :raise ValueError: for an unknown method or a scale that is not sorted

    >>> scale = [Tier(Decimal(0), Decimal(10)), Tier(Decimal(1000), Decimal(25))]
    >>> decide(Decimal(2000), scale, "incremental").earned
    Decimal('350')
    >>> decide(Decimal(2000), scale, "retroactive").earned
    Decimal('500')
    >>> decide(Decimal("-20"), scale, "incremental").parts
    ()
    """
    check_scale(tiers)
    if method not in METHODS:
        raise ValueError(f"Unknown tier method {method!r}.")
    count = sum(1 for tier in tiers if value >= tier.threshold)
    return Outcome(
        value=value,
        reached=count - 1 if count else None,
        following=count if count < len(tiers) else None,
        parts=tuple(METHODS[method](value, tiers[:count])),
    )


def _retroactive(value, reached):
    return [Part(tier.threshold, tier.rate, value) for tier in reached[-1:]]


def _incremental(value, reached):
    ends = [tier.threshold for tier in reached[1:]] + [value]
    # Nothing reached leaves one end, of no tier.
    return [
        Part(tier.threshold, tier.rate, end - tier.threshold)
        for tier, end in zip(reached, ends, strict=False)
    ]


METHODS = {"retroactive": _retroactive, "incremental": _incremental}
