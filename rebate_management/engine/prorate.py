"""Lowering the terms of a period to the part of its days for which an agreement ran.

Days are counted as they are in the calendar, first and last included: an agreement of 1 October
to 31 December has 92 of a year's 365 days.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from .rounding import round_half_up
from .tiers import ZERO, Tier, check_scale


def prorate(value: Decimal, days: int, of_days: int, unit: Decimal) -> Decimal:
    """Lower a value of a whole period to a part of its days.

    :param value: money or units: a target, a limit, a lump sum, the baseline of a whole period
    :param days: days that count; all of them leave the value as it is, unrounded
    :param of_days: days of the whole period
    :param unit: what the result is a multiple of, halves away from zero: 0.01 for euros, 0.0001
        for units
    :raise ValueError: for a part that is negative or longer than the whole, or a whole of no days

    >>> prorate(Decimal(10000), 92, 365, Decimal("0.01"))
    Decimal('2520.55')
    >>> prorate(Decimal("0.125"), 365, 365, Decimal("0.01"))
    Decimal('0.125')
    """
    if of_days <= 0 or not 0 <= days <= of_days:
        raise ValueError(f"{days} days are no part of a period of {of_days} days.")
    return value if days == of_days else round_half_up(value * days / of_days, unit)


def prorate_tiers(
    tiers: Sequence[Tier],
    days: int,
    of_days: int,
    unit: Decimal,
    scale_thresholds: bool = True,
    threshold_unit: Decimal | None = None,
) -> list[Tier]:
    """Lower a scale to a part of a period's days: its thresholds and lump sums, never its rates.

    Tiers stay apart and above zero: a scale whose thresholds the rounding would join, or bring
    down to nothing, is rounded to the first finer unit (a tenth, a hundredth …) that does not.

    :param tiers: the scale of a whole period, sorted by threshold
    :param days: days that count
    :param of_days: days of the whole period
    :param unit: the smallest coin, to which lump sums are rounded
    :param scale_thresholds: whether thresholds grow with time; those in percent do not
    :param threshold_unit: what thresholds are rounded to; by default the smallest coin
    :raise ValueError: as :func:`prorate`; for a scale that is not sorted, or is to be cut to no
        days at all, where its tiers could not be told apart

    >>> scale = [Tier(Decimal(10000), Decimal(2)), Tier(Decimal(20000), Decimal(500), "fixed")]
    >>> [(str(tier.threshold), str(tier.rate))
    ...  for tier in prorate_tiers(scale, 92, 365, Decimal("0.01"))]
    [('2520.55', '2'), ('5041.10', '126.03')]
    """
    check_scale(tiers)
    thresholds = [tier.threshold for tier in tiers]
    if scale_thresholds:
        thresholds = _prorate_thresholds(thresholds, days, of_days, threshold_unit or unit)
    return [
        replace(tier, threshold=threshold, rate=prorate(tier.rate, days, of_days, unit))
        if tier.rate_type == "fixed"
        else replace(tier, threshold=threshold)
        for tier, threshold in zip(tiers, thresholds, strict=True)
    ]


def _prorate_thresholds(thresholds, days, of_days, unit):
    if not days:
        raise ValueError("A scale cannot be lowered to no days at all.")
    while True:
        lowered = [prorate(threshold, days, of_days, unit) for threshold in thresholds]
        # Rounding never turns their order around, so being different is being in order. Zero is
        # among them because a tier from a purchase on must not be reached without any.
        if len({ZERO, *lowered}) == len({ZERO, *thresholds}):
            return lowered
        unit /= 10
