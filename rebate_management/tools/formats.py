"""Numbers, rates and periods as people write them, in the reader's language."""

from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.tools import format_amount, format_date, formatLang

# The names of whole calendar periods, by their length in months, as CLDR patterns.
PATTERNS = {1: "MMMM yyyy", 3: "QQQ yyyy", 12: "yyyy"}


def format_number(env, number: Decimal) -> str:
    """Write a number in the reader's format with as many decimals as it has: 2,5 not 2,500000."""
    decimals = max(0, -number.normalize().as_tuple().exponent)
    return formatLang(env, float(number), digits=decimals)


def format_quantity(env, quantity: Decimal, unit: str) -> str:
    """Write a quantity in the reader's format with the name of its unit of measure."""
    return f"{format_number(env, round(quantity, 4))} {unit or ''}".rstrip()


def format_rate(env, rate: Decimal, rate_type: str, currency) -> str:
    """Write a rate in the reader's format with what it is: 5 %, 0.20 € per unit, 500.00 €.

    :param rate: percent, or money in the currency
    """
    if rate_type == "percent":
        return f"{format_number(env, rate)} %"
    if rate_type == "per_unit":
        # It may be finer than the smallest coin.
        decimals = max(currency.decimal_places, -rate.normalize().as_tuple().exponent)
        pieces = [formatLang(env, float(rate), digits=decimals), currency.symbol]
        if currency.position == "before":
            pieces.reverse()
        return env._("%s per unit", "\N{NO-BREAK SPACE}".join(pieces))
    return format_amount(env, float(rate), currency)


def format_period(env, first, last):
    """Name a period as people do, in the reader's language: July 2026, Q3 2026, 2026, or from
    day to day where it is no whole month, quarter or year of the calendar."""
    for months, pattern in PATTERNS.items():
        begins = first.day == 1 and (first.month - 1) % months == 0
        if begins and last == first + relativedelta(months=months, days=-1):
            return format_date(env, first, date_format=pattern)
    return env._("%(first)s – %(last)s", first=format_date(env, first), last=format_date(env, last))
