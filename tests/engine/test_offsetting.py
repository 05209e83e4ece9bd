"""Overpayments are made up by whatever is owed, and no more than that."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.rebate_management.engine.offsetting import Credit, Debt, offset

money = st.integers(1, 100000).map(lambda cents: Decimal(cents) / 100)
minimum = st.sampled_from([Decimal("0.01"), Decimal(50), Decimal(500)])


@st.composite
def payees(draw):
    """What some agreements are owed, and what some were paid too much."""
    owed = [
        Credit(place, draw(st.integers(0, 2)), draw(money), draw(minimum))
        for place in range(draw(st.integers(0, 4)))
    ]
    debts = [
        Debt(("debt", place), draw(st.integers(0, 6)), draw(st.integers(0, 2)), draw(money))
        for place in range(draw(st.integers(0, 4)))
    ]
    return owed, debts


@given(payees())
def test_nothing_is_taken_that_is_not_owed_or_was_not_overpaid(payee):
    owed, debts = payee
    done = offset(owed, debts)
    for credit in owed:
        taken = done.taken.get(credit.agreement, {})
        left = credit.amount - sum(taken.values())
        assert left >= 0
        assert all(amount > 0 for amount in taken.values())
        if credit.agreement not in done.short:
            assert left == 0 or left >= credit.minimum
        else:
            own = {debt.key for debt in debts if debt.agreement == credit.agreement}
            assert set(taken) <= own
    for debt in debts:
        made_up = sum(taken.get(debt.key, 0) for taken in done.taken.values())
        assert made_up <= debt.amount


@given(payees())
def test_whoever_is_paid_was_not_overpaid_elsewhere(payee):
    owed, debts = payee
    done = offset(owed, debts)
    paid = [
        credit
        for credit in owed
        if credit.agreement not in done.short
        and credit.amount > sum(done.taken.get(credit.agreement, {}).values())
    ]
    open_debts = [
        debt
        for debt in debts
        if debt.amount > sum(taken.get(debt.key, 0) for taken in done.taken.values())
    ]
    assert not paid or not open_debts


def test_an_agreement_makes_up_for_itself_first():
    owed = [Credit("a", "A", Decimal(100), Decimal(0)), Credit("b", "B", Decimal(100), Decimal(0))]
    debts = [Debt(1, "old", "A", Decimal(120)), Debt(2, "b", "B", Decimal(30))]
    assert offset(owed, debts).taken == {"b": {2: 30, 1: 20}, "a": {1: 100}}


@pytest.mark.parametrize(("debt", "short"), [(60, set()), (59, {"b"}), (10, set())])
def test_less_than_the_smallest_payout_is_not_left(debt, short):
    owed = [Credit("b", "B", Decimal(60), Decimal(50))]
    assert offset(owed, [Debt(1, "old", "A", Decimal(debt))]).short == short


def test_what_does_not_fit_is_not_taken():
    owed = [Credit("bill", "A", Decimal(100), Decimal(0))]
    done = offset(owed, [Debt(1, "old", "A", Decimal(120))], lambda agreement, key: False)
    assert done == ({}, set())
