"""Money of several currencies, added up in that of the company."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ...tools.currencies import Conversion, without_rate


class Amount(NamedTuple):
    """Money, and the day whose exchange rate holds for it."""

    amount: Decimal
    currency: object
    day: date


class Adder:
    """Adds up money in the currency of the company that the user works in.

    Each currency is asked for its rate once a day; what has no rate is left out and named in
    ``lacking``, for Odoo would take it to be 1. ``foreign`` are the currencies that were converted.
    """

    def __init__(self, env):
        self.company = env.company
        self.currency = env.company.currency_id
        self.foreign = self.lacking = env["res.currency"]
        self._rates = {self.currency: Decimal(1)}

    def total(self, amounts: Iterable[Amount]) -> float:
        """Add up, rounded once."""
        parts = (
            # What the ORM read is a float; as it is written it is exact.
            Decimal(str(one.amount)) * self._rate(one.currency, one.day)
            for one in amounts
            if one.amount
        )
        return self.currency.round(float(sum(parts, Decimal(0))))

    def rate(self, one: Amount) -> float:
        """By what an amount is multiplied; 0 without a rate."""
        return float(self._rate(one.currency, one.day))

    def _rate(self, currency, day):
        if currency == self.currency:
            return Decimal(1)
        if (currency, day) not in self._rates:
            self._rates[currency, day] = self._find_rate(currency, day)
        return self._rates[currency, day]

    def _find_rate(self, currency, day):
        if currency not in self.foreign | self.lacking:
            conversion = Conversion(self.company, currency, self.currency)
            if without_rate(currency.env, [conversion]):
                self.lacking |= currency
            else:
                self.foreign |= currency
        if currency in self.lacking:
            return Decimal(0)
        return Decimal(
            str(currency._get_conversion_rate(currency, self.currency, self.company, day))
        )
