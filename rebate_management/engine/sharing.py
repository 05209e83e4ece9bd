"""What each purchase has of a rebate that was earned by all of them together.

What a percentage earned, and a lump sum, lie on the purchases in proportion to their amounts;
what a rate per unit earned, in proportion to their quantities. A return has a negative part: so
everything that was bought and given back has nothing in the end, and at one rate each line has
just this rate of its own amount.

That holds as long as no purchase would get more than it is worth. Where returns outweigh what was
bought, or a lump sum exceeds what is left of it, proportion says nothing any more (what share of
500 has a purchase of 1,000 beside a return of 999?): then the purchases alone have the rebate, and
the returns none. Where nothing but returns or free goods was counted, all lines have the same.
"""

from collections.abc import Sequence
from decimal import Decimal

from .rounding import round_parts, share
from .tiers import ZERO, Part


def share_out(
    total: Decimal,
    parts: Sequence[Part],
    amounts: Sequence[Decimal],
    quantities: Sequence[Decimal],
    unit: Decimal,
) -> list[Decimal]:
    """Share a rebate out over the purchases that earned it, to the last coin.

    :param total: the rebate, a multiple of the unit. Less than the parts earned (the program pays
        at most so much) lowers all parts alike, more (it guarantees so much) is a lump sum beside
        them
    :param parts: what earned it, as the engine decided
    :param amounts: what each purchase counts, in the program's currency; negative for returns
    :param quantities: the same in the program's unit of measure
    :param unit: the smallest coin
    :return: the rebate of each purchase, in the order given; they add up to the total. Empty where
        there is no purchase, although other purchases may have earned a lump sum

    >>> on_all = [Part(Decimal(0), Decimal(5), Decimal("150.10"))]
    >>> amounts = [Decimal("100.10"), Decimal(100), Decimal(-50)]
    >>> [str(part) for part in share_out(
    ...     Decimal("7.51"), on_all, amounts, [ZERO] * 3, Decimal("0.01"))]
    ['5.01', '5.00', '-2.50']
    >>> lump_sum = [Part(Decimal(0), Decimal(500), Decimal(1), "fixed")]
    >>> [int(part) for part in share_out(
    ...     Decimal(500), lump_sum, [Decimal(1000), Decimal(-999)], [ZERO] * 2, Decimal("0.01"))]
    [500, 0]
    """
    if not amounts:
        return []
    of_units = sum((part.rebate for part in parts if part.rate_type == "per_unit"), ZERO)
    of_money = sum((part.rebate for part in parts if part.rate_type != "per_unit"), ZERO)
    earned = of_units + of_money
    if total < earned - unit / 2:
        of_units, of_money = total * of_units / earned, total * of_money / earned
    elif total > earned + unit / 2:
        of_money += total - earned
    left = sum(amounts, ZERO)
    exact = zip(
        _spread(of_money, amounts, of_money <= left + unit),
        _spread(of_units, quantities, True),
        strict=True,
    )
    return round_parts([money + units for money, units in exact], total, unit)


def share_in_common(
    total: Decimal, parts: Sequence[Part], both: Decimal, whole: Decimal, unit: Decimal
) -> Decimal:
    """Take the part of a rebate that lies on some of its purchases, of which only the sum is known:
    those that another program counts too.

    What a percentage earned lies on them at its rate, even if that is more than returns which are
    not among them left of it. A lump sum, or a rate per unit, is no share of an amount: it lies on
    them in proportion, but never more than all of it, and never less than nothing.

    :param total: the rebate; below what the parts earned, all parts are lowered alike, above it is
        a lump sum beside them
    :param parts: what earned it, as the engine decided
    :param both: the amount of the purchases asked about, negative for returns
    :param whole: the amount of all purchases that earned the rebate
    :param unit: the smallest coin
    :return: unrounded money

    >>> rate = [Part(Decimal(0), Decimal(10), Decimal(500))]
    >>> lump_sum = [Part(Decimal(0), Decimal(50), Decimal(1), "fixed")]
    >>> for both in Decimal(1000), Decimal(250), Decimal(-500):
    ...     [int(share_in_common(Decimal(50), parts, both, Decimal(500), Decimal("0.01")))
    ...      for parts in (rate, lump_sum)]
    [100, 50]
    [25, 25]
    [-50, 0]
    """
    earned = sum((part.rebate for part in parts), ZERO)
    lump_sums = sum((part.rebate for part in parts if part.rate_type != "percent"), ZERO)
    if total > earned + unit / 2:
        lump_sums += total - earned
    elif earned:
        lump_sums = total * lump_sums / earned
    at_a_rate = total - lump_sums
    if at_a_rate > whole:
        # More than a purchase is worth is no rate either.
        lump_sums, at_a_rate = total, ZERO
    on_both = at_a_rate * both / whole if at_a_rate else ZERO
    if both > 0:
        on_both += lump_sums if both >= whole else lump_sums * both / whole
    return on_both


def share_rules(
    total: Decimal, earned: Sequence[Decimal], measured: Sequence[Decimal], unit: Decimal
) -> list[Decimal]:
    """Share out what a period earned over its rules: by what they earned, or what only the
    guarantee pays by what they counted, or evenly.

    :param total: the rebate of the period within the program's limits, a multiple of the unit
    :param earned: what each rule earned before these limits
    :param measured: the purchases that each rule counted
    :param unit: the smallest coin
    :return: rounded money of each rule, adding up to the total; none where there are no rules

    >>> share_rules(Decimal(10), [Decimal(15), Decimal(5)], [ZERO] * 2, Decimal("0.01"))
    [Decimal('7.50'), Decimal('2.50')]
    """
    for weights in (earned, measured):
        weights = [max(weight, ZERO) for weight in weights]
        if any(weights):
            return share(total, weights, unit)
    return share(total, [Decimal(1)] * len(earned), unit) if earned else []


def _spread(rebate, weights, is_net):
    """Spread a rebate in proportion to weights, to the positive ones alone unless the net of all
    is more than nothing and ``is_net``; evenly where there are none."""
    if not is_net or sum(weights, ZERO) <= 0:
        weights = [max(weight, ZERO) for weight in weights]
    whole = sum(weights, ZERO)
    return [rebate * weight / whole if whole else rebate / len(weights) for weight in weights]
