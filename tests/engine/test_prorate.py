"""Terms of an agreement that runs for a part of a period."""

from decimal import Decimal

import pytest

from odoo.addons.rebate_management.engine.prorate import prorate, prorate_tiers
from odoo.addons.rebate_management.engine.tiers import Tier, check_scale

CENT = Decimal("0.01")


def scale(*tiers):
    return [Tier(Decimal(t), Decimal(rate), *rest) for t, rate, *rest in tiers]


def cut(tiers, *args, **options):
    """The thresholds and rates of a scale that was cut, as text: 2520.50 is not 2520.5."""
    return [(str(t.threshold), str(t.rate)) for t in prorate_tiers(tiers, *args, **options)]


def test_a_quarter_of_a_year_by_its_days():
    assert str(prorate(Decimal(50000), 92, 365, CENT)) == "12602.74"
    assert str(prorate(Decimal(50000), 92, 366, CENT)) == "12568.31"
    assert str(prorate(Decimal(1000), 92, 365, Decimal("0.0001"))) == "252.0548"
    assert str(prorate(Decimal(50000), 92, 365, Decimal(1))) == "12603"


def test_half_a_coin_is_rounded_away_from_zero():
    assert str(prorate(Decimal("0.01"), 1, 2, CENT)) == "0.01"
    assert str(prorate(Decimal("-0.01"), 1, 2, CENT)) == "-0.01"
    assert str(prorate(Decimal("0.01"), 182, 365, CENT)) == "0.00"


def test_a_whole_period_leaves_a_value_untouched():
    assert str(prorate(Decimal("12345.67891"), 365, 365, CENT)) == "12345.67891"


def test_no_days_leave_nothing():
    assert prorate(Decimal(1000), 0, 365, CENT) == 0


@pytest.mark.parametrize(("days", "of_days"), [(-1, 365), (366, 365), (0, 0), (-2, -1), (1, -1)])
def test_days_that_are_no_part_of_a_period_are_refused(days, of_days):
    with pytest.raises(ValueError, match=f"{days} days are no part of a period of {of_days} days"):
        prorate(Decimal(1000), days, of_days, CENT)
    with pytest.raises(ValueError, match="days"):
        prorate_tiers(scale((0, 2), (100, 3)), days, of_days, CENT)


def test_thresholds_and_lump_sums_are_lowered_and_rates_are_not():
    tiers = scale((10000, 2), (20000, "0.35", "per_unit"), (50000, 1000, "fixed"))
    assert cut(tiers, 73, 365, CENT) == [
        ("2000.00", "2"),
        ("4000.00", "0.35"),
        ("10000.00", "200.00"),
    ]
    assert [t.rate_type for t in prorate_tiers(tiers, 73, 365, CENT)] == [
        "percent",
        "per_unit",
        "fixed",
    ]


def test_growth_in_percent_is_the_same_for_a_part_of_the_year_but_lump_sums_are_not():
    tiers = scale((5, 2), (10, 1000, "fixed"))
    assert cut(tiers, 73, 365, CENT, scale_thresholds=False) == [("5", "2"), ("10", "200.00")]
    assert cut(tiers, 0, 365, CENT, scale_thresholds=False) == [("5", "2"), ("10", "0.00")]


def test_thresholds_in_units_have_a_unit_of_their_own():
    tiers = scale((1000, 500, "fixed"))
    assert cut(tiers, 92, 365, CENT, threshold_unit=Decimal("0.0001")) == [("252.0548", "126.03")]
    assert cut(tiers, 92, 365, Decimal(1), threshold_unit=CENT) == [("252.05", "126")]


def test_a_whole_period_leaves_a_scale_untouched():
    tiers = scale(("0.005", 2), ("0.006", "0.333", "fixed"))
    assert prorate_tiers(tiers, 365, 365, CENT) == tiers


def test_tiers_that_rounding_would_join_are_kept_apart_by_a_finer_unit():
    tiers = scale((100, 2), (101, 3), (102, "10.00", "fixed"))
    assert cut(tiers, 1, 365, CENT) == [("0.274", "2"), ("0.277", "3"), ("0.279", "0.03")]
    check_scale(prorate_tiers(tiers, 1, 365, CENT))
    # In yen, the first tier is from the first yen's fraction on and the next is above it.
    assert cut(scale((0, 1), (100, 2)), 1, 365, Decimal(1)) == [("0.0", "1"), ("0.3", "2")]


def test_a_tier_from_a_purchase_on_is_not_reached_without_any():
    assert cut(scale((1, 50, "fixed")), 1, 365, CENT) == [("0.003", "0.14")]
    # A tier that was reached from zero on still is.
    assert cut(scale((0, 5)), 1, 365, CENT) == [("0.00", "5")]


def test_a_scale_is_not_lowered_to_no_days_nor_out_of_order():
    with pytest.raises(ValueError, match=r"^A scale cannot be lowered to no days at all\.$"):
        prorate_tiers(scale((0, 2), (100, 3)), 0, 365, CENT)
    with pytest.raises(ValueError, match="must rise"):
        prorate_tiers(scale((100, 2), (50, 3)), 92, 365, CENT)


def test_a_rule_without_tiers_has_none():
    assert prorate_tiers([], 92, 365, CENT) == []
