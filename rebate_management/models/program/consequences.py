"""What an amendment changes beside what is earned: which money can no longer be claimed, when it is
paid, which periods are cut anew. Found by comparing how periods stand before and after, and kept as
plain values, so that they are told in the language of whoever reads them.

Amounts are in the program's currency, of its own periods; other programs count by their number.
"""

from typing import NamedTuple

from odoo import fields
from odoo.tools import format_amount, format_date


class Told(NamedTuple):
    """A consequence in words: of how many periods, and of how much money; whether somebody may lose
    by it."""

    sentence: str
    periods: int
    amount: str
    is_loss: bool


# What a distributor may lose by.
LOSSES = {"expires", "expires_soon", "overpaid"}


def find_consequences(amendment, before, after):
    """Compare how periods stand.

    :param before: by accrual id, :class:`~.amendment_effects.Standing` by the old terms
    :param after: the same by the new terms
    :return: list of ``{"code", "periods", "amount", "day"}`` in the order of ``SENTENCES``; the day
        is the first on which something is due or has to be claimed, empty where there is none
    """
    found = {}

    def note(code, amount=0.0, day=None):
        row = found.setdefault(code, {"code": code, "periods": 0, "amount": 0.0, "day": ""})
        row["periods"] += 1
        row["amount"] += amount
        day = fields.Date.to_string(day) or ""
        row["day"] = min(filter(None, (row["day"], day)), default="")

    today = fields.Date.context_today(amendment)
    program_id = amendment.program_id.id
    agreements = set()
    for accrual_id in before | after:
        was, will = before.get(accrual_id), after.get(accrual_id)
        if (was or will).program_id != program_id:
            if (was and was.earned) != (will and will.earned):
                note("other_programs")
            continue
        for code, *of_period in _of_period(was, will, today):
            note(code, *of_period)
            agreements.add((will or was).agreement_id)
    if agreements:
        found["agreements"] = {"code": "agreements", "periods": len(agreements), "amount": 0.0}
    return [found[code] for code in SENTENCES if code in found]


def _of_period(was, will, today):
    """List what changes of one period.

    :return: an iterator of ``(code, amount)`` and perhaps a day
    """
    if not was:
        yield "new_periods", will.earned
        return
    if not will:
        yield "gone_periods", was.earned
        return
    if (was.date_from, was.date_to) != (will.date_from, will.date_to):
        yield "recut", will.earned
    if will.is_kept:
        yield "not_computed", will.earned
    if will.earned > was.earned:
        yield "more", will.earned - was.earned
    elif will.earned < was.earned:
        yield "less", will.earned - was.earned
    if will.open < 0 <= was.open:
        yield "overpaid", will.open
    if will.open > 0:
        if not will.is_claimed:
            yield from _of_claim(was, will, today)
        yield from _of_payout(was, will)


def _of_claim(was, will, today):
    """List what changes of the time in which something still to be paid can be claimed."""
    if was.claim_until == will.claim_until:
        return
    if was.expired_on:
        return
    if not will.claim_until:
        yield "free_of_claim", will.open
    elif will.claim_until >= today:
        if not was.claim_until:
            yield "to_be_claimed", will.open, will.claim_until
        elif was.claim_until < today:
            yield "claimable_again", will.open, will.claim_until
        else:
            code = "later" if will.claim_until > was.claim_until else "sooner"
            yield code, will.open, will.claim_until
    elif not was.claim_until or was.claim_until >= today:
        # Who was reminded loses it at once, the others have some days more.
        yield "expires" if will.is_warned else "expires_soon", will.open


def _of_payout(was, will):
    """List what changes of when and whether something is paid."""
    if will.due > was.due:
        yield "due_later", will.open, will.due
    elif will.due < was.due:
        yield "due_earlier", will.open, will.due
    if will.open < will.smallest and not was.open < was.smallest:
        yield "too_little", will.open
    elif was.open < was.smallest and not will.open < will.smallest:
        yield "enough", will.open


def tell(amendment, rows) -> list[Told]:
    """Tell consequences in the language of the environment.

    :param rows: see :func:`find_consequences`
    """
    env, currency = amendment.env, amendment.currency_id

    def sentence(row):
        said = SENTENCES[row["code"]](env)
        if not row.get("day"):
            return said
        return env._("%(what)s, first by %(day)s", what=said, day=format_date(env, row["day"]))

    return [
        Told(
            sentence(row),
            row["periods"],
            format_amount(env, row["amount"], currency) if row["amount"] else "",
            row["code"] in LOSSES,
        )
        for row in rows
        if row["code"] in SENTENCES
    ]


# In the order in which they are told: first what a distributor may lose.
SENTENCES = {
    "expires": lambda env: env._(
        "Past the new deadline for claims: the money expires with the next daily job"
    ),
    "expires_soon": lambda env: env._(
        "Past the new deadline for claims: the distributor is reminded once, and the money expires"
        " if it is not claimed then"
    ),
    "to_be_claimed": lambda env: env._("To be claimed from now on, or else it expires"),
    "sooner": lambda env: env._("To be claimed sooner than before"),
    "later": lambda env: env._("Can be claimed longer than before"),
    "claimable_again": lambda env: env._("Can be claimed again"),
    "free_of_claim": lambda env: env._("Need not be claimed any more"),
    "overpaid": lambda env: env._("Paid more than is earned by the new terms"),
    "less": lambda env: env._("Earn less"),
    "more": lambda env: env._("Earn more"),
    "due_later": lambda env: env._("Paid later than before"),
    "due_earlier": lambda env: env._("Paid earlier than before"),
    "too_little": lambda env: env._(
        "Less than the smallest payout now: carried over to the next one"
    ),
    "enough": lambda env: env._("Reach the smallest payout now"),
    "recut": lambda env: env._("Run over other days than before"),
    "new_periods": lambda env: env._("Periods that come about"),
    "gone_periods": lambda env: env._("Periods that are given up"),
    "not_computed": lambda env: env._("Cannot be computed by the new terms and keep their figures"),
    "other_programs": lambda env: env._(
        "Periods of other programs whose rebate changes with it; the lines below tell them"
    ),
    "agreements": lambda env: env._("Agreements concerned"),
}
