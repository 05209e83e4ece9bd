"""Raising thresholds and rates by a percentage, rounded to what would stand in a contract."""

from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)


def raise_by(value: Decimal, percent: Decimal, unit: Decimal) -> Decimal:
    """Raise a value, or lower it by a negative percentage, and round it half up to a multiple.

    What would round to nothing is rounded to a hundredth of the multiple, and so on: a threshold of
    40 is no threshold of 0 because the others are in thousands.

    >>> raise_by(Decimal(5000), Decimal(5), Decimal(100))
    Decimal('5300')
    >>> raise_by(Decimal(40), Decimal(5), Decimal(1000))
    Decimal('40')
    >>> raise_by(Decimal(0), Decimal(5), Decimal(100))
    Decimal('0')
    """
    raised = value * (HUNDRED + percent) / HUNDRED
    if not raised:
        return Decimal(0)
    while not (rounded := _round(raised, unit)):
        unit /= HUNDRED
    return rounded


def raise_scale(values: list[Decimal], percent: Decimal, unit: Decimal) -> list[Decimal]:
    """Raise ascending thresholds; where rounding would make two of them one, they are rounded less.

    >>> raise_scale([Decimal(100), Decimal(140)], Decimal(0), Decimal(100))
    [Decimal('100'), Decimal('140')]
    >>> raise_scale([Decimal(1000), Decimal(5000)], Decimal(10), Decimal(1000))
    [Decimal('1000'), Decimal('6000')]
    """
    raised = []
    for value in values:
        finer, one = unit, raise_by(value, percent, unit)
        while raised and one <= raised[-1] and finer > unit / HUNDRED**4:
            finer /= HUNDRED
            one = raise_by(value, percent, finer)
        raised.append(one)
    return raised


def _round(value, unit):
    return (value / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
