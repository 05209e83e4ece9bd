"""Laws of coins, days and periods, searched for counterexamples by Hypothesis."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.forecast import forecast
from odoo.addons.rebate_management.engine.limits import limit
from odoo.addons.rebate_management.engine.periods import MONTHS, subdivide, years_before
from odoo.addons.rebate_management.engine.prorate import prorate, prorate_tiers
from odoo.addons.rebate_management.engine.rounding import round_half_up, share
from odoo.addons.rebate_management.engine.tiers import check_scale

from .strategies import money, purchases, scales, units


@given(money, units)
def test_rounding_is_to_the_nearest_coin_and_halves_away_from_zero(amount, unit):
    rounded = round_half_up(amount, unit)
    assert rounded % unit == 0
    assert abs(rounded - amount) <= unit / 2
    assert round_half_up(-amount, unit) == -rounded


# Purchases and returns as they are on invoices, or their rebates before rounding.
weights = st.lists(
    money | purchases | st.builds(lambda amount, days: amount / days, money, st.integers(1, 366)),
    min_size=1,
    max_size=12,
).filter(lambda numbers: sum(map(Fraction, numbers)) != 0)


@given(money, weights, units)
def test_shares_of_purchases_and_returns_are_coins_and_add_up_exactly(amount, weights, unit):
    total = round_half_up(amount, unit)
    parts = share(total, weights, unit)
    assert sum(map(Fraction, parts)) == Fraction(total)
    whole = sum(map(Fraction, weights))
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(total) * Fraction(weight) / whole
        assert Fraction(part) % Fraction(unit) == 0
        assert abs(Fraction(part) - exact) < Fraction(unit)
        # What comes out even gets that, and what bought nothing gets nothing.
        if exact % Fraction(unit) == 0:
            assert part == exact


@given(money, weights, units, st.integers(1, 1000))
def test_shares_depend_on_proportions_only_and_are_taken_back_as_given(
    amount, weights, unit, times
):
    total = round_half_up(amount, unit)
    parts = share(total, weights, unit)
    assert share(-total, weights, unit) == [-part for part in parts]
    assert share(total, [-weight for weight in weights], unit) == parts
    as_cents = [round_half_up(weight, Decimal("0.01")) for weight in weights]
    if sum(as_cents):
        scaled = [weight * times for weight in as_cents]
        assert share(total, scaled, unit) == share(total, as_cents, unit)


@given(purchases, st.lists(purchases, min_size=1, max_size=12).filter(any), units)
def test_who_bought_more_gets_no_less_and_equals_differ_by_a_coin(amount, weights, unit):
    parts = share(round_half_up(amount, unit), weights, unit)
    for (bought, part), (more, other) in pairwise(sorted(zip(weights, parts, strict=True))):
        assert part <= other
        if bought == more:
            assert other - part <= unit


@given(money, purchases, purchases)
def test_a_payout_is_the_nearest_to_what_was_earned_that_the_limits_allow(earned, one, other):
    guaranteed, maximum = sorted((one, other))
    paid = limit(earned, maximum, guaranteed)
    assert guaranteed <= paid
    if maximum:
        assert paid <= maximum
    if paid != earned:
        assert paid == (guaranteed if earned < guaranteed else maximum)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(MONTHS)))
def test_periods_cover_a_fiscal_year_without_gap_or_overlap(first, kind):
    last = first + relativedelta(months=12) - timedelta(days=1)
    periods = subdivide(first, last, kind)
    assert (periods[0][0], periods[-1][1]) == (first, last)
    for (_start, end), (start, _end) in pairwise(periods):
        assert start == end + timedelta(days=1)
    assert all(start <= end for start, end in periods)
    if kind != "month":
        assert len(periods) == 12 // MONTHS[kind]


@given(purchases, st.integers(1, 366), st.data(), units)
def test_a_part_of_a_period_has_its_share_of_a_value_to_the_coin(value, of_days, data, unit):
    days = data.draw(st.integers(0, of_days))
    part = prorate(value, days, of_days, unit)
    if days == of_days:
        assert part == value
        return
    assert part % unit == 0
    assert abs(Fraction(part) - Fraction(value) * days / of_days) <= Fraction(unit) / 2


@given(scales(), st.integers(1, 366), st.data(), units)
def test_a_lowered_scale_is_a_scale_with_the_same_tiers(scale, of_days, data, unit):
    days = data.draw(st.integers(1, of_days))
    lowered = prorate_tiers(scale, days, of_days, unit)
    check_scale(lowered)
    for tier, part in zip(scale, lowered, strict=True):
        assert (part.rate, part.rate_type) == (tier.rate, tier.rate_type)
        assert bool(part.threshold) == bool(tier.threshold)
        exact = Fraction(tier.threshold) * days / of_days
        assert abs(Fraction(part.threshold) - exact) <= Fraction(unit) / 2


@given(money, st.integers(-30, 400), st.integers(1, 366), money, money)
def test_a_forecast_is_what_fractions_say_and_never_below_what_was_bought(
    so_far, elapsed, days, before_so_far, before_whole
):
    result = forecast(so_far, elapsed, days, before_so_far, before_whole)
    assert result.value >= so_far
    naive_value = {
        "so_far": lambda: Fraction(so_far),
        "run_rate": lambda: Fraction(so_far) * days / elapsed,
        "seasonal": lambda: Fraction(so_far) * Fraction(before_whole) / Fraction(before_so_far),
    }[result.method]()
    assert abs(Fraction(result.value) - naive_value) < Fraction(1, 10**9)
    if result.method == "seasonal":
        assert result.value <= 10 * so_far


@given(purchases, st.integers(1, 365), st.integers(2, 366))
def test_who_buys_as_last_year_is_foreseen_to_end_as_last_year(whole, elapsed, days):
    so_far = round_half_up(whole * min(elapsed, days) / days, Decimal("0.01"))
    result = forecast(so_far, elapsed, days, so_far, whole)
    if result.method == "seasonal":
        assert abs(result.value - whole) < Decimal("1e-9")


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 12), st.integers(1, 5))
def test_periods_follow_each_other_years_before_as_they_do_now(first, months, years):
    first = first.replace(day=1)
    second = first + relativedelta(months=months)
    last = second + relativedelta(months=months) - timedelta(days=1)
    one = years_before(first, second - timedelta(days=1), years)
    other = years_before(second, last, years)
    assert one[1] + timedelta(days=1) == other[0]
    assert (one[0].year, one[0].month) == (first.year - years, first.month)
