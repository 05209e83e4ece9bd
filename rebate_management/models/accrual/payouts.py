"""What payouts take from the liability, which first gets what it lacks, and what is never paid out
and released from it."""

from decimal import Decimal

from odoo import fields
from odoo.tools import SQL, format_amount

from ...tools.trust import trusted
from .owed import booked, compare, earned_up_to


def accrue_for_payout(env, amounts, day):
    """Accrue what accruals lack for a payout, so that it takes no more than is there, and take
    back what the books do not know yet that it is earned no more.

    :param amounts: by accrual, what is about to be paid, in the program's currency; negative
        where too much was paid before
    :param day: the date of the entries; where it is locked, the first open day
    :return: the posted entries, one a company and journal
    :raise UserError: when a program lacks an account, a journal or an exchange rate
    """
    accruals = env["rebate.accrual"].union(*amounts)
    accruals = accruals.filtered(lambda accrual: accrual.program_id._accrues_on())
    in_books = booked(accruals)
    today = fields.Date.context_today(accruals)
    changes, changed = {}, accruals.browse()
    for accrual in accruals:
        account = accrual.program_id._accrues_on()
        part = in_books.get(accrual, {}).get(account)
        missing = accrual.currency_id.round(amounts[accrual] - (part.amount if part else 0))
        sign = accrual.currency_id.compare_amounts(missing, 0)
        # Of a period that is over, what is more than is paid now may be earned no more.
        if amounts[accrual] < 0 or (sign < 0 and accrual.date_to < today):
            changed += accrual
        elif sign > 0 and amounts[accrual] > 0:
            changes[accrual] = {account: missing}
    corrections = _corrections(changed, amounts, in_books)
    moves = accruals._book(changes, day, env._("Rebates not accrued before their payout"))
    return moves + accruals._book(
        corrections, day, env._("Rebates earned no more before their payout")
    )


def _corrections(accruals, amounts, in_books):
    """Find by how much the books must change before a payout, so that afterwards they have what
    an accrual run would leave, which looks as far as the last one, or as far as anything was
    paid for.

    :param amounts: by accrual, what is about to be paid; where that is not negative, only
        periods that were accrued or paid for to their end change
    :param in_books: see :func:`booked`
    :return: changes, see :func:`book`
    """
    if not accruals:
        return {}
    changes = {}
    until = _booked_until(accruals)
    looked_at = accruals.filtered(
        lambda accrual: amounts[accrual] < 0 or until[accrual] >= accrual.date_to
    )
    for day, some in looked_at.grouped(until.get).items():
        earned, _problems = earned_up_to(some, day)
        for accrual in some:
            parts = in_books.get(accrual, {})
            if accrual in earned:
                owed = compare(accrual, earned[accrual], parts, payout=amounts[accrual])
                changes[accrual] = owed.changes
                continue
            if amounts[accrual] >= 0:
                continue
            # It cannot be computed: at least it leaves nothing of what it takes back.
            account = accrual.program_id._accrues_on()
            held = parts[account].amount if account in parts else 0
            surplus = accrual.currency_id.round(held - amounts[accrual])
            if surplus > 0:
                changes[accrual] = {account: -surplus}
    return changes


def _booked_until(accruals):
    """Tell up to which day the books have accruals: as far as an accrual run looked that
    stands, or as payouts paid for; in one statement.

    :return: a day by accrual
    """
    accruals.env.flush_all()
    rows = dict(
        accruals.env.execute_query(
            SQL(
                """
                SELECT accrual.id, GREATEST(
                           (SELECT MAX(move.rebate_accrued_until)
                              FROM account_move_line item
                              JOIN account_move move ON move.id = item.move_id
                             WHERE item.rebate_accrual_id = accrual.id
                               AND move.state = 'posted'
                               AND NOT EXISTS (SELECT FROM account_move reversal
                                                WHERE reversal.reversed_entry_id = move.id
                                                  AND reversal.state = 'posted')),
                           (SELECT MAX(COALESCE(line.date_until, accrual.date_to))
                              FROM rebate_settlement_line line
                             WHERE line.accrual_id = accrual.id
                               AND line.state NOT IN ('rejected', 'cancelled')))
                  FROM rebate_accrual accrual
                 WHERE accrual.id = ANY(%s)
                """,
                accruals.ids,
            )
        )
    )
    return {accrual: rows[accrual.id] or accrual.date_to for accrual in accruals}


def release(env, amounts, day, reason):
    """Take liability back to the rebate account, at most what is there.

    :param amounts: by accrual, what will not be paid, in the program's currency
    :param day: the date of the entries; where it is locked, the first open day
    :param reason: what the entries are, for their reference
    :return: the posted entries, one a company and journal
    :raise UserError: when a program lacks an account, a journal or an exchange rate
    """
    accruals = env["rebate.accrual"].union(*amounts)
    changes = {}
    for accrual, accounts in booked(accruals).items():
        left = amounts[accrual]
        for account, part in accounts.items():
            taken = accrual.currency_id.round(max(min(left, part.amount), 0))
            if taken:
                changes.setdefault(accrual, {})[account] = -taken
                left -= taken
    moves = accruals._book(changes, day, reason)
    return moves + accruals.browse().union(*changes)._book_exchange_differences(day)


def set_released(env, changes):
    """Release accruals as too little to be paid, or owe them again, and take what is released
    back from the liability to the rebate account.

    :param changes: by accrual what is released of it in all, in the program's currency; 0 where
        all of it is owed
    """
    if not changes:
        return
    today = fields.Date.context_today(env["rebate.accrual"])
    # Whoever may start a run releases by the terms; nobody types accruals or posts for it.
    accruals = trusted(env["rebate.accrual"].sudo().browse(accrual.id for accrual in changes))
    for accrual, amount in zip(accruals, changes.values(), strict=True):
        accrual.write({"released_amount": amount, "released_on": bool(amount) and today})
        accrual.agreement_id._message_log(
            body=accrual.env._(
                "%(period)s: %(amount)s released, less than the smallest payout and nothing can"
                " follow",
                period=accrual._format_period(),
                amount=format_amount(accrual.env, amount, accrual.currency_id),
            )
            if amount
            else accrual.env._(
                "%(period)s: what was released is owed again", period=accrual._format_period()
            )
        )
    accruals._update_state()
    in_books = booked(accruals)
    entries = {}
    for accrual in accruals.filtered("released_amount"):
        earned = Decimal(str(accrual.earned_amount))
        accrues = accrual.program_id._accrues_on()
        owed = compare(accrual, earned if accrues else None, in_books.get(accrual, {}))
        if owed.changes:
            entries[accrual] = owed.changes
    accruals._book(entries, today, env._("Rebates below the smallest payout that nothing follows"))
    accruals.browse(accrual.id for accrual in entries)._book_exchange_differences(today)
