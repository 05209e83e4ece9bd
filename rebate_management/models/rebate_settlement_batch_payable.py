"""What is payable: earned up to the day less what was settled or proposed before."""

from typing import NamedTuple

from odoo import models
from odoo.fields import Domain

from ..tools.apart import apart
from .rebate_turns import require_turn


class Payable(NamedTuple):
    """What is payable of one accrual, in its currency, for the time up to a day.

    ``adjustment`` is the part of the amount that corrects what was paid before: the time paid for
    by then (``before_until``) earns ``before`` today, and was paid less or more. ``last`` is the
    settlement line that paid it."""

    accrual: object
    amount: float
    result: object
    until: object
    adjustment: float
    before: object
    before_until: object
    last: object


class RebateSettlementBatch(models.Model):
    _inherit = "rebate.settlement.batch"

    def _accruals(self, partner_ids):
        """Find the accruals to be paid to some partners, brought into being up to today.

        :return: the day up to which each is paid for, by accrual
        """
        to_partners = Domain("payout_partner_id", "in", partner_ids) | (
            Domain("payout_partner_id", "=", False) & Domain("partner_id", "in", partner_ids)
        )
        agreements = self.env["rebate.agreement"].search(self._agreement_domain() & to_partners)
        # Of two runs at once, the second begins anew and finds the first's proposals.
        require_turn(agreements)
        agreements._ensure_accruals()
        begun = self.env["rebate.accrual"].search(
            [("agreement_id", "in", agreements.ids), ("date_from", "<=", self.date_to)],
            order="agreement_id, date_from",
        )
        until = {accrual: day for accrual in begun if (day := self._paid_until(accrual))}
        begun.browse(accrual.id for accrual in until).refresh()
        return until

    def _paid_until(self, accrual):
        """Tell up to which day the run pays for an accrual's period.

        :return: the run's day, or the end of the last settlement period that is over by then;
            None where none is
        """
        if self.kind == "interim":
            return min(self.date_to, accrual.date_to)
        spans = accrual.program_id._settlement_periods(
            accrual.date_from, accrual.date_to, self.date_to
        )
        return max((last for _first, last in spans if last <= self.date_to), default=None)

    def _payable(self, until):
        """Compute what is payable of each accrual; may be negative.

        :param until: the day up to which it is paid for, by accrual
        :return: a list of :class:`Payable`, without those of which nothing is
        """
        accruals = self.env["rebate.accrual"].browse(accrual.id for accrual in until)
        # What cannot be computed is not paid, and keeps nobody else from being paid.
        accruals = accruals.filtered(
            lambda accrual: not accrual.problem and not accrual._awaits_claim()
        )
        results = self._earned({accrual: until[accrual] for accrual in accruals})
        accruals = accruals.filtered(lambda accrual: accrual.id in results)
        taken = (
            self.env["rebate.settlement.line"]
            .search(
                [
                    ("accrual_id", "in", accruals.ids),
                    ("state", "not in", ("rejected", "cancelled")),
                ],
                order="accrual_id, id",
            )
            .grouped("accrual_id")
        )
        last = {
            accrual: max(lines, key=lambda line: (line.date_until or accrual.date_to, line.id))
            for accrual, lines in taken.items()
        }
        earlier = {accrual: line.date_until or accrual.date_to for accrual, line in last.items()}
        # What the time that was paid for earns by now, where more time has passed since.
        sooner = {accrual: day for accrual, day in earlier.items() if day < until[accrual]}
        before = self._earned(sooner)
        payable = []
        for accrual in accruals:
            if accrual in sooner and accrual.id not in before:
                continue
            paid = sum(taken[accrual].mapped("amount")) if accrual in taken else 0.0
            amount = accrual.currency_id.round(float(results[accrual.id].earned) - paid)
            if accrual.currency_id.is_zero(amount):
                continue
            then = before.get(accrual.id, results[accrual.id])
            adjustment = float(then.earned) - paid if accrual in taken else 0.0
            payable.append(
                Payable(
                    accrual,
                    amount,
                    results[accrual.id],
                    until[accrual],
                    accrual.currency_id.round(adjustment),
                    then,
                    earlier.get(accrual),
                    last.get(accrual),
                )
            )
        return payable

    def _earned(self, until):
        """Compute what accruals earn up to a day each; those of a program that cannot be computed
        are flagged and left out.

        :return: the result by accrual id
        """
        earned = {}
        flagged = self.env["rebate.accrual"]
        for accruals, results, error in apart(
            flagged.browse(accrual.id for accrual in until),
            lambda some: self.env["rebate.calculation"]._calculate(
                window for accrual in some for window in accrual._windows(until=until[accrual])
            ),
        ):
            if error:
                accruals._flag(error)
                flagged |= accruals
            else:
                earned |= results
        flagged.program_id._update_problem()
        return earned
