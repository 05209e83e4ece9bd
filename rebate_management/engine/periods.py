"""Cutting a fiscal year into the periods over which a program counts.

Quarters and half-years are counted from the first day of the fiscal year, so that they always
nest in it; months are calendar months, cut at the ends of a fiscal year that begins within one.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def subdivide(year_from: date, year_to: date, kind: str) -> list[tuple[date, date]]:
    """Cut one fiscal year into periods that cover it without gap or overlap.

    :param year_from: first day of the fiscal year
    :param year_to: its last day
    :param kind: ``month``, ``quarter``, ``half_year`` or ``year``
    :raise ValueError: for an unknown kind or a year that ends before it begins

    >>> [str(first) for first, last in subdivide(date(2026, 4, 1), date(2027, 3, 31), "quarter")]
    ['2026-04-01', '2026-07-01', '2026-10-01', '2027-01-01']
    """
    if kind not in MONTHS:
        raise ValueError(f"Unknown kind of period {kind!r}.")
    if year_to < year_from:
        raise ValueError(f"The year ends on {year_to}, before it begins on {year_from}.")
    if kind == "year":
        return [(year_from, year_to)]
    anchor = year_from.replace(day=1) if kind == "month" else year_from
    periods = []
    first, months = anchor, 0
    while first <= year_to:
        months += MONTHS[kind]
        # From the anchor: step by step, a 31st would become the 28th for good.
        following = anchor + relativedelta(months=months)
        last = min(following - timedelta(days=1), year_to)
        periods.append((max(first, year_from), last))
        first = following
    return periods


def years_before(first: date, last: date, years: int) -> tuple[date, date]:
    """Find the same period some years before; a February ends on its own last day.

    >>> [str(day) for day in years_before(date(2025, 2, 1), date(2025, 2, 28), 1)]
    ['2024-02-01', '2024-02-29']
    """
    after = last + timedelta(days=1) - relativedelta(years=years)
    return first - relativedelta(years=years), after - timedelta(days=1)
