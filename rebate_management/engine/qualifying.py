"""What the thresholds of tiers are in: purchases themselves, their growth over a baseline, or their
part of a target."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from .registry import Registry
from .tiers import HUNDRED


class TierMeasure(NamedTuple):
    """One way to turn purchases into what reaches the tiers, and back.

    ``against`` is what they are compared with: ``baseline``, ``target`` or nothing; ``in_percent``
    tells that thresholds do not grow with the length of a period. ``value`` gives what reaches the
    tiers and ``goal`` the purchases that a threshold takes, each from its first argument and what
    is compared with, in money or units.
    """

    value: Callable[[Decimal, Decimal], Decimal]
    goal: Callable[[Decimal, Decimal], Decimal]
    against: str = ""
    in_percent: bool = False

    @property
    def is_itself(self) -> bool:
        """Tell whether purchases reach the tiers as they are."""
        return self.value is _itself


def _itself(value, _against):
    return value


MEASURES = Registry(
    "measure of tiers",
    {
        "amount": TierMeasure(_itself, _itself),
        "quantity": TierMeasure(_itself, _itself),
        "growth_percent": TierMeasure(
            lambda bought, baseline: (bought - baseline) * HUNDRED / baseline,
            lambda threshold, baseline: baseline + baseline * threshold / HUNDRED,
            against="baseline",
            in_percent=True,
        ),
        "growth_amount": TierMeasure(
            lambda bought, baseline: bought - baseline,
            lambda threshold, baseline: baseline + threshold,
            against="baseline",
        ),
        "target_percent": TierMeasure(
            lambda bought, target: bought * HUNDRED / target,
            lambda threshold, target: target * threshold / HUNDRED,
            against="target",
            in_percent=True,
        ),
    },
)
