"""What a running period will have measured at its end.

``seasonal``
    the distributor buys over the year as it did last year: purchases so far × last year's whole
    ÷ last year's to the same day
``run_rate``
    it goes on as it has bought since the period began: purchases so far × days ÷ days elapsed
``so_far``
    nothing is foreseen beyond what was bought: the period is over or has not begun, or returns
    outweigh purchases, which says nothing of the days to come

A forecast never falls below what was bought already. Last year is a guide only if, by the same
day, at least a tenth of its purchases had been made and the rest of it brought no more returns
than purchases; otherwise the run rate is taken. So no season multiplies by more than ten.
"""

from dataclasses import dataclass
from decimal import Decimal

from .tiers import ZERO

# A tenth: the part of last year's purchases from which its shape is believed.
LEAST_SHAPE = 10


@dataclass(frozen=True)
class Forecast:
    """What a period will have measured at its end, unrounded, and how that was foreseen."""

    value: Decimal
    method: str


def forecast(
    so_far: Decimal,
    elapsed: int,
    days: int,
    before_so_far: Decimal = ZERO,
    before_whole: Decimal = ZERO,
) -> Forecast:
    """Foresee what a period will have measured at its end.

    :param so_far: purchases since the period began, in money or units; negative after returns
    :param elapsed: days of the period that are over, today included; 0 or less: it has not begun
    :param days: days of the whole period
    :param before_so_far: purchases of the same period last year up to the same day
    :param before_whole: purchases of the whole of it, in the same unit
    :raise ValueError: for a period without days

    >>> forecast(Decimal(30000), 90, 360)
    Forecast(value=Decimal('120000'), method='run_rate')
    >>> forecast(Decimal(30000), 90, 360, Decimal(20000), Decimal(100000))
    Forecast(value=Decimal('150000'), method='seasonal')
    >>> forecast(Decimal(30000), 90, 360, Decimal(500), Decimal(100000)).method
    'run_rate'
    >>> forecast(Decimal(-400), 90, 360)
    Forecast(value=Decimal('-400'), method='so_far')
    """
    if days < 1:
        raise ValueError(f"A period of {days} days cannot be foreseen.")
    if so_far <= 0 or not 0 < elapsed < days:
        return Forecast(so_far, "so_far")
    if 0 < before_so_far <= before_whole <= before_so_far * LEAST_SHAPE:
        return Forecast(so_far * before_whole / before_so_far, "seasonal")
    return Forecast(so_far * days / elapsed, "run_rate")
