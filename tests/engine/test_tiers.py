"""What scales pay: published cases, thresholds to the cent, lump sums, units and limits."""

from decimal import Decimal

import pytest

from odoo.addons.rebate_management.engine.tiers import (
    Measure,
    Part,
    Tier,
    check_scale,
    decide,
)

METHODS = ["incremental", "retroactive", "rolling", "total"]


def scale(*tiers):
    return [Tier(Decimal(t), Decimal(rate), *rest) for t, rate, *rest in tiers]


def measure(amount, quantity=0):
    return Measure(Decimal(amount), Decimal(quantity))


def parts(outcome):
    """The pieces that earned, as (threshold, rate, base)."""
    return [(part.threshold, part.rate, part.base) for part in outcome.parts]


def earned(value, tiers, *args):
    return decide(Decimal(value), tiers, *args).earned


# Microsoft Dynamics 365, rebate management deals
DYNAMICS = scale((0, 10), (1000, 25))


@pytest.mark.parametrize(
    ("method", "rebate", "pieces"),
    [
        ("incremental", 350, [(0, 10, 1000), (1000, 25, 1000)]),
        ("retroactive", 500, [(1000, 25, 2000)]),
        ("rolling", 600, [(0, 10, 1000), (1000, 25, 2000)]),
        ("total", 700, [(0, 10, 2000), (1000, 25, 2000)]),
    ],
)
def test_dynamics_365_pays_2000_by_each_method(method, rebate, pieces):
    outcome = decide(Decimal(2000), DYNAMICS, method)
    assert outcome.earned == rebate
    assert parts(outcome) == pieces
    assert outcome.value == 2000


def test_a_threshold_is_reached_to_the_cent():
    tiers = scale((10000, 5), (25000, 7))
    below, at, above = (
        decide(Decimal(v), tiers, "retroactive") for v in ("9999.99", 10000, "24999.99")
    )
    assert (below.reached, below.following, below.earned) == (None, 0, 0)
    assert (at.reached, at.following, at.earned) == (0, 1, 500)
    assert (above.reached, above.following) == (0, 1)
    top = decide(Decimal(25000), tiers, "retroactive")
    assert (top.reached, top.following, top.earned) == (1, None, 1750)


def test_the_lower_band_is_cut_where_the_next_begins():
    tiers = scale((100, 1), (200, 2), (300, 3))
    assert parts(decide(Decimal(300), tiers, "incremental")) == [(100, 1, 100), (200, 2, 100)]
    assert parts(decide(Decimal(301), tiers, "rolling")) == [
        (100, 1, 200),
        (200, 2, 300),
        (300, 3, 301),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_returns_beyond_purchases_and_rules_without_tiers_earn_nothing(method):
    for outcome in (decide(Decimal(-20), DYNAMICS, method), decide(Decimal(20), [], method)):
        assert (outcome.reached, outcome.parts, outcome.earned) == (None, (), 0)
    assert decide(Decimal(20), [], method).following is None


def test_a_lump_sum_is_paid_once_and_only_by_the_tiers_that_pay():
    tiers = scale((1000, 50, "fixed"), (2000, 120, "fixed"), (3000, 500, "fixed"))
    assert [earned(2500, tiers, method) for method in METHODS] == [170, 120, 170, 170]
    outcome = decide(Decimal(2500), tiers, "retroactive")
    assert outcome.parts == (Part(Decimal(2000), Decimal(120), Decimal(1), "fixed"),)


def test_a_rate_per_unit_pays_on_the_units_whatever_they_cost():
    tiers = scale((0, "0.10", "per_unit"), (100, "0.25", "per_unit"))
    bought = measure(9000, 150)
    assert earned(150, tiers, "retroactive", bought) == Decimal("37.50")
    assert earned(150, tiers, "incremental", bought) == Decimal("22.50")
    # Purchases in money choose the tier, units earn.
    assert earned(9000, tiers, "retroactive", bought) == Decimal("37.50")


def test_units_choose_the_tier_and_money_earns():
    tiers = scale((100, 2), (200, 4))
    # A band of 50 of 250 units stands for a fifth of the 10,000.
    assert parts(decide(Decimal(250), tiers, "incremental", measure(10000, 250))) == [
        (100, 2, 4000),
        (200, 4, 2000),
    ]
    assert earned(250, tiers, "retroactive", measure(10000, 250)) == 400


def test_buying_one_product_unlocks_a_rate_on_another():
    tiers = scale((300, 5))
    assert earned(400, tiers, "retroactive", measure(70)) == Decimal("3.5")
    assert earned(299, tiers, "retroactive", measure(70)) == 0


def test_a_tier_from_zero_pays_on_the_other_product_without_any_of_the_first():
    tiers = scale((0, 5))
    for method in METHODS:
        assert earned(0, tiers, method, measure(1000)) == 50
        limited = measure(1000).limited("amount", Decimal(300))
        assert earned(0, tiers, method, limited) == 15


def test_more_returns_than_purchases_of_what_earns_take_nothing():
    assert earned(400, scale((300, 5)), "retroactive", measure(-70)) == 0
    assert earned(0, scale((0, 5)), "retroactive", measure(-70)) == 0
    # The lump sum was for reaching the tier.
    assert earned(400, scale((300, 5, "fixed")), "retroactive", measure(-70)) == 5


def test_nothing_is_explained_by_an_empty_piece():
    assert decide(Decimal(100), scale((0, 1), (100, 2)), "incremental").parts == (
        Part(Decimal(0), Decimal(1), Decimal(100)),
    )
    assert decide(Decimal(0), scale((0, 1)), "retroactive").parts == ()


# Salesforce, rebate measure cap: 1 % on at most 100,000
def test_salesforce_measure_cap():
    cap = Decimal(100000)
    assert earned(130000, scale((0, 1)), "retroactive", measure(130000).limited("amount", cap)) == (
        1000
    )
    assert measure(100000).limited("amount", cap) == measure(100000)
    assert measure(99999).limited("amount", cap) == measure(99999)
    assert measure("100000.01").limited("amount", cap) == Measure(
        Decimal("100000.01"), Decimal(0), cap, Decimal("100000.01")
    )


def test_a_limit_in_units_limits_the_money_they_stand_for():
    limited = measure(8000, 200).limited("quantity", Decimal(50))
    assert limited.earning(Decimal(8000)) == 2000
    assert (limited.amount, limited.quantity) == (8000, 200)
    assert earned(200, scale((0, 10)), "retroactive", limited) == 200
    assert earned(200, scale((0, "0.5", "per_unit")), "retroactive", limited) == 25


@pytest.mark.parametrize(
    ("method", "rebate"),
    # The first 1,500 of 2,000 earn; the tier that all of it reached decides the rate.
    [("incremental", 225), ("retroactive", 375), ("rolling", 475), ("total", 525)],
)
def test_a_limit_cuts_what_earns_from_above_and_not_the_tier(method, rebate):
    limited = measure(2000).limited("amount", Decimal(1500))
    assert earned(2000, DYNAMICS, method, limited) == rebate


def test_a_limit_below_a_band_leaves_nothing_of_it():
    limited = measure(2000).limited("amount", Decimal(600))
    assert parts(decide(Decimal(2000), DYNAMICS, "incremental", limited)) == [(0, 10, 600)]


def test_a_portion_keeps_the_limit():
    half = measure(900, 90).portion(Decimal(1), Decimal(2))
    assert half == measure(450, 45)
    limited = measure(900, 90).limited("amount", Decimal(300))
    assert limited.portion(Decimal(2), Decimal(3)) == Measure(
        Decimal(600), Decimal(60), Decimal(300), Decimal(600)
    )
    # A third is as much as the limit, a quarter less.
    assert limited.portion(Decimal(1), Decimal(3)) == measure(300, 30)
    assert limited.portion(Decimal(1), Decimal(4)) == measure(225, "22.5")
    assert limited.portion(Decimal(0), Decimal(4)) == measure(0)


def test_scales_that_can_be_read_in_two_ways_are_refused():
    for tiers in (scale((100, 1), (100, 2)), scale((200, 1), (100, 2))):
        with pytest.raises(ValueError, match=r"^Thresholds must rise from tier to tier\.$"):
            check_scale(tiers)
    with pytest.raises(ValueError, match=r"^A threshold may not be negative\.$"):
        check_scale(scale((-1, 1), (0, 2)))
    check_scale(scale((0, 1), ("0.01", 2)))
    check_scale([])


def test_deciding_checks_the_scale_and_knows_its_methods():
    with pytest.raises(ValueError, match="must rise"):
        earned(1, scale((2, 1), (1, 1)), "total")
    with pytest.raises(ValueError, match=r"^Unknown tier method 'stairs'\.$"):
        earned(1, DYNAMICS, "stairs")


def test_terms_and_decisions_are_not_changed_afterwards():
    outcome = decide(Decimal(2000), DYNAMICS, "total")
    for record, field in ((DYNAMICS[0], "rate"), (outcome, "value"), (outcome.parts[0], "base")):
        with pytest.raises(AttributeError):
            setattr(record, field, Decimal(0))
