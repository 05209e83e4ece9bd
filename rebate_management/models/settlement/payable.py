"""What is payable of accruals: earned up to a day less what was settled or proposed before."""

from typing import NamedTuple

from odoo.tools import SQL

from ...tools.apart import apart
from ...tools.locks import lock_all


class Payable(NamedTuple):
    """What is payable of one accrual, in its currency, for the time up to a day (``until``): the
    run's (``due``), or a later one that was paid for already.

    ``adjustment`` is the part of the amount that corrects what was paid before: the time paid for
    by then (``before_until``) earns ``before`` today, and was paid less or more. ``last`` is the
    settlement line that paid it. ``whole`` is the amount of all of it, where this is a part of what
    was paid too much, and 0 otherwise."""

    accrual: object
    amount: float
    result: object
    due: object
    until: object
    adjustment: float
    before: object
    before_until: object
    last: object
    whole: float = 0.0

    @property
    def agreement(self):
        """Whose it is."""
        return self.accrual.agreement_id

    @property
    def payee(self):
        """Who is paid, and in which currency."""
        agreement = self.agreement
        return agreement.payout_partner_id or agreement.partner_id, agreement.currency_id

    @property
    def due_date(self):
        """When it is to be paid."""
        return self.accrual.program_id._payout_date(self.due)


def compute_payable(env, until, known=None):
    """Compute what is payable of each accrual; may be negative.

    Time that was paid for stays paid for: where a run looks at an earlier day than one before
    it did, what was paid is compared with what the time paid for earns by now, so that only
    what changed since comes out.

    :param until: the day up to which the run pays for it, by accrual
    :param known: what the whole periods were found to earn in this very transaction, by accrual id
    :return: a list of :class:`Payable`, without those of which nothing is
    """
    accruals = env["rebate.accrual"].browse(accrual.id for accrual in until)
    # What cannot be computed is not paid, and keeps nobody else from being paid.
    accruals = accruals.filtered(lambda accrual: not accrual.problem)
    taken = (
        env["rebate.settlement.line"]
        .search(
            [
                ("accrual_id", "in", accruals.ids),
                ("state", "not in", ("rejected", "cancelled")),
            ],
            order="accrual_id, id",
        )
        .grouped("accrual_id")
    )
    # What was paid and need be claimed since is paid no more, but it may have been too much.
    held = accruals._held_for_claim()
    accruals = accruals.filtered(lambda accrual: accrual in taken or accrual not in held)
    last = {
        accrual: max(lines, key=lambda line: (line.date_until or accrual.date_to, line.id))
        for accrual, lines in taken.items()
    }
    earlier = {accrual: line.date_until or accrual.date_to for accrual, line in last.items()}
    days = {
        accrual: max(until[accrual], earlier.get(accrual, until[accrual])) for accrual in accruals
    }
    # What the time that was paid for earns by now is asked, too, where more has passed since.
    sooner = {accrual: day for accrual, day in earlier.items() if day < days[accrual]}
    results, before = _compute_earned(env, days, sooner, known or {})
    payable = []
    for accrual in accruals.filtered(lambda accrual: accrual.id in results):
        paid = sum(taken[accrual].mapped("amount")) if accrual in taken else 0.0
        amount = accrual.currency_id.round(float(results[accrual.id].earned) - paid)
        if accrual.currency_id.is_zero(amount) or (amount > 0 and accrual in held):
            continue
        then = before.get(accrual.id, results[accrual.id])
        adjustment = float(then.earned) - paid if accrual in taken else 0.0
        payable.append(
            Payable(
                accrual=accrual,
                amount=amount,
                result=results[accrual.id],
                due=until[accrual],
                until=days[accrual],
                adjustment=accrual.currency_id.round(adjustment),
                before=then,
                before_until=earlier.get(accrual),
                last=last.get(accrual),
            )
        )
    return payable


def _compute_earned(env, days, sooner, known):
    """Compute what accruals earn, all at once and nothing twice; those of a program that cannot be
    computed are flagged and left out.

    :param days: the day up to which each is asked for, by accrual
    :param sooner: an earlier day that is asked for, too, by some of the accruals
    :param known: what whole periods earn, see :func:`compute_payable`
    :return: the results up to the day, and those up to the earlier one, by accrual id
    """
    asked = _windows(days)
    # What is expected to come is of no concern for a payout.
    results = {
        window.key: known[window.key]._replace(expected=None, forecast=None)
        for window in asked.values()
        if window.key in known and not window.until
    }
    windows = {accrual: [window] for accrual, window in asked.items() if window.key not in results}
    for accrual, window in _windows(sooner).items():
        windows.setdefault(accrual, []).append(window._replace(key=("before", window.key)))
    flagged = env["rebate.accrual"]
    for accruals, computed, error in apart(
        flagged.browse(accrual.id for accrual in windows),
        lambda some: env["rebate.calculation"]._calculate(
            window for accrual in some for window in windows[accrual]
        ),
    ):
        if error:
            accruals._flag(error)
            flagged |= accruals
        else:
            results |= computed
    flagged.program_id._update_problem()
    results = {key: results[key] for key in results if key not in flagged._ids}
    before = {
        accrual.id: results.pop(("before", accrual.id))
        for accrual in sooner
        if ("before", accrual.id) in results
    }
    return results, before


def _windows(days):
    """Ask for accruals up to a day each.

    :return: the windows, by accrual
    """
    by_day = {}
    for accrual, day in days.items():
        by_day.setdefault(day, []).append(accrual)
    return {
        accrual: window
        for day, accruals in by_day.items()
        for accrual, window in zip(
            accruals, accruals[0].union(*accruals)._windows(until=day), strict=True
        )
    }


def find_overpaid_elsewhere(company, payees, until, day):
    """Find what some payees were paid too much of what the run is not about: by other programs,
    also closed or archived ones, by agreements that have ended, or for a period that runs.

    :param company: of the run
    :param payees: pairs of a partner and a currency
    :param until: the accruals that the run is about
    :param day: up to which the run pays
    :return: a list of :class:`Payable`, all negative
    """
    env = company.env
    candidates = _maybe_overpaid(company, payees, until)
    if not candidates:
        return []
    # As of those that the run is about, see ``rebate.settlement.batch._accruals``.
    lock_all(candidates.agreement_id)
    known = candidates._refresh_results()
    until = {accrual: min(accrual.date_to, day) for accrual in candidates}
    payable = compute_payable(env, until, known)
    return [part for part in payable if part.amount < 0 and part.payee in payees]


def _maybe_overpaid(company, payees, until):
    """Find the accruals of some payees that were paid more than their figures say is earned, in
    one statement; while invoices wait to be counted, all that were paid. Arguments as above."""
    env = company.env
    env.flush_all()
    partners = {partner.id for partner, _currency in payees}
    rows = env.execute_query(
        SQL(
            """
            SELECT accrual.id
              FROM rebate_agreement agreement
              JOIN rebate_accrual accrual ON accrual.agreement_id = agreement.id
              JOIN rebate_settlement_line line
                ON line.accrual_id = accrual.id
               AND line.state NOT IN ('rejected', 'cancelled')
             WHERE agreement.company_id = %s
               AND (agreement.payout_partner_id = ANY(%s)
                    OR agreement.payout_partner_id IS NULL AND agreement.partner_id = ANY(%s))
               AND NOT accrual.id = ANY(%s)
          GROUP BY accrual.id
            HAVING SUM(line.amount) > COALESCE(accrual.earned_amount, 0)
                OR EXISTS (SELECT FROM rebate_queue)
          ORDER BY accrual.id
            """,
            company.id,
            list(partners),
            list(partners),
            [accrual.id for accrual in until],
        )
    )
    return env["rebate.accrual"].browse(accrual_id for (accrual_id,) in rows)
