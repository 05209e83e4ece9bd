"""Making up overpayments: what somebody was paid too much is taken off what he is owed.

Money that is owed to one payee in one currency is one sum, whichever agreement earned it. So an
overpayment comes off the agreement it is of, then off others: those of the same program first,
then those that are owed most. What is left of an agreement afterwards is paid, unless it is less
than the agreement pays at least.
"""

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import NamedTuple

from .tiers import ZERO


class Credit(NamedTuple):
    """What is owed to an agreement: an ``amount`` above zero, of which at least ``minimum`` is paid
    at a time."""

    agreement: Hashable
    program: Hashable
    amount: Decimal
    minimum: Decimal


class Debt(NamedTuple):
    """What an agreement was paid too much: an ``amount`` above zero, told apart by its ``key``."""

    key: Hashable
    agreement: Hashable
    program: Hashable
    amount: Decimal


class Offset(NamedTuple):
    """What comes off whom: ``taken`` has amounts by agreement and key of the debt; ``short`` are
    the agreements of which too little would be left to pay, and of which only their own debts
    come off."""

    taken: dict
    short: frozenset


def offset(
    owed: Sequence[Credit],
    debts: Sequence[Debt],
    fits: Callable[[Hashable, Hashable], bool] = lambda agreement, key: True,
) -> Offset:
    """Take overpayments off what is owed, as far as that goes.

    An agreement of which nothing is left comes to rest. One of which less is left than it pays at
    least is not paid, and the overpayments of others are made up by others then.

    :param owed: at most one an agreement
    :param debts: in the order in which they are made up, the oldest first
    :param fits: whether what an agreement is owed can make up for the debt of a key

    >>> owed = [
    ...     Credit("new", "A", Decimal(100), Decimal(0)),
    ...     Credit("other", "B", Decimal(60), Decimal(50)),
    ... ]
    >>> done = offset(owed, [Debt(1, "old", "A", Decimal(120))])
    >>> {agreement: {key: int(amount) for key, amount in taken.items()}
    ...  for agreement, taken in done.taken.items()}, done.short
    ({'new': {1: 100}}, frozenset({'other'}))
    """
    short = set()
    while True:
        taken, left = _take(owed, debts, fits, short)
        scanty = [
            credit.agreement
            for credit in owed
            if credit.agreement not in short and ZERO < left[credit.agreement] < credit.minimum
        ]
        if not scanty:
            return Offset(taken, frozenset(short))
        # Without it others may make up more, and be scanty themselves or no longer.
        short.add(scanty[-1])


def _take(owed, debts, fits, short):
    left = {credit.agreement: credit.amount for credit in owed}
    programs = {credit.agreement: credit.program for credit in owed}
    owing = {debt.key: debt.amount for debt in debts}
    taken = {}

    def make_up(debt, agreement):
        amount = min(owing[debt.key], left[agreement])
        if amount > 0:
            owing[debt.key] -= amount
            left[agreement] -= amount
            of_agreement = taken.setdefault(agreement, {})
            of_agreement[debt.key] = of_agreement.get(debt.key, ZERO) + amount

    for debt in debts:
        if debt.agreement in left:
            make_up(debt, debt.agreement)
    others = [credit.agreement for credit in owed if credit.agreement not in short]
    for debt in debts:
        if owing[debt.key]:
            # Stable: of those that are owed the same, the first.
            for agreement in sorted(
                others, key=lambda one, debt=debt: (programs[one] != debt.program, -left[one])
            ):
                if fits(agreement, debt.key):
                    make_up(debt, agreement)
    return taken, left
