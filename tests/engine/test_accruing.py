"""What is owed so far, and by how much the books change for it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.accruing import change, owed_so_far

CENT = Decimal("0.01")
money = st.decimals(-10_000, 10_000, places=2)
positive = st.decimals("0.01", 10_000, places=2)


def test_the_rate_of_the_whole_period_is_owed_on_purchases_so_far():
    assert owed_so_far(Decimal(6000), Decimal(30000), Decimal(120000), CENT) == 1500


def test_a_guarantee_is_owed_before_anything_is_bought():
    assert owed_so_far(Decimal(100), Decimal(0), Decimal(0), CENT) == 100
    assert owed_so_far(Decimal(100), Decimal(-5), Decimal(-5), CENT) == 100
    assert owed_so_far(Decimal(100), Decimal(5), Decimal(0), CENT) == 100


@given(expected=positive, so_far=positive, more=positive)
def test_no_more_is_owed_than_is_expected(expected, so_far, more):
    owed = owed_so_far(expected, so_far, so_far + more, CENT)
    assert 0 <= owed <= expected
    assert owed % CENT == 0
    assert owed_so_far(expected, so_far, so_far, CENT) == expected


@given(owed=money, in_books=money, taken=st.decimals(0, 10_000, places=2))
def test_the_books_come_to_what_is_owed_but_take_back_no_more_than_was_accrued(
    owed, in_books, taken
):
    accrued = in_books + taken
    posted = change(owed, in_books, accrued)
    if owed >= in_books:
        assert in_books + posted == owed
    else:
        assert posted <= 0
        assert -posted == min(in_books - owed, max(in_books, accrued, Decimal(0)))


@given(earned=st.decimals(0, 10_000, places=2), settled=st.decimals(0, 10_000, places=2))
def test_a_second_run_changes_nothing(earned, settled):
    owed = earned - settled
    accrued = settled
    in_books = accrued - settled
    posted = change(owed, in_books, accrued)
    assert change(owed, in_books + posted, accrued + posted) == 0
    assert in_books + posted == owed
