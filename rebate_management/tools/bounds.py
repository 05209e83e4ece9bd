"""How great, and how far from today, what a user types may be, and why.

Whatever is computed from a value within its bounds can be computed, stored and printed. A value
beyond them is refused where it is typed, whoever or whatever types it, so that no job stumbles
over it later. :class:`RebateBounds` applies the table.
"""

import math
from datetime import date
from typing import NamedTuple

from odoo import fields


class Bound(NamedTuple):
    """The least and the greatest value of a field, both allowed."""

    low: float | date
    high: float | date


# Python knows the years 1 to 9999, and a deadline some years after a program's end, or a baseline
# some years before its start, must be among them. Nobody has invoices of before 1900, and every
# period since a program's start gets an accrual: a slip such as 0026 for 2026 would make 24,000.
DAY = Bound(date(1900, 1, 1), date(2999, 12, 31))
# Ten years: what must be paid or claimed later than that is no longer in anybody's books. With
# it, the last day that a program may have stays a day that Python knows.
DAYS = Bound(-3650, 3650)
# Each year is measured anew at each refresh, and books are kept for ten years, here and there for
# thirty.
YEARS = Bound(-30, 30)
# With four decimals, a greater one is no floating-point number any more that Odoo can round: it
# makes 10000000000000.01 of ten trillions.
AMOUNT = Bound(-9 * 10.0**11, 9 * 10.0**11)
# What one document pays: Odoo finds entries of not much more than this unbalanced.
PAYOUT = Bound(-(10.0**12), 10.0**12)
# Ten thousand times as much as before.
PERCENT = Bound(0, 10.0**6)
# By how much terms are raised from one year to the next: to nothing, or to eleven times as much.
RAISE = Bound(-100, 1000)
# The database has 32 bits, and the web client counts on from what stands there.
PLACE = Bound(-(10**9), 10**9)

# All that a user types into fields of ours; their signs have constraints of their own.
BOUNDS = {
    "rebate.program": {
        "sequence": PLACE,
        "date_start": DAY,
        "date_end": DAY,
        "payout_delay_days": DAYS,
        "claim_deadline_days": DAYS,
        "min_payout": PAYOUT,
        "max_payout": PAYOUT,
        "guaranteed_payout": PAYOUT,
    },
    "rebate.rule": {"sequence": PLACE, "baseline_years": YEARS, "max_measure": AMOUNT},
    "rebate.tier": {"threshold": AMOUNT, "rate": PAYOUT},
    "rebate.agreement": {
        "date_start": DAY,
        "date_end": DAY,
        "baseline_amount": PAYOUT,
        "target_amount": AMOUNT,
    },
    "rebate.template": {"sequence": PLACE},
    "rebate.approval.level": {"sequence": PLACE, "amount_from": PAYOUT, "reminder_days": DAYS},
    "rebate.settlement": {"date": DAY},
    "rebate.settlement.run": {"date_to": DAY},
    "rebate.accrual.run": {"date": DAY},
    "rebate.liability.day": {"date": DAY},
    "rebate.audit.export": {"date_from": DAY, "date_to": DAY},
    "rebate.claim.extend": {"claim_until": DAY},
    "rebate.renew": {
        "date_start": DAY,
        "date_end": DAY,
        "percent": RAISE,
        "rate_percent": RAISE,
    },
    "rebate.renew.line": {"baseline_amount": PAYOUT, "target_amount": AMOUNT},
    "rebate.renew.tier": {"threshold": AMOUNT, "rate": PAYOUT},
    "rebate.enroll": {
        "date_start": DAY,
        "date_end": DAY,
        "reference_from": DAY,
        "reference_to": DAY,
    },
    "rebate.enroll.line": {
        "date_start": DAY,
        "date_end": DAY,
        "baseline_amount": PAYOUT,
        "target_amount": AMOUNT,
    },
}


# What Odoo's rounding adds to a value that stands just at its bound.
NOISE = 10.0**-12


def is_within(value, bound):
    """Tell whether a date or a number is allowed.

    >>> is_within(10.0**12, PAYOUT), is_within(10.0**12 + 1, PAYOUT)
    (True, False)
    """
    if isinstance(value, date):
        return bound.low <= value <= bound.high
    return bound.low * (1 + NOISE) <= value <= bound.high * (1 + NOISE)


def read(value, kind):
    """Read what was typed as the number or the day it stands for.

    :param value: as a client, an import or a program of ours may write it
    :param kind: the type of the field: ``date``, ``integer``, ``float`` or ``monetary``
    :return: a date or a number; None where nothing was typed
    :raise ValueError: for what is neither
    """
    if value is None or value is False or value == "":
        return None
    try:
        if kind == "date":
            return fields.Date.to_date(value)
        number = float(value)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"{value!r} is no {kind}.") from error
    if math.isnan(number):
        raise ValueError(f"{value!r} is no number.")
    return number
