"""Laws of the engine, searched for counterexamples by Hypothesis."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.forecast import forecast
from odoo.addons.rebate_management.engine.growth import decide_growth
from odoo.addons.rebate_management.engine.periods import MONTHS, add_months, subdivide
from odoo.addons.rebate_management.engine.prorate import prorate, prorate_tiers
from odoo.addons.rebate_management.engine.rounding import round_half_up, share
from odoo.addons.rebate_management.engine.tiers import METHODS, Measure, Tier, check_scale, decide

# A law holds however busy the machine is that looks for its counterexamples.
settings.register_profile("laws", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")

money = st.decimals(-1_000_000, 10_000_000, places=2)
purchases = st.decimals(0, 10_000_000, places=2)
rates = st.decimals(0, 100, places=3)
units = st.sampled_from([Decimal("0.01"), Decimal("0.001"), Decimal("0.05"), Decimal(1)])
methods = st.sampled_from(sorted(METHODS))
thresholds = st.lists(st.decimals(0, 1_000_000, places=2), unique=True, max_size=6).map(sorted)


@st.composite
def scales(draw, rising=False):
    """A scale of up to six tiers; with rising rates where asked for."""
    steps = draw(thresholds)
    percents = draw(st.lists(rates, min_size=len(steps), max_size=len(steps)))
    return [
        Tier(threshold, rate)
        for threshold, rate in zip(steps, sorted(percents) if rising else percents, strict=True)
    ]


@given(purchases, purchases, scales())
def test_incremental_never_falls_when_purchases_rise(one, other, scale):
    low, high = sorted((one, other))
    assert decide(low, scale, "incremental").earned <= decide(high, scale, "incremental").earned


@given(purchases, purchases, scales(rising=True))
def test_retroactive_never_falls_when_purchases_and_rates_rise(one, other, scale):
    low, high = sorted((one, other))
    assert decide(low, scale, "retroactive").earned <= decide(high, scale, "retroactive").earned


@given(purchases, scales(rising=True))
def test_retroactive_pays_at_least_incremental_where_rates_rise(value, scale):
    assert decide(value, scale, "retroactive").earned >= decide(value, scale, "incremental").earned


@given(money, scales(), methods)
def test_parts_add_up_to_the_whole(value, scale, method):
    outcome = decide(value, scale, method)
    assert sum((part.rebate for part in outcome.parts), Decimal(0)) == outcome.earned
    if outcome.reached is None:
        assert not outcome.parts
        return
    bases = sum((part.base for part in outcome.parts), Decimal(0))
    if method == "incremental":
        assert bases == value - scale[0].threshold
    if method == "retroactive":
        assert bases == value


@given(st.lists(money, max_size=8), scales(), methods)
def test_splitting_purchases_into_lines_changes_nothing(lines, scale, method):
    split = [half for line in lines for half in (line / 2, line - line / 2)]
    assert decide(sum(lines, Decimal(0)), scale, method) == decide(
        sum(reversed(split), Decimal(0)), scale, method
    )


@given(money, scales(), methods)
def test_the_tier_reached_is_the_highest_whose_threshold_is_not_above(value, scale, method):
    outcome = decide(value, scale, method)
    reached = [place for place, tier in enumerate(scale) if tier.threshold <= value]
    assert outcome.reached == (reached[-1] if reached else None)
    following = [place for place, tier in enumerate(scale) if tier.threshold > value]
    assert outcome.following == (following[0] if following else None)


def naive(value, scale, method, total, cap):
    """What a scale pays, coin by coin of the definition, in fractions."""
    value, total = Fraction(value), Fraction(total)
    reached = [tier for tier in scale if Fraction(tier.threshold) <= value]
    earning = value if cap is None or total <= cap else value * Fraction(cap) / total
    rebate = Fraction(0)
    for place, tier in enumerate(reached):
        highest = place == len(reached) - 1
        end = earning if highest else min(Fraction(reached[place + 1].threshold), earning)
        span = {
            "retroactive": earning if highest else Fraction(0),
            "total": earning,
            "rolling": end,
            "incremental": max(Fraction(0), end - Fraction(tier.threshold)),
        }[method]
        if tier.rate_type == "fixed":
            rebate += Fraction(tier.rate) if highest or method != "retroactive" else 0
        else:
            paid = max(total, Fraction(0)) * (span / value if value else highest)
            rebate += paid * Fraction(tier.rate) / (100 if tier.rate_type == "percent" else 1)
    return rebate


rate_types = st.sampled_from(["percent", "per_unit", "fixed"])


@given(
    money,
    scales(),
    methods,
    rate_types,
    money,
    st.booleans(),
    st.none() | st.decimals(0, 1_000_000, places=2),
)
def test_it_pays_what_a_naive_computation_in_fractions_pays(
    value, scale, method, rate_type, other, same, cap
):
    scale = [Tier(tier.threshold, tier.rate, rate_type) for tier in scale]
    total = value if same else other
    measure = Measure(total, total)
    if cap is not None:
        measure = measure.limited("amount", cap)
    exact = naive(value, scale, method, total, cap)
    assert abs(Fraction(decide(value, scale, method, measure).earned) - exact) < Fraction(1, 10**9)


@given(purchases, purchases, scales())
def test_growth_pays_nothing_without_baseline_and_bands_less_than_excess(one, other, scale):
    for reward in ("all", "excess", "band"):
        assert (
            decide_growth(one, Decimal(0), scale, "growth_percent", reward, Measure(one)).earned
            == 0
        )
    if other and one > other:
        rising = [
            Tier(tier.threshold, rate)
            for tier, rate in zip(scale, sorted(tier.rate for tier in scale), strict=True)
        ]
        band, excess, everything = (
            decide_growth(one, other, rising, "growth_amount", reward, Measure(one)).earned
            for reward in ("band", "excess", "all")
        )
        assert band <= excess + Decimal("1e-9")
        assert excess <= everything + Decimal("1e-9")


@given(money, units)
def test_rounding_is_to_the_nearest_coin_and_halves_away_from_zero(amount, unit):
    rounded = round_half_up(amount, unit)
    assert rounded % unit == 0
    assert abs(rounded - amount) <= unit / 2
    assert round_half_up(-amount, unit) == -rounded


@given(money, st.lists(purchases, min_size=1, max_size=12).filter(any), units)
def test_shares_are_coins_and_add_up_exactly(amount, weights, unit):
    total = round_half_up(amount, unit)
    parts = share(total, weights, unit)
    assert sum(parts, Decimal(0)) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part % unit == 0
        assert abs(part - total * weight / whole) < unit


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(MONTHS)))
def test_periods_cover_a_fiscal_year_without_gap_or_overlap(first, kind):
    last = add_months(first, 12) - timedelta(days=1)
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
