"""What is owed of a rebate that is not yet due, and by how much the books change."""

from decimal import Decimal

from .rounding import round_half_up
from .tiers import ZERO


def owed_so_far(expected: Decimal, so_far: Decimal, forecast: Decimal, unit: Decimal) -> Decimal:
    """Owe the rate at which the whole period is expected to be paid on what was bought so far.

    This is variable consideration as IFRS 15.50 and ASC 606-10-32-5 have it: each sale carries its
    part of the rebate the customer will get, also of a tier that is not reached yet.

    :param expected: the rebate of the whole period as it is foreseen
    :param so_far: purchases so far, in money or units
    :param forecast: purchases of the whole period as they are foreseen, in the same unit
    :param unit: the smallest coin of the rebate's currency

    >>> owed_so_far(Decimal(6000), Decimal(30000), Decimal(120000), Decimal("0.01"))
    Decimal('1500.00')
    >>> owed_so_far(Decimal(100), Decimal(0), Decimal(0), Decimal("0.01"))
    Decimal('100.00')
    """
    if so_far <= ZERO or forecast <= ZERO:
        # Nothing was bought: what is owed all the same was guaranteed.
        return round_half_up(expected, unit)
    return round_half_up(expected * so_far / forecast, unit)


def change(owed: Decimal, in_books: Decimal, accrued: Decimal) -> Decimal:
    """Tell by how much the liability changes: to what is owed, but never taking back more than was
    accrued or stands in the books.

    :param owed: what is earned less what was settled; negative where too much was paid
    :param in_books: the liability as it stands
    :param accrued: what entries have accrued, whatever payouts took of it since

    >>> change(Decimal(70), Decimal(100), Decimal(100))
    Decimal('-30')
    >>> change(Decimal(-40), Decimal(0), Decimal(100))
    Decimal('-40')
    >>> change(Decimal(-40), Decimal(0), Decimal(0))
    Decimal('0')
    """
    return max(owed - in_books, -max(in_books, accrued, ZERO))
