"""Rounding money once, and sharing a rounded amount out so that its parts add up again."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import cache

# In coins: finer than any exact product of an amount and a rate, coarser than what is lost where
# a division does not come out even.
NOISE = Decimal("1E-10")
ONE = Decimal(1)
# More digits than any product of greatest amounts and rates has before the noise.
WIDE = Context(prec=80)


def round_half_up(amount: Decimal, unit: Decimal) -> Decimal:
    """Round to the nearest multiple of a unit, halves away from zero.

    Half a coin that a division left as 0.49999999999999 is half a coin: from 10 % to 15 % growth
    over 16,510 are 825.50, and 1 % of them 8.26, however many digits the growth itself has.

    :param amount: money in any currency
    :param unit: the smallest coin of that currency, greater than zero (0.01 for EUR, 1 for JPY)
    :raise ValueError: when the unit is not positive

    >>> round_half_up(Decimal("1257.3625"), Decimal("0.01"))
    Decimal('1257.36')
    >>> round_half_up(Decimal("0.005"), Decimal("0.01"))
    Decimal('0.01')
    >>> round_half_up(Decimal("12.03"), Decimal("0.05"))
    Decimal('12.05')
    """
    if noise := _noise_of(str(unit)):
        # The decimal point alone tells the coins: no need to count them.
        return amount.quantize(noise, context=WIDE).quantize(unit, ROUND_HALF_UP, WIDE) + 0
    if unit <= 0:
        raise ValueError(f"The rounding unit must be positive, not {unit}.")
    coins = (amount / unit).quantize(NOISE, context=WIDE).quantize(ONE, ROUND_HALF_UP, WIDE)
    # Adding 0 turns what is left of a small loss, minus zero, into zero.
    return coins * unit + 0


@cache
def _noise_of(unit):
    """The noise of a coin that is a power of ten, as most are; None of others.

    :param unit: as text, for 0.010 equals 0.01 and has other digits
    """
    sign, digits, exponent = Decimal(unit).as_tuple()
    return None if sign or digits != (1,) else NOISE.scaleb(exponent)


def share(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Share a rounded total out in proportion to weights, by largest remainder.

    Every part is a multiple of the unit, less than one unit away from its exact value, and the
    parts add up to the total exactly. Of equal remainders the earlier part is served first, so
    the result does not depend on chance; what is taken back is shared as it was given. Weights
    may be of both signs: beside purchases, a return takes its part back.

    :param total: the amount to share, a multiple of the unit
    :param weights: one number a part; their sum must not be zero unless the total is
    :param unit: the smallest coin
    :raise ValueError: when there is something to share and nothing to share it over, or a total
        that is no multiple of the unit

    >>> share(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)], Decimal("0.01"))
    [Decimal('3.34'), Decimal('3.33'), Decimal('3.33')]
    >>> share(Decimal("10.00"), [Decimal(120), Decimal(-20)], Decimal("0.01"))
    [Decimal('12.00'), Decimal('-2.00')]
    """
    if unit <= 0 or total % unit:
        raise ValueError(f"{total} cannot be shared out in coins of {unit}.")
    if not total:
        return [0 * unit for _weight in weights]
    numbers = _whole_numbers(weights)
    whole = sum(numbers)
    if not whole:
        raise ValueError("An amount cannot be shared out over weights that add up to zero.")
    coins = int(abs(total) / unit)
    split = [divmod(coins * number, whole) for number in numbers]
    missing = coins - sum(count for count, _remainder in split)
    by_remainder = sorted(range(len(split)), key=lambda place: -abs(split[place][1]))
    served = set(by_remainder[:missing])
    sign = 1 if total > 0 else -1
    return [sign * (count + (place in served)) * unit for place, (count, _) in enumerate(split)]


def _whole_numbers(weights):
    """Whole numbers in the same proportion, with which nothing is rounded on the way."""
    exponent = min((weight.as_tuple().exponent for weight in weights), default=0)
    return [int(weight.scaleb(-exponent)) for weight in weights]


def round_parts(parts: Sequence[Decimal], total: Decimal, unit: Decimal) -> list[Decimal]:
    """Round parts up or down so that they add up to their rounded total, by largest remainder.

    :param parts: exact amounts; their sum and the total are the same but for the rounding
    :param total: what they add up to, a multiple of the unit
    :param unit: the smallest coin
    :raise ValueError: when rounding alone does not lead from the parts to the total

    >>> round_parts([Decimal("100"), Decimal("-99.995")], Decimal("0.01"), Decimal("0.01"))
    [Decimal('100.00'), Decimal('-99.99')]
    """
    exact = [part / unit for part in parts]
    coins = [value.quantize(Decimal(1), rounding=ROUND_FLOOR) for value in exact]
    missing = int(total / unit - sum(coins))
    if not 0 <= missing <= len(coins):
        raise ValueError(f"Parts of {sum(parts, Decimal(0))} cannot be rounded to {total}.")
    by_remainder = sorted(range(len(exact)), key=lambda index: coins[index] - exact[index])
    for index in by_remainder[:missing]:
        coins[index] += 1
    return [count * unit for count in coins]
