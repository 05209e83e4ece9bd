"""What is owed by accruals up to a day, and how the books must change for it."""

from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine.accruing import change, owed_so_far
from ..engine.rounding import round_half_up
from ..engine.tiers import ZERO
from ..tools.apart import apart


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


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    def _find_owed(self, day):
        """Compare what is owed up to a day with the books. Nothing is stored.

        :return: by accrual, :class:`Owed`; and sentences that name what cannot be computed
        """
        accruing = self.filtered(lambda accrual: accrual.program_id.accrual_method != "none")
        problems = {accrual: accrual.problem for accrual in accruing if accrual.problem}
        problems |= accruing._paid_beyond(day)
        earned, uncomputed = (accruing - self.browse().union(*problems))._earned_up_to(day)
        problems |= uncomputed
        booked = self._booked()
        owed = {}
        for accrual in self:
            if accrual in problems:
                continue
            owed[accrual] = accrual._compare(earned.get(accrual), booked.get(accrual, {}))
        return owed, list(dict.fromkeys(problems.values()))

    def _paid_beyond(self, day):
        """Find what was paid for a time beyond a day. Less the payout, nothing would seem to be
        owed on a day when the books did not have the payout yet.

        :return: a sentence by accrual
        """
        lines = self.env["rebate.settlement.line"].search(
            Domain("accrual_id", "in", self.ids)
            & Domain("state", "in", ("posted", "paid"))
            & (
                Domain("date_until", ">", day)
                | (Domain("date_until", "=", False) & Domain("accrual_id.date_to", ">", day))
            ),
            order="date_until, id",
        )
        return {
            line.accrual_id: self.env._(
                "“%(accrual)s” was paid up to %(until)s already by %(settlement)s, and accrued for"
                " it. Its accrual is corrected by a run for this day or a later one.",
                accrual=line.accrual_id.display_name,
                until=format_date(self.env, line.date_until or line.accrual_id.date_to),
                settlement=line.settlement_id.name,
            )
            for line in lines
        }

    def _earned_up_to(self, day):
        """Compute what each accrual owes before anything is paid, by its program's method; should
        one program fail, each by itself.

        :return: amounts by accrual, and sentences by accrual that cannot be computed
        """
        earned, problems = {}, {}
        for accruals, results, error in apart(self, lambda some: some._results_up_to(day)):
            if error:
                problems |= dict.fromkeys(accruals, accruals._error_message(error))
                continue
            for accrual in accruals:
                if problem := accrual._find_problem(results[accrual.id]):
                    problems[accrual] = problem
                else:
                    earned[accrual] = accrual._earned_by_method(results[accrual.id])
        return earned, problems

    def _results_up_to(self, day):
        """Compute what was earned, and foresee the rest of the period only where that is asked."""
        calculation = self.env["rebate.calculation"]
        expecting = self.filtered(lambda accrual: accrual.program_id.accrual_method == "expected")
        results = {}
        if self - expecting:
            results |= calculation._calculate((self - expecting)._windows(until=day))
        if expecting:
            results |= calculation._calculate(expecting._windows(until=day), forecast=True)
        return results

    def _earned_by_method(self, result):
        """What is owed for a period before anything is paid.

        :param result: see :class:`Result`
        """
        self.ensure_one()
        if not result.forecast or self.program_id.accrual_method != "expected":
            return result.earned
        if result.guarantee and Decimal(result.forecast["so_far"]) <= ZERO:
            # Nothing was bought: what is guaranteed is owed by the days, as it is paid.
            return result.earned
        return owed_so_far(
            result.expected,
            Decimal(result.forecast["so_far"]),
            Decimal(result.forecast["value"]),
            Decimal(str(self.currency_id.rounding)),
        )

    def _no_longer_owed(self):
        """What was earned but is owed no more, in the program's currency: paid, expired, or
        released as too little to be paid."""
        self.ensure_one()
        return self.settled_amount + self.expired_amount + self.released_amount

    def _compare(self, earned, booked, payout=0):
        """Find the change that leads from the books to what is owed.

        :param earned: a decimal, or None where the program accrues nothing
        :param booked: :class:`Booked` by account
        :param payout: what is about to be taken from the liability, and settled by it
        """
        self.ensure_one()
        coin = Decimal(str(self.currency_id.rounding))

        def exact(amount):
            return round_half_up(Decimal(str(amount)), coin)

        in_books = sum((exact(part.amount) for part in booked.values()), ZERO)
        accrued = sum((exact(part.accrued) for part in booked.values()), ZERO)
        owed = ZERO if earned is None else earned - exact(self._no_longer_owed())
        # What lies on an account the program has left moves over.
        changes = {account: -exact(part.amount) for account, part in booked.items()}
        account = self.program_id._accrues_on()
        if account:
            moved = changes.pop(account, ZERO) + in_books
            taken = exact(payout)
            changes[account] = moved + change(owed - taken, in_books - taken, accrued)
        return Owed(
            float(owed),
            float(in_books),
            {account: float(amount) for account, amount in changes.items() if amount},
        )
