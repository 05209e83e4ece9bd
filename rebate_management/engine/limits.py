"""What a program pays at most and at least for a period."""

from decimal import Decimal

from .prorate import prorate


def limit(earned: Decimal, maximum: Decimal, guaranteed: Decimal) -> Decimal:
    """Hold a period's rebate between the guaranteed and the greatest payout.

    :param earned: the rebate of all rules together, in the program's currency
    :param maximum: the greatest payout of a period; 0: no limit
    :param guaranteed: what is paid in any case; 0: nothing
    :raise ValueError: when more is guaranteed than is paid at most

    >>> [int(limit(Decimal(e), Decimal(500), Decimal(100))) for e in (0, 300, 900)]
    [100, 300, 500]
    >>> int(limit(Decimal(900), Decimal(0), Decimal(0)))
    900
    """
    if maximum and guaranteed > maximum:
        raise ValueError(f"{guaranteed} is guaranteed, but at most {maximum} is paid.")
    return max(min(earned, maximum) if maximum else earned, guaranteed)


def guaranteed_so_far(guaranteed: Decimal, days: int, of_days: int, unit: Decimal) -> Decimal:
    """Tell what of a guarantee is owed while its period runs: by the days until then, and on the
    last day all of it.

    :param guaranteed: what is paid in any case for the whole period; 0: nothing
    :param days: days of the period that have passed, the last one included
    :param of_days: days of the whole period
    :param unit: the smallest coin
    :raise ValueError: as :func:`prorate`

    >>> guaranteed_so_far(Decimal(1200), 31, 365, Decimal("0.01"))
    Decimal('101.92')
    >>> guaranteed_so_far(Decimal(1200), 365, 365, Decimal("0.01"))
    Decimal('1200')
    """
    return prorate(guaranteed, days, of_days, unit)
