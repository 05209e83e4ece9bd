"""Rounding to a currency's coin, and sharing out so that nothing is lost or invented."""

from decimal import Decimal

import pytest

from odoo.addons.rebate_management.engine.limits import limit
from odoo.addons.rebate_management.engine.rounding import round_half_up, share

CENT = Decimal("0.01")


def shared(total, weights, unit=CENT):
    """The parts as text: what is shown is 0.00, not 0 or -0.00."""
    return [str(part) for part in share(Decimal(total), [Decimal(w) for w in weights], unit)]


@pytest.mark.parametrize(
    ("amount", "unit", "rounded"),
    [
        ("1257.3625", "0.01", "1257.36"),
        ("0.005", "0.01", "0.01"),
        ("-0.005", "0.01", "-0.01"),
        ("0.00499999", "0.01", "0.00"),
        ("-0.004", "0.01", "0.00"),
        ("2.5", "1", "3"),
        ("3.5", "1", "4"),
        ("12.03", "0.05", "12.05"),
        ("12.02", "0.05", "12.00"),
        ("1.2345", "0.001", "1.235"),
        ("1234.5", "10", "1230"),
        # Half a coin, but for a division that did not come out even; and truly less than half
        ("8.254999999999999999999999999", "0.01", "8.26"),
        ("-8.254999999999999999999999999", "0.01", "-8.26"),
        ("8.2549999999", "0.01", "8.25"),
    ],
)
def test_an_amount_is_rounded_to_the_coin_halves_away_from_zero(amount, unit, rounded):
    assert str(round_half_up(Decimal(amount), Decimal(unit))) == rounded


@pytest.mark.parametrize("unit", ["0", "-0.01"])
def test_a_coin_is_worth_something(unit):
    with pytest.raises(ValueError, match=f"^The rounding unit must be positive, not {unit}.$"):
        round_half_up(Decimal(1), Decimal(unit))
    with pytest.raises(ValueError, match=f"^1 cannot be shared out in coins of {unit}.$"):
        shared(1, [1], Decimal(unit))


def test_three_equal_parts_of_ten_euros():
    assert shared("10.00", [1, 1, 1]) == ["3.34", "3.33", "3.33"]
    assert shared("0.02", [1, 1, 1]) == ["0.01", "0.01", "0.00"]
    assert shared(100, [1, 1, 1], Decimal(1)) == ["34", "33", "33"]
    assert shared("1.00", [1, 1, 1], Decimal("0.05")) == ["0.35", "0.35", "0.30"]


def test_the_greatest_remainder_is_served_first():
    assert shared("0.01", [1, 3, 6]) == ["0.00", "0.00", "0.01"]
    # 1.3, 3.9 and 7.8 cents
    assert shared("0.13", [1, 3, 6]) == ["0.01", "0.04", "0.08"]


def test_of_equal_remainders_the_earlier_is_served_first():
    # All three have two thirds of a cent left, however many digits stand before them.
    assert shared("0.10", [1, 4, 10]) == ["0.01", "0.03", "0.06"]


def test_what_is_taken_back_is_shared_as_it_was_given():
    assert shared("-0.10", [1, 4, 10]) == ["-0.01", "-0.03", "-0.06"]
    assert shared("-0.02", [1, 1, 1]) == ["-0.01", "-0.01", "0.00"]


def test_a_return_beside_purchases_takes_its_part_back():
    # 5 % on 1,000.30 less a return of 200.10: 40.01
    assert shared("40.01", ["1000.30", "-200.10"]) == ["50.02", "-10.01"]
    assert shared("0.10", [1, -1, 1, 0]) == ["0.10", "-0.10", "0.10", "0.00"]
    # Returns outweigh purchases: what is taken back goes to the returns.
    assert shared("-5.00", [100, -200]) == ["5.00", "-10.00"]
    assert shared("5.00", [-1, -1, -1]) == ["1.67", "1.67", "1.66"]


def test_weights_of_any_size_and_fineness_lose_no_coin():
    huge, tiny = Decimal("1E+20"), Decimal("1E-12")
    assert shared("10.00", [huge, tiny, huge]) == ["5.00", "0.00", "5.00"]
    third = Decimal(1) / 3
    assert shared("0.10", [third, third, third]) == ["0.04", "0.03", "0.03"]
    # Purchases and returns that nearly cancel out each other
    assert shared("0.01", [10**15, -(10**15), "0.01"]) == [
        "1000000000000000.00",
        "-1000000000000000.00",
        "0.01",
    ]


def test_nothing_is_shared_into_nothing():
    assert shared(0, [1, 2]) == ["0.00", "0.00"]
    assert shared(0, [1, -1]) == ["0.00", "0.00"]
    assert shared(0, []) == []


def test_something_cannot_be_shared_over_nothing():
    message = r"^An amount cannot be shared out over weights that add up to zero\.$"
    for weights in ([], [0, 0], [5, -5]):
        with pytest.raises(ValueError, match=message):
            shared("1.00", weights)


def test_what_is_no_number_of_coins_cannot_be_shared_out():
    with pytest.raises(ValueError, match=r"^0\.005 cannot be shared out in coins of 0\.01\.$"):
        shared("0.005", [1, 1])


@pytest.mark.parametrize(
    ("earned", "maximum", "guaranteed", "paid"),
    [
        (300, 500, 100, 300),
        (500, 500, 100, 500),
        ("500.01", 500, 100, 500),
        (100, 500, 100, 100),
        ("99.99", 500, 100, 100),
        (900, 0, 0, 900),
        (900, 0, 1000, 1000),
        (900, 1, 0, 1),
        (900, 500, 500, 500),
        (0, 500, 500, 500),
        (0, 0, 0, 0),
    ],
)
def test_a_period_pays_between_the_guaranteed_and_the_greatest_rebate(
    earned, maximum, guaranteed, paid
):
    assert limit(*map(Decimal, (earned, maximum, guaranteed))) == Decimal(paid)


def test_more_than_the_greatest_rebate_cannot_be_guaranteed():
    message = r"^501 is guaranteed, but at most 500 is paid\.$"
    with pytest.raises(ValueError, match=message):
        limit(Decimal(0), Decimal(500), Decimal(501))
