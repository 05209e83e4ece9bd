"""What a program pays at most and at least for a period."""

from decimal import Decimal


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
