"""Currencies: the smallest coin, and which of them can be converted."""

from decimal import Decimal


def smallest_coin(currency) -> Decimal:
    """The smallest coin of a currency, to which its amounts are rounded: 0.01 for euros."""
    # As it is written: the number itself is a float and not quite 0.01.
    return Decimal(str(currency.rounding))
