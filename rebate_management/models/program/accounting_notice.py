"""What an accountant will ask about a draft program, told before it is activated. Nothing of it is
refused."""


def accounting_notice(program):
    """Say what of the program's accounting is unusual, a sentence a line; an empty text if nothing
    is."""
    if program.state != "draft":
        return ""
    sentences = (_about_accounts(program), _about_accruals(program), _about_taxes(program))
    return "\n".join(sentence for sentence in sentences if sentence)


def _about_accounts(program):
    """What is granted is posted where all kinds of expenses are, or to an account to be added."""
    # Which accounts a company has is asked for whoever writes its programs.
    company = program.company_id.sudo()
    account = program.expense_account_id
    meant = company._rebate_account("rebate_expense_account_id")
    if not account and not meant and company.root_id.chart_template:
        return program.env._(
            "The chart of accounts has no account for rebates: activating adds one, and one for"
            " what is owed. Choose others on the tab “Accounting” if you have them."
        )
    if not account or account != company.expense_account_id or account == meant:
        return ""
    return program.env._(
        "Rebates are posted to “%(account)s”, where all kinds of expenses are. An accountant"
        " deducts them from revenue: choose %(meant)s on the tab “Accounting”.",
        account=account.display_name,
        meant=f"“{meant.display_name}”" if meant else program.env._("an account of their own"),
    )


def _about_accruals(program):
    """What is owed is not in the books until it is paid."""
    if program.accrual_method != "none":
        return ""
    return program.env._(
        "Nothing is accrued: what distributors have earned is in the books only once it is paid,"
        " in the year after. Choose “As earned” or “As expected” on the tab “Accounting”."
    )


def _about_taxes(program):
    """What is paid without tax although what was bought bears some."""
    if program.tax_policy != "none" or program.payout_method != "credit_note":
        return ""
    # As in _about_accounts.
    company = program.company_id.sudo()
    if not company.account_sale_tax_id.amount:
        return ""
    return program.env._(
        "Credit notes bear no tax, although your invoices do (%(tax)s): a rebate lowers the price,"
        " and so the tax on it. Choose “Taxes of the invoices” on the tab “Payout”.",
        tax=company.account_sale_tax_id.name,
    )
