"""Laws of sharing a rebate out over the purchases that earned it."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.rounding import round_half_up, round_parts
from odoo.addons.rebate_management.engine.sharing import share_in_common, share_out, share_rules
from odoo.addons.rebate_management.engine.tiers import ONE, ZERO, Part

# However busy the machine is.
law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CENT = Decimal("0.01")
units = st.sampled_from([CENT, Decimal("0.001"), Decimal("0.05"), Decimal(1)])
money = st.decimals(-1_000_000, 1_000_000, places=2)
quantities = st.decimals(-10_000, 10_000, places=4)
rates = st.decimals(0, 100, places=3)
purchases = st.lists(st.tuples(money, quantities), min_size=1, max_size=12)


@st.composite
def parts(draw, bought):
    """Up to three parts of any kind, on what was bought or a share of it."""
    whole = {
        "percent": max(sum((amount for amount, _quantity in bought), ZERO), ZERO),
        "per_unit": max(sum((quantity for _amount, quantity in bought), ZERO), ZERO),
        "fixed": ONE,
    }
    kinds = draw(st.lists(st.sampled_from(sorted(whole)), max_size=3))
    return [Part(ZERO, draw(rates), whole[kind], kind) for kind in kinds]


@law
@given(st.data(), purchases, units, st.decimals(0, 3, places=2))
def test_not_a_coin_is_lost_or_invented(data, bought, unit, factor):
    earned_by = data.draw(parts(bought))
    earned = sum((part.rebate for part in earned_by), ZERO)
    # what the rule earned, or less or more within the limits of the program
    total = round_half_up(earned * factor if factor else earned, unit)
    shares = share_out(total, earned_by, *zip(*bought, strict=True), unit)
    assert sum(shares, ZERO) == total
    assert all(share % unit == 0 for share in shares)


@law
@given(purchases, rates, units)
def test_at_one_rate_each_line_has_this_rate_of_its_own(bought, rate, unit):
    amounts, counts = zip(*bought, strict=True)
    if sum(amounts, ZERO) > 0:
        part = Part(ZERO, rate, sum(amounts, ZERO))
        shares = share_out(round_half_up(part.rebate, unit), [part], amounts, counts, unit)
        assert all(
            abs(share - amount * rate / 100) < unit
            for share, amount in zip(shares, amounts, strict=True)
        )
    if sum(counts, ZERO) > 0:
        part = Part(ZERO, rate, sum(counts, ZERO), "per_unit")
        shares = share_out(round_half_up(part.rebate, unit), [part], amounts, counts, unit)
        assert all(
            abs(share - count * rate) < unit for share, count in zip(shares, counts, strict=True)
        )


@law
@given(purchases, st.decimals(0, 100_000, places=2))
def test_no_line_has_more_of_a_lump_sum_than_the_sum_or_its_own_worth(bought, lump_sum):
    amounts, counts = zip(*bought, strict=True)
    shares = share_out(lump_sum, [Part(ZERO, lump_sum, ONE, "fixed")], amounts, counts, CENT)
    for share, amount in zip(shares, amounts, strict=True):
        assert abs(share) <= max(lump_sum, abs(amount)) + CENT


@law
@given(purchases, st.decimals(0, 100_000, places=2))
def test_a_return_never_has_a_part_of_its_own_where_something_was_bought(bought, lump_sum):
    amounts, counts = zip(*bought, strict=True)
    shares = share_out(lump_sum, [Part(ZERO, lump_sum, ONE, "fixed")], amounts, counts, CENT)
    if max(amounts) > 0:
        assert all(
            share < CENT for share, amount in zip(shares, amounts, strict=True) if amount < 0
        )


def test_a_lump_sum_beside_a_rate_per_unit():
    of_units = Part(ZERO, Decimal(2), Decimal(15), "per_unit")
    earned_by = [of_units, Part(ZERO, Decimal(100), ONE, "fixed")]
    amounts, counts = [Decimal(300), Decimal(100)], [Decimal(5), Decimal(10)]
    shares = share_out(Decimal(130), earned_by, amounts, counts, CENT)
    assert shares == [Decimal(85), Decimal(45)], "10 + 75 and 20 + 25"


def test_returns_that_outweigh_the_purchases_leave_the_lump_sum_to_these():
    shares = share_out(
        Decimal(60),
        [Part(ZERO, Decimal(60), ONE, "fixed")],
        [Decimal(100), Decimal(-500), Decimal(200)],
        [ZERO] * 3,
        CENT,
    )
    assert shares == [20, 0, 40]


def test_a_lump_sum_above_what_returns_left_lies_on_the_purchases_alone():
    lump_sum = [Part(ZERO, Decimal(500), ONE, "fixed")]
    amounts = [Decimal(1000), Decimal(-999)]
    assert share_out(Decimal(500), lump_sum, amounts, [ZERO] * 2, CENT) == [500, 0]


def test_little_left_of_much_has_its_rate_all_the_same():
    amounts = [Decimal(100), Decimal("-99.50")]
    rate = [Part(ZERO, Decimal(10), Decimal("0.50"))]
    shares = share_out(Decimal("0.05"), rate, amounts, [ZERO] * 2, CENT)
    assert shares == [10, Decimal("-9.95")]


def test_a_limit_or_a_guarantee_beside_what_was_earned_by_a_coin_is_one():
    rate = [Part(ZERO, Decimal(10), Decimal("100.15"))]
    for total in (Decimal("10.00"), Decimal("10.03")):
        assert share_out(total, rate, [Decimal("100.15")], [ONE], CENT) == [total]


def test_free_goods_alone_have_the_same_each():
    lump_sum = [Part(ZERO, Decimal(1), ONE, "fixed")]
    shares = share_out(Decimal(1), lump_sum, [ZERO] * 3, [ONE] * 3, CENT)
    assert shares == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]


def test_a_limit_lowers_all_parts_alike_and_a_guarantee_adds_to_the_amounts():
    earned_by = [Part(ZERO, Decimal(10), Decimal(1000)), Part(ZERO, ONE, Decimal(100), "per_unit")]
    amounts, counts = [Decimal(750), Decimal(250)], [ZERO, Decimal(100)]
    assert share_out(Decimal(200), earned_by, amounts, counts, CENT) == [75, 125]
    assert share_out(Decimal(50), earned_by, amounts, counts, CENT) == [
        Decimal("18.75"),
        Decimal("31.25"),
    ]
    assert share_out(Decimal(300), earned_by, amounts, counts, CENT) == [150, 150]


def test_what_no_line_earned_lies_on_none():
    lump_sum = [Part(ZERO, Decimal(100), ONE, "fixed")]
    assert share_out(Decimal(100), lump_sum, [], [], CENT) == []


@law
@given(rates, money, st.decimals(0, 1_000_000, places=2))
def test_in_common_is_the_rate_of_what_both_count(rate, both, whole):
    part = Part(ZERO, rate, whole)
    on_both = share_in_common(part.rebate, [part], both, whole, CENT)
    expected = both * rate / 100 if whole else ZERO
    assert abs(on_both - expected) < Decimal("1e-9")


@law
@given(st.data(), purchases, money, st.decimals(0, 3, places=2))
def test_of_a_lump_sum_all_is_in_common_at_most_and_nothing_at_least(data, bought, both, factor):
    whole = sum((amount for amount, _quantity in bought), ZERO)
    earned_by = [part for part in data.draw(parts(bought)) if part.rate_type != "percent"]
    earned = sum((part.rebate for part in earned_by), ZERO)
    total = round_half_up(earned * factor, CENT)
    on_both = share_in_common(total, earned_by, both, whole, CENT)
    assert 0 <= on_both <= total
    if both <= 0:
        assert on_both == 0
    elif both >= whole:
        assert on_both == total
    else:
        assert abs(on_both - total * both / whole) < CENT


@law
@given(st.data(), purchases, st.decimals(0, 1, places=3), st.decimals(0, 3, places=2))
def test_what_is_in_common_and_the_rest_add_up(data, bought, share, factor):
    whole = sum((amount for amount, _quantity in bought), ZERO)
    earned_by = data.draw(parts(bought))
    total = round_half_up(sum((part.rebate for part in earned_by), ZERO) * factor, CENT)
    if whole > 0:
        pieces = [
            share_in_common(total, earned_by, both, whole, CENT)
            for both in (whole * share, whole * (1 - share))
        ]
        assert abs(sum(pieces) - total) < CENT


def test_in_common_a_limit_lowers_all_alike_and_a_guarantee_is_a_lump_sum():
    rate = Part(ZERO, Decimal(10), Decimal(1000))
    lump_sum = Part(ZERO, Decimal(100), ONE, "fixed")
    both, whole = Decimal(1500), Decimal(1000)

    def in_common(total, *earned_by):
        return share_in_common(Decimal(total), earned_by, both, whole, CENT)

    assert in_common(200, rate, lump_sum) == 250, "150 at the rate, and all of the 100"
    assert in_common(50, rate, lump_sum) == Decimal("62.5")
    assert in_common(300, rate, lump_sum) == 350
    assert in_common(300) == 300
    assert in_common("100.005", rate) == Decimal("150.0075"), "rounding is no guarantee"
    assert in_common("100.01", rate) == Decimal("150.01")


def test_in_common_more_than_the_purchases_are_worth_is_a_lump_sum():
    rate = Part(ZERO, Decimal(10), Decimal(50))
    assert share_in_common(Decimal(5), [rate], Decimal(500), Decimal(1), CENT) == 5
    assert share_in_common(Decimal(5), [rate], Decimal(500), Decimal(5), CENT) == 500
    assert share_in_common(Decimal(5), [rate], Decimal(-500), ZERO, CENT) == 0


def test_in_common_free_goods_have_nothing_of_a_lump_sum_and_what_costs_little_has():
    lump_sum = [Part(ZERO, Decimal(5), ONE, "fixed")]
    assert share_in_common(Decimal(5), lump_sum, ZERO, ZERO, CENT) == 0
    assert share_in_common(Decimal(5), lump_sum, Decimal("0.5"), Decimal(-1), CENT) == 5


def test_rounding_alone_does_not_make_up_a_difference():
    with pytest.raises(ValueError, match="cannot be rounded"):
        round_parts([ONE, ONE], Decimal("2.05"), CENT)


# --- what a period earned, over its rules ---


@pytest.mark.parametrize(
    ("total", "earned", "measured", "expected"),
    [
        # what the rules earned
        ("20.00", ["15", "5"], ["100", "900"], ["15.00", "5.00"]),
        # lowered by a limit: in proportion, the odd coin to the larger remainder
        ("10.00", ["15", "5"], ["100", "900"], ["7.50", "2.50"]),
        ("0.01", ["2", "1"], ["0", "0"], ["0.01", "0.00"]),
        # a rule that took back earns nothing of what others are paid
        ("8.00", ["10", "-2"], ["100", "900"], ["8.00", "0.00"]),
        # only the guarantee: what they counted, less what was returned
        ("10.00", ["0", "0"], ["100", "300"], ["2.50", "7.50"]),
        ("10.00", ["0", "-1"], ["100", "-300"], ["10.00", "0.00"]),
        # nor that: evenly
        ("10.00", ["0", "0"], ["0", "-5"], ["5.00", "5.00"]),
        ("10.00", [], [], []),
    ],
)
def test_rules_share_what_the_period_earned(total, earned, measured, expected):
    shares = share_rules(
        Decimal(total), [Decimal(one) for one in earned], [Decimal(one) for one in measured], CENT
    )
    assert [str(one) for one in shares] == expected


@law
@given(
    st.lists(st.tuples(money, money), min_size=1, max_size=6),
    units,
    st.integers(-1_000_000, 1_000_000),
)
def test_rules_lose_and_invent_no_coin(rules, unit, coins):
    total = coins * unit
    earned, measured = zip(*rules, strict=True)
    shares = share_rules(total, earned, measured, unit)
    assert sum(shares, ZERO) == total
    assert len(shares) == len(rules)
    assert all(one == round_half_up(one, unit) for one in shares)
