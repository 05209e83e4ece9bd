"""What people call a period."""

from odoo import fields
from odoo.tools import format_date

from ..engine.periods import add_months

# The names of whole calendar periods, by their length in months, as CLDR patterns.
PATTERNS = {1: "MMMM yyyy", 3: "QQQ yyyy", 12: "yyyy"}


def format_period(env, first, last):
    """Name a period as people do, in the reader's language: July 2026, Q3 2026, 2026, or from
    day to day where it is no whole month, quarter or year of the calendar."""
    for months, pattern in PATTERNS.items():
        begins = first.day == 1 and (first.month - 1) % months == 0
        if begins and last == fields.Date.subtract(add_months(first, months), days=1):
            return format_date(env, first, date_format=pattern)
    return env._("%(first)s – %(last)s", first=format_date(env, first), last=format_date(env, last))
