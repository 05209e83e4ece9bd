"""What is owed by accruals up to a day, what they have in the books, and how the books must change
for it. What an accrual has in the books are the posted journal items that carry its name."""

from decimal import Decimal
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...engine.accruing import change, owed_so_far
from ...engine.rounding import round_half_up
from ...engine.tiers import ZERO
from ...tools.apart import apart
from ...tools.currencies import smallest_coin
from .problems import error_message


class Booked(NamedTuple):
    """The liability of one accrual on one account: ``amount`` in the program's currency, ``value``
    in the company's; ``accrued`` is the amount without what payouts took."""

    amount: float
    value: float
    accrued: float


class Owed(NamedTuple):
    """What is owed by an accrual, what the books have, and the change by account; all amounts in
    the program's currency."""

    owed: float
    in_books: float
    changes: dict

    @property
    def change(self):
        """By how much the liability changes, all accounts together."""
        return sum(self.changes.values())


def booked(accruals):
    """Read the liability in the books, in one statement.

    :return: by accrual that has posted journal items, by account: :class:`Booked`
    """
    lines = accruals.env["account.move.line"]
    lines.flush_model()
    accruals.env["account.move"].flush_model(["rebate_settlement_id"])
    found = {}
    rows = accruals.env.execute_query(
        SQL(
            """
            SELECT line.rebate_accrual_id, line.account_id,
                   -SUM(line.amount_currency), -SUM(line.balance),
                   -COALESCE(SUM(line.amount_currency)
                                 FILTER (WHERE move.rebate_settlement_id IS NULL), 0)
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.rebate_accrual_id = ANY(%s) AND line.parent_state = 'posted'
          GROUP BY line.rebate_accrual_id, line.account_id
          ORDER BY line.rebate_accrual_id, line.account_id
            """,
            accruals.ids,
        )
    )
    for accrual_id, account_id, *sums in rows:
        accrual = accruals.browse(accrual_id).with_prefetch(accruals._prefetch_ids)
        account = accruals.env["account.account"].browse(account_id)
        found.setdefault(accrual, {})[account] = Booked(*(float(total) for total in sums))
    return found


def find_owed(accruals, day):
    """Compare what is owed up to a day with the books. Nothing is stored.

    :return: by accrual, :class:`Owed`; and sentences that name what cannot be computed
    """
    accruing = accruals.filtered(lambda accrual: accrual.program_id.accrual_method != "none")
    problems = {accrual: accrual.problem for accrual in accruing if accrual.problem}
    problems |= _paid_beyond(accruing, day)
    earned, uncomputed = earned_up_to(accruing - accruals.browse().union(*problems), day)
    problems |= uncomputed
    in_books = booked(accruals)
    owed = {}
    for accrual in accruals:
        if accrual in problems:
            continue
        owed[accrual] = compare(accrual, earned.get(accrual), in_books.get(accrual, {}))
    return owed, list(dict.fromkeys(problems.values()))


def _paid_beyond(accruals, day):
    """Find what was paid for a time beyond a day. Less the payout, nothing would seem to be
    owed on a day when the books did not have the payout yet.

    :return: a sentence by accrual
    """
    lines = accruals.env["rebate.settlement.line"].search(
        Domain("accrual_id", "in", accruals.ids)
        & Domain("state", "in", ("posted", "paid"))
        & (
            Domain("date_until", ">", day)
            | (Domain("date_until", "=", False) & Domain("accrual_id.date_to", ">", day))
        ),
        order="date_until, id",
    )
    return {
        line.accrual_id: accruals.env._(
            "“%(accrual)s” was paid up to %(until)s already by %(settlement)s, and accrued for"
            " it. Its accrual is corrected by a run for this day or a later one.",
            accrual=line.accrual_id.display_name,
            until=format_date(accruals.env, line.date_until or line.accrual_id.date_to),
            settlement=line.settlement_id.name,
        )
        for line in lines
    }


def earned_up_to(accruals, day):
    """Compute what each accrual owes before anything is paid, by its program's method; should
    one program fail, each by itself.

    :return: amounts by accrual, and sentences by accrual that cannot be computed
    """
    earned, problems = {}, {}
    for some, results, error in apart(accruals, lambda each: _results_up_to(each, day)):
        if error:
            problems |= dict.fromkeys(some, error_message(some, error))
            continue
        for accrual in some:
            if problem := accrual._find_problem(results[accrual.id]):
                problems[accrual] = problem
            else:
                earned[accrual] = _earned_by_method(accrual, results[accrual.id])
    return earned, problems


def _results_up_to(accruals, day):
    """Compute what was earned, and foresee the rest of the period only where that is asked."""
    calculation = accruals.env["rebate.calculation"]
    expecting = accruals.filtered(lambda accrual: accrual.program_id.accrual_method == "expected")
    results = {}
    if accruals - expecting:
        results |= calculation._calculate((accruals - expecting)._windows(until=day))
    if expecting:
        results |= calculation._calculate(expecting._windows(until=day), forecast=True)
    return results


def _earned_by_method(accrual, result):
    """What is owed for a period before anything is paid.

    :param result: see :class:`Result`
    """
    if not result.forecast or accrual.program_id.accrual_method != "expected":
        return result.earned
    if result.guarantee and Decimal(result.forecast["so_far"]) <= ZERO:
        # Nothing was bought: what is guaranteed is owed by the days, as it is paid.
        return result.earned
    return owed_so_far(
        result.expected,
        Decimal(result.forecast["so_far"]),
        Decimal(result.forecast["value"]),
        smallest_coin(accrual.currency_id),
    )


def compare(accrual, earned, parts, payout=0):
    """Find the change that leads from the books to what is owed.

    :param earned: a decimal, or None where the program accrues nothing
    :param parts: what is in the books, :class:`Booked` by account
    :param payout: what is about to be taken from the liability, and settled by it
    """
    coin = smallest_coin(accrual.currency_id)

    def exact(amount):
        return round_half_up(Decimal(str(amount)), coin)

    in_books = sum((exact(part.amount) for part in parts.values()), ZERO)
    accrued = sum((exact(part.accrued) for part in parts.values()), ZERO)
    owed = ZERO if earned is None else earned - exact(accrual._no_longer_owed())
    # What lies on an account the program has left moves over.
    changes = {account: -exact(part.amount) for account, part in parts.items()}
    account = accrual.program_id._accrues_on()
    if account:
        moved = changes.pop(account, ZERO) + in_books
        taken = exact(payout)
        changes[account] = moved + change(owed - taken, in_books - taken, accrued)
    return Owed(
        float(owed),
        float(in_books),
        {account: float(amount) for account, amount in changes.items() if amount},
    )
