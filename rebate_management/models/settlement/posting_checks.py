"""What keeps a settlement from being posted, each told in a sentence with its remedy.

A check is a function of the settlements that are to be posted at once. It yields
``(settlement, sentence)`` for each that must not be, so that it can ask for all of them in one
query. ``rebate.settlement._posting_checks`` lists those that are made; another addon adds its own
there.
"""

from odoo.exceptions import UserError

from ...tools.currencies import Conversion, without_rate


def check_postable(settlements, checks):
    """Refuse to post what would fail half-way, or be booked wrongly.

    :param checks: what is checked, the first first
    :raise UserError: naming the first settlement that cannot be posted, and what to do
    """
    problems = {}
    for check in checks:
        for settlement, problem in check(settlements):
            problems.setdefault(settlement, problem)
    for settlement in settlements:
        if settlement in problems:
            raise UserError(
                settlement.env._(
                    "Settlement %(name)s cannot be posted. %(problem)s",
                    name=settlement.name,
                    problem=problems[settlement],
                )
            )


def check_journal(settlements):
    """The journal is in use, and of the type that the document needs."""
    for settlement in settlements:
        env, journal = settlement.env, settlement.journal_id
        kind = "purchase" if settlement._document_type() == "in_invoice" else "sale"
        if not journal.active:
            yield (
                settlement,
                env._(
                    "Its journal “%s” is archived. Unarchive the journal, or choose another one on"
                    " the program, cancel the settlement and run it again.",
                    journal.display_name,
                ),
            )
        elif journal.type != kind:
            yield (
                settlement,
                env._(
                    "Its journal “%(journal)s” is not of type %(kind)s, which its document needs."
                    " Cancel the settlement and run it again.",
                    journal=journal.display_name,
                    kind=env["rebate.program"]._journal_kind(kind),
                ),
            )


def check_accounts(settlements):
    """The accounts of the programs are chosen and in use."""
    for settlement in settlements:
        for program in settlement.line_ids.program_id:
            if problem := _account_problem(program):
                yield settlement, problem


def _account_problem(program):
    account, env = program.expense_account_id, program.env
    if not account:
        return env._(
            "Program “%s” has no rebate account. Choose one on its tab “Accounting”.",
            program.display_name,
        )
    if not account.active:
        return env._(
            "The rebate account “%(account)s” of program “%(program)s” is archived. Choose"
            " another one on the tab “Accounting” of the program, or unarchive it.",
            account=account.display_name,
            program=program.display_name,
        )
    liability = program._accrues_on()
    if liability and not liability.active:
        return env._(
            "The liability account “%(account)s” of program “%(program)s” is archived."
            " Choose another one on the tab “Accounting” of the program, or unarchive it.",
            account=liability.display_name,
            program=program.display_name,
        )
    return None


def check_partner(settlements):
    """The partner has an account in use, on which the document is owed."""
    for settlement in settlements:
        env = settlement.env
        partner = settlement.partner_id.with_company(settlement.company_id)
        is_bill = settlement._document_type() == "in_invoice"
        name = "property_account_payable_id" if is_bill else "property_account_receivable_id"
        label = partner._fields[name]._description_string(env)
        account = partner[name]
        if not account:
            yield (
                settlement,
                env._(
                    "Partner “%(partner)s” has no “%(field)s” in company “%(company)s”. Choose one"
                    " on the partner's tab “Accounting”.",
                    partner=partner.display_name,
                    field=label,
                    company=settlement.company_id.display_name,
                ),
            )
        elif not account.active:
            yield (
                settlement,
                env._(
                    "“%(field)s” of partner “%(partner)s”, %(account)s, is archived. Choose another"
                    " account on the partner's tab “Accounting”.",
                    field=label,
                    partner=partner.display_name,
                    account=account.display_name,
                ),
            )


def check_currency(settlements):
    """A foreign currency has an exchange rate; found in one query."""
    conversions = {
        settlement: Conversion(
            settlement.company_id, settlement.currency_id, settlement.company_id.currency_id
        )
        for settlement in settlements
    }
    missing = without_rate(settlements.env, conversions.values())
    for settlement, conversion in conversions.items():
        if conversion in missing:
            yield (
                settlement,
                settlement.env._(
                    "There is no exchange rate between %(currency)s and %(books)s. Enter one under"
                    " Accounting › Configuration › Currencies.",
                    currency=conversion.currency.name,
                    books=conversion.other.name,
                ),
            )


def check_claims(settlements):
    """What is paid was claimed, where its program asks for it."""
    held = settlements.line_ids.accrual_id._held_for_claim()
    for settlement in settlements:
        for accrual in settlement._paid_lines().accrual_id:
            if accrual in held:
                yield settlement, held[accrual]


def check_payout(settlements):
    """The programs say how they are paid, and all of them alike."""
    for settlement in settlements:
        env = settlement.env
        for program in settlement.line_ids.program_id:
            if program.tax_policy == "product" and not program.payout_product_id:
                yield (
                    settlement,
                    env._(
                        "Program “%s” takes the taxes of its payout product, but has none. Choose a"
                        " product on its tab “Payout”.",
                        program.display_name,
                    ),
                )
        if len(settlement._payout_methods()) > 1:
            yield (
                settlement,
                env._(
                    "It pays programs by credit note and by vendor bill. Cancel it and run it"
                    " again: there will be one for each."
                ),
            )


# The first that refuses is told.
CHECKS = (check_journal, check_accounts, check_partner, check_currency, check_claims, check_payout)
