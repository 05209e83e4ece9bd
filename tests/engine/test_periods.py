"""The periods over which programs count, in fiscal years as companies have them."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from odoo.addons.rebate_management.engine.periods import subdivide, years_before


def day(text):
    return date.fromisoformat(text)


def cut(first, last, kind):
    """The periods of a fiscal year, as "first last"."""
    return [f"{a} {b}" for a, b in subdivide(day(first), day(last), kind)]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-10-15", 3, "2027-01-15"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-31", 0, "2026-12-31"),
        ("2026-01-01", -1, "2025-12-01"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(start, months, end):
    """As the library counts from which periods are cut."""
    assert day(start) + relativedelta(months=months) == day(end)


def test_a_calendar_year_has_its_quarters_and_halves():
    assert cut("2026-01-01", "2026-12-31", "quarter") == [
        "2026-01-01 2026-03-31",
        "2026-04-01 2026-06-30",
        "2026-07-01 2026-09-30",
        "2026-10-01 2026-12-31",
    ]
    assert cut("2026-01-01", "2026-12-31", "half_year") == [
        "2026-01-01 2026-06-30",
        "2026-07-01 2026-12-31",
    ]
    assert cut("2026-01-01", "2026-12-31", "year") == ["2026-01-01 2026-12-31"]
    months = cut("2024-01-01", "2024-12-31", "month")
    assert months[1] == "2024-02-01 2024-02-29"
    assert len(months) == 12


def test_quarters_are_counted_from_the_first_day_of_the_fiscal_year():
    assert cut("2026-04-06", "2027-04-05", "quarter") == [
        "2026-04-06 2026-07-05",
        "2026-07-06 2026-10-05",
        "2026-10-06 2027-01-05",
        "2027-01-06 2027-04-05",
    ]


def test_months_are_calendar_months_cut_at_the_ends_of_the_year():
    months = cut("2026-04-06", "2027-04-05", "month")
    assert months[:2] == ["2026-04-06 2026-04-30", "2026-05-01 2026-05-31"]
    assert months[-1] == "2027-04-01 2027-04-05"
    assert len(months) == 13


def test_a_short_fiscal_year_ends_its_last_period():
    assert cut("2026-01-01", "2026-07-31", "quarter") == [
        "2026-01-01 2026-03-31",
        "2026-04-01 2026-06-30",
        "2026-07-01 2026-07-31",
    ]
    # A period that would begin on the day after the end is none; one that begins on it is.
    assert len(cut("2026-01-01", "2026-06-30", "quarter")) == 2
    assert cut("2026-01-01", "2026-07-01", "half_year")[1] == "2026-07-01 2026-07-01"


def test_a_long_fiscal_year_is_one_year_and_more_than_four_quarters():
    assert cut("2026-01-01", "2027-03-31", "year") == ["2026-01-01 2027-03-31"]
    assert cut("2026-01-01", "2027-03-31", "quarter")[4:] == ["2027-01-01 2027-03-31"]


def test_a_year_of_one_day_is_one_period():
    for kind in ("month", "quarter", "half_year", "year"):
        assert cut("2026-05-05", "2026-05-05", kind) == ["2026-05-05 2026-05-05"]


def test_what_is_no_year_or_no_kind_of_period_is_refused():
    message = r"^The year ends on 2026-01-01, before it begins on 2026-01-02\.$"
    with pytest.raises(ValueError, match=message):
        cut("2026-01-02", "2026-01-01", "year")
    with pytest.raises(ValueError, match=r"^Unknown kind of period 'week'\.$"):
        cut("2026-01-01", "2026-12-31", "week")


@pytest.mark.parametrize(
    ("first", "last", "years", "before"),
    [
        ("2026-01-01", "2026-03-31", 1, ("2025-01-01", "2025-03-31")),
        ("2026-04-06", "2026-07-05", 2, ("2024-04-06", "2024-07-05")),
        ("2025-02-01", "2025-02-28", 1, ("2024-02-01", "2024-02-29")),
        ("2024-02-01", "2024-02-29", 1, ("2023-02-01", "2023-02-28")),
        ("2026-07-01", "2026-12-31", 3, ("2023-07-01", "2023-12-31")),
    ],
)
def test_the_same_period_years_before_has_its_own_last_day(first, last, years, before):
    assert years_before(day(first), day(last), years) == tuple(map(day, before))
