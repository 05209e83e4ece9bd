"""The periods over which a program counts, and after which it pays: parts of the company's fiscal
years, cut at the days on which something begins and ends."""

from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from ...engine.periods import subdivide

# From the shortest to the longest.
PERIODS = ("month", "quarter", "half_year", "year", "program")


class Cell(NamedTuple):
    """A period between two days, and the whole period of the calendar that it is cut from: False
    where it is the whole run of the program."""

    whole_from: date | bool
    whole_to: date | bool
    first: date
    last: date


def cut_periods(company, kind: str, first: date, last: date, until: date) -> list[Cell]:
    """List the periods between two days that have begun by a third, cut at both.

    :param company: whose fiscal years count
    :param kind: one of ``PERIODS``
    """
    stop = min(until, last)
    if kind == "program":
        return [Cell(False, False, first, last)] if first <= stop else []
    cells = []
    day = first
    while day <= stop:
        year = company.compute_fiscalyear_dates(day)
        cells += [
            Cell(start, end, max(start, first), min(end, last))
            for start, end in subdivide(year["date_from"], year["date_to"], kind)
            if end >= day and start <= stop
        ]
        day = year["date_to"] + timedelta(days=1)
    return cells


def calendar_period(company, kind: str, day: date) -> tuple[date, date] | None:
    """Find the whole period a day lies in, whenever anything begins or ends.

    Months are those of the calendar, also where a fiscal year begins within one.

    :return: ``(first day, last day)``, or None for a whole run
    """
    if kind == "program":
        return None
    if kind == "month":
        first = day.replace(day=1)
        return first, first + relativedelta(months=1, days=-1)
    year = company.compute_fiscalyear_dates(day)
    return next(
        (first, last)
        for first, last in subdivide(year["date_from"], year["date_to"], kind)
        if first <= day <= last
    )


def is_whole(company, kind: str, first: date | bool, last: date | bool) -> bool:
    """Tell whether a period, not cut by any dates, is one of the calendar.

    :param first: its first day, or False for a whole run
    """
    if kind == "program" or not first:
        return kind == "program" and not first
    year = company.compute_fiscalyear_dates(first)
    return (first, last) in subdivide(year["date_from"], year["date_to"], kind)
