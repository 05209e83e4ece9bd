"""Laws of tiers and growth, searched for counterexamples by Hypothesis."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.growth import decide_growth
from odoo.addons.rebate_management.engine.rounding import round_half_up
from odoo.addons.rebate_management.engine.tiers import Measure, Tier, decide

from .strategies import caps, methods, money, purchases, scales

HALF = Fraction(1, 2)


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


def assert_paid(earned, exact):
    """A rebate is what fractions say, and to the cent what they say rounded half up."""
    assert abs(Fraction(earned) - exact) < Fraction(1, 10**9)
    assert round_half_up(earned, Decimal("0.01")) == Decimal(floor(exact * 100 + HALF)) / 100


def naive(value, scale, method, total, cap):
    """What a scale pays, coin by coin of the definition, in fractions."""
    value, total = Fraction(value), Fraction(total)
    reached = [tier for tier in scale if Fraction(tier.threshold) <= value]
    kept = Fraction(1) if cap is None or total <= cap else Fraction(cap) / total
    earning = value * kept
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
            paid = max(total, Fraction(0)) * (span / value if value else highest * kept)
            rebate += paid * Fraction(tier.rate) / (100 if tier.rate_type == "percent" else 1)
    return rebate


rate_types = st.sampled_from(["percent", "per_unit", "fixed"])


@given(
    money | st.just(Decimal(0)),
    scales(),
    methods,
    rate_types,
    money,
    st.booleans(),
    caps,
)
def test_it_pays_what_a_naive_computation_in_fractions_pays(
    value, scale, method, rate_type, other, same, cap
):
    scale = [Tier(tier.threshold, tier.rate, rate_type) for tier in scale]
    total = value if same else other
    measure = Measure(total, total)
    if cap is not None:
        measure = measure.limited("amount", cap)
    assert_paid(
        decide(value, scale, method, measure).earned, naive(value, scale, method, total, cap)
    )


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


def naive_growth(actual, baseline, scale, kind, reward, cap):
    """What growth pays, in fractions: the tier by the growth, the pay by what exceeds the baseline
    or all of it, at most ``cap`` of that."""
    actual, baseline = Fraction(actual), Fraction(baseline)
    grown = actual - baseline
    value = grown * 100 / baseline if kind == "growth_percent" else grown
    reached = [tier for tier in scale if Fraction(tier.threshold) <= value]
    if not reached:
        return Fraction(0)
    paid = actual if reward == "all" else grown
    kept = paid if cap is None else min(paid, Fraction(cap))
    if reward != "band":
        return kept * Fraction(reached[-1].rate) / 100
    # Of the excess, what lies between two thresholds and below the limit.
    money_of = paid / value if value else Fraction(0)
    ends = [Fraction(tier.threshold) * money_of for tier in reached[1:]] + [paid]
    return sum(
        max(Fraction(0), min(end, kept) - Fraction(tier.threshold) * money_of)
        * Fraction(tier.rate)
        / 100
        for tier, end in zip(reached, ends, strict=True)
    )


@given(
    purchases,
    st.decimals("0.01", 1_000_000, places=2),
    scales(),
    st.sampled_from(["growth_percent", "growth_amount"]),
    st.sampled_from(["all", "excess", "band"]),
    caps,
)
def test_growth_pays_what_a_naive_computation_in_fractions_pays(
    actual, baseline, scale, kind, reward, cap
):
    measure = Measure(actual)
    if cap is not None:
        measure = measure.limited("amount", cap)
    paid = decide_growth(actual, baseline, scale, kind, reward, measure).earned
    assert_paid(paid, naive_growth(actual, baseline, scale, kind, reward, cap))
