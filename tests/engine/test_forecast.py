"""What a running period is foreseen to measure: the boundaries of each way to foresee it."""

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from odoo.addons.rebate_management.engine.forecast import Forecast, forecast


def foresee(so_far, elapsed, days, *last_year):
    """The forecast of whole numbers, as (value, method)."""
    result = forecast(Decimal(so_far), elapsed, days, *map(Decimal, last_year))
    return result.value, result.method


def test_without_last_year_the_distributor_goes_on_as_it_began():
    assert foresee(25000, 91, 365) == (Decimal(25000) * 365 / 91, "run_rate")
    assert foresee(100, 1, 365) == (36500, "run_rate")
    assert foresee(1, 3, 4, 0, 0) == (Decimal(4) / 3, "run_rate")


def test_last_years_season_shapes_this_year():
    # A third bought by this day last year, whatever the calendar says.
    assert foresee(400, 300, 365, 500, 1500) == (1200, "seasonal")
    assert foresee(Decimal("0.5"), 1, 365, 500, 1500) == (Decimal("1.5"), "seasonal")


def test_a_day_before_the_end_is_still_foreseen_and_the_last_day_is_not():
    assert foresee(364, 364, 365) == (365, "run_rate")
    assert foresee(365, 365, 365, 100, 200) == (365, "so_far")
    assert foresee(365, 400, 365) == (365, "so_far")


def test_nothing_is_foreseen_of_a_period_that_has_not_begun():
    assert foresee(0, 0, 365, 100, 200) == (0, "so_far")
    assert foresee(500, 0, 365) == (500, "so_far")
    assert foresee(500, -30, 365, 100, 200) == (500, "so_far")


def test_returns_are_not_extrapolated():
    assert foresee(-500, 90, 365) == (-500, "so_far")
    assert foresee(-500, 90, 365, 100, 200) == (-500, "so_far")


def test_without_purchases_none_are_foreseen():
    assert foresee(0, 90, 365, 100, 200) == (0, "so_far")


def test_last_year_bought_only_later_says_nothing_of_this_years_pace():
    assert foresee(100, 73, 365, 0, 5000) == (500, "run_rate")
    assert foresee(100, 73, 365, -20, 5000) == (500, "run_rate")


def test_a_single_unit_bought_last_year_is_a_season():
    assert foresee(2, 73, 365, 1, 3) == (6, "seasonal")
    assert foresee(2, 73, 365, Decimal("0.01"), Decimal("0.03")) == (6, "seasonal")


def test_last_year_bought_all_by_this_day_foresees_no_more():
    assert foresee(100, 73, 365, 5000, 5000) == (100, "seasonal")


def test_returns_later_last_year_are_not_expected_again():
    assert foresee(100, 73, 365, 5000, 4999) == (500, "run_rate")
    assert foresee(100, 73, 365, 5000, -1) == (500, "run_rate")


def test_last_year_is_a_guide_once_a_tenth_of_it_was_bought():
    assert foresee(100, 73, 365, 500, 5000) == (1000, "seasonal")
    assert foresee(100, 73, 365, Decimal("499.99"), 5000) == (500, "run_rate")


def test_a_period_has_days():
    assert foresee(70, 1, 1) == (70, "so_far")
    for days in (0, -365):
        with pytest.raises(ValueError, match=f"A period of {days} days cannot be foreseen."):
            forecast(Decimal(1), 0, days)


def test_a_forecast_is_not_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        Forecast(Decimal(1), "so_far").value = Decimal(2)
