"""Laws of sharing a rebate out over the purchases that earned it."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.rounding import round_half_up, round_parts
from odoo.addons.rebate_management.engine.sharing import share_out
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


def test_rounding_alone_does_not_make_up_a_difference():
    with pytest.raises(ValueError, match="cannot be rounded"):
        round_parts([ONE, ONE], Decimal("2.05"), CENT)
