"""By which rate one comes from what a line counts to its rebate, in the reader's format."""

from decimal import Decimal

from ..engine.rounding import round_half_up
from .currencies import smallest_coin
from .formats import format_rate


def rate_that_led(env, rate, rate_type, bought, rebate, currency) -> str:
    """Write the rate by which one comes from what a line counts to its rebate.

    That is the rate of the tier where it applies to all of the line; where but a part earned it (of
    several tiers, of growth, within a limit) the rate that results, told as such.

    :param rate: of the tier reached, a decimal; ``rate_type`` what it is
    :param bought: ``(amount, quantity)`` of the line, in the program's currency and unit
    """
    amount, quantity = bought
    units = {"percent": amount / 100, "per_unit": quantity}.get(rate_type)
    if units is not None and abs(units * rate - rebate) <= smallest_coin(currency):
        return format_rate(env, rate.normalize(), rate_type, currency)
    if not amount:
        return ""
    result = round_half_up(100 * rebate / amount, Decimal("0.01"))
    return env._("%s on average", format_rate(env, result, "percent", currency))
