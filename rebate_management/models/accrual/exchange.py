"""Exchange differences: what is paid or released in a program's currency leaves nothing in the
books' own."""

from typing import NamedTuple

from odoo import Command
from odoo.exceptions import UserError

from .booking import post_entries
from .owed import booked


class Difference(NamedTuple):
    """What stands on a liability account of an accrual in the books' currency alone."""

    accrual: object
    account: object
    value: float


def book_differences(accruals, day):
    """Close liabilities that are nothing in the program's currency, but something in the
    books': they were booked at one rate and taken at another.

    :param day: the date of the entries; where it is locked, the first open day
    :return: the posted entries, one a company
    :raise UserError: when a company has no journal or account for exchange differences
    """
    foreign = accruals.filtered(lambda accrual: accrual.program_id._is_foreign())
    if not foreign:
        return accruals.env["account.move"]
    left = {}
    for accrual, accounts in booked(foreign).items():
        for account, part in accounts.items():
            value = accrual.company_id.currency_id.round(part.value)
            if accrual.currency_id.is_zero(part.amount) and value:
                left.setdefault(accrual.company_id, []).append(Difference(accrual, account, value))
    return post_entries(
        accruals.env,
        [
            accruals._prepare_exchange_vals(company, differences, day)
            for company, differences in left.items()
        ],
    )


def difference_vals(env, company, differences, day):
    """Values of the entry that closes exchange differences of a company.

    :param differences: a list of :class:`Difference`
    """
    # A branch keeps its books as its company does.
    settings = next(
        (above for above in company.parent_ids[::-1] if above._rebate_exchange()),
        None,
    )
    if not settings:
        raise UserError(
            env._(
                "Company “%s” has no journal, gain account or loss account for exchange"
                " differences, and rebates in another currency leave one. Choose them in the"
                " settings of Accounting, under Default Accounts.",
                company.display_name,
            )
        )
    journal, gain, loss = settings._rebate_exchange()
    vals = env["rebate.accrual"]._prepare_entry_vals(
        company, journal, day, env._("Exchange differences of rebate accruals")
    )
    lines = []
    for accrual, account, value in differences:
        liability = accrual._prepare_liability_vals(account, 0, -value)
        lines += [
            liability,
            liability
            | {
                "account_id": (gain if value > 0 else loss).id,
                "rebate_accrual_id": False,
                "balance": -value,
            },
        ]
    vals["line_ids"] = [Command.create(line) for line in lines]
    return vals
