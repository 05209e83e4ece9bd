"""What is less than the smallest payout when nothing can be added any more: released, or paid, as
the program says."""

from odoo.tools import SQL


def find_finished(env, until, today):
    """Find the agreements to which nothing can be added: their last day within the program is
    past, the run is about all of their periods to the end, and none can still be claimed or is
    not computed. Other agreements add nothing: each has its own smallest payout.

    :param until: see ``rebate.settlement.batch._accruals``
    :param today: the user's
    :return: a set
    """
    agreements = env["rebate.agreement"].union(
        *(accrual.agreement_id for accrual in until if accrual.program_id.min_payout)
    )
    bookable = find_bookable(agreements.program_id)
    held = agreements.accrual_ids._held_for_claim()
    return {
        agreement
        for agreement in agreements
        if agreement.program_id in bookable
        and agreement._run()[1] < today
        and all(
            until.get(accrual, accrual.date_from) >= accrual.date_to
            and not accrual.problem
            and (accrual.expired_on or accrual not in held)
            for accrual in agreement.accrual_ids
        )
    }


def find_bookable(programs):
    """Those of some programs whose liability can be released, where there is any."""
    accruing = programs.filtered(lambda program: program.accrual_method != "none")
    return programs - programs.browse(program.id for program in accruing._posting_problems())


def release_rests(env, netted, until, *, finished, today):
    """Release what is never paid, and owe again what is paid or carried over after all.

    :param netted: what is paid and what is never, see :class:`.netting.Netted`
    :param until: the accruals that the run is about
    :param finished: see :func:`find_finished`
    """
    released = {}
    for parts in netted.rests.values():
        for part in parts:
            released[part.accrual] = released.get(part.accrual, 0) + part.amount
    paid = {part.accrual for document in netted.documents for part in document.parts}
    changes = {}
    for accrual in dict.fromkeys([*until, *paid]):
        amount = accrual.currency_id.round(released.get(accrual, 0))
        if not accrual.currency_id.compare_amounts(accrual.released_amount, amount):
            continue
        if (
            accrual in paid
            or accrual.agreement_id in finished
            or accrual.agreement_id._run()[1] >= today
        ):
            changes[accrual] = amount
    env["rebate.accrual"]._set_released(changes)


def find_last_payouts(env, yesterday):
    """Find the agreements that have ended with less than their smallest payout, where no run of the
    calendar comes to them any more.

    :return: numbers of company, program and partner
    """
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """
            SELECT agreement.id, agreement.company_id, agreement.program_id, agreement.partner_id
              FROM rebate_agreement agreement
              JOIN rebate_program program ON program.id = agreement.program_id
              JOIN rebate_accrual accrual ON accrual.agreement_id = agreement.id
             WHERE agreement.state IN ('active', 'ended')
               AND program.state <> 'draft'
               AND program.min_payout > 0
               AND LEAST(agreement.date_end, program.date_end) <= %s
          GROUP BY agreement.id, program.id
            HAVING SUM(accrual.open_amount) > 0
               AND SUM(accrual.open_amount) < program.min_payout
               AND bool_and(accrual.problem IS NULL)
               -- What is proposed waits, and what was rejected is no business of the calendar.
               AND NOT EXISTS (
                       SELECT
                         FROM rebate_settlement_line line
                         JOIN rebate_accrual own ON own.id = line.accrual_id
                        WHERE own.agreement_id = agreement.id
                          AND line.state NOT IN ('posted', 'paid')
                          AND line.create_date > LEAST(agreement.date_end, program.date_end)
                   )
            """,
            yesterday,
        )
    )
    agreements = env["rebate.agreement"].browse(agreement_id for agreement_id, *_rest in rows)
    held = agreements.accrual_ids.filtered(lambda accrual: not accrual.expired_on)._held_for_claim()
    waiting = {accrual.agreement_id.id for accrual in held}
    return [row for agreement_id, *row in rows if agreement_id not in waiting]
