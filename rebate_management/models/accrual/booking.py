"""Entries that raise or lower the liability of accruals: one entry a company and journal, in it one
liability line an accrual and one expense line a partner and program."""

from datetime import timedelta

from odoo import Command
from odoo.tools import format_date, plaintext2html

from ...tools.trust import trusted


def book(env, changes, day, ref, accrued_until=False):
    """Post changes of the liability against the rebate accounts of the programs.

    :param changes: by accrual, by liability account: the amount in the program's currency by
        which the liability rises, negative where it falls
    :param day: the date of the entries; where it is locked, the first open day
    :param ref: what the entries are, for their reference
    :param accrued_until: the day up to which an accrual run looked
    :return: the posted entries
    :raise UserError: when a program lacks an account, a journal or an exchange rate, or another
        check refuses, see ``rebate.accrual._posting_problems``
    """
    changing = env["rebate.accrual"].union(
        *(accrual for accrual, change in changes.items() if change)
    )
    changing._check_postable()
    return post_entries(
        env,
        [
            vals | {"rebate_accrued_until": accrued_until}
            for vals in prepare_entries(env, changes, day, ref)
        ],
    )


def prepare_entries(env, changes, day, ref):
    """Values of the entries that :func:`book` posts, arguments as there. Nothing is written."""
    accruals = env["rebate.accrual"].union(
        *(accrual for accrual, change in changes.items() if change)
    )
    groups = accruals.grouped(
        lambda accrual: (accrual.company_id, accrual.program_id.accrual_journal_id)
    )
    vals_list = []
    for (company, journal), group in groups.items():
        vals = accruals._prepare_entry_vals(company, journal, day, ref)
        vals["line_ids"] = [
            Command.create(line) for line in entry_lines(group, changes, company, vals["date"])
        ]
        vals_list.append(vals)
    return vals_list


def post_entries(env, vals_list):
    """Create and post entries; one that was moved to another day says so in its chatter too."""
    moves = trusted(env["account.move"]).create(vals_list).with_env(env)
    moves.action_post()
    for move, vals in zip(moves, vals_list, strict=True):
        if vals["narration"]:
            move.message_post(body=vals["narration"])
    return moves


def entry_vals(env, company, journal, day, ref):
    """Values of an entry but for its lines, dated the first open day from the day on."""
    # Every lock date on or after the day, the latest one last.
    locks = company._get_violated_lock_dates(day, False, journal)
    open_day = locks[-1][0] + timedelta(days=1) if locks else day
    notice = locks and env._(
        "This entry is of %(day)s, but is dated %(open_day)s, the first open day: the books"
        " are locked up to %(lock_day)s.",
        day=format_date(env, day),
        open_day=format_date(env, open_day),
        lock_day=format_date(env, locks[-1][0]),
    )
    return {
        "move_type": "entry",
        "company_id": company.id,
        "journal_id": journal.id,
        "date": open_day,
        "ref": ref,
        "narration": plaintext2html(notice) if notice else False,
    }


def entry_lines(accruals, changes, company, day):
    """Values of the lines of an entry, each expense before the liabilities it is of.

    :param changes: as for :func:`book`
    :param day: whose exchange rate gives the value in the books
    """
    books = company.currency_id
    rates = {
        currency: currency._get_conversion_rate(currency, books, company, day)
        for currency in accruals.currency_id
    }
    payees = accruals.grouped(lambda accrual: (accrual.program_id, accrual._payee()))
    lines = []
    for (program, payee), theirs in payees.items():
        liabilities = [
            accrual._prepare_liability_vals(
                account, amount, books.round(amount * rates[accrual.currency_id])
            )
            for accrual in theirs
            for account, amount in changes[accrual].items()
        ]
        expense = program._prepare_rebate_expense_vals(
            payee,
            program.currency_id.round(-sum(line["amount_currency"] for line in liabilities)),
            books.round(-sum(line["balance"] for line in liabilities)),
        )
        if expense["amount_currency"] or expense["balance"]:
            lines.append(expense)
        lines += liabilities
    return lines


def liability_vals(accrual, account, amount, value):
    """Values of a journal item that raises the liability.

    :param amount: in the program's currency
    :param value: the same in the books
    """
    return {
        "name": accrual.env._(
            "Rebate %(program)s, %(period)s",
            program=accrual.program_id.name,
            period=accrual._format_period(),
        ),
        "account_id": account.id,
        "partner_id": accrual._payee().id,
        "rebate_accrual_id": accrual.id,
        "currency_id": accrual.currency_id.id,
        "amount_currency": -amount,
        "balance": -value,
        "tax_ids": [Command.clear()],
        # Costs are analysed where they are an expense.
        "analytic_distribution": False,
    }
