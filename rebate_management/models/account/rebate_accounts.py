"""The accounts of rebates: which of a chart they are, and those added where it has none."""

from odoo.tools import SQL

GRANTED = "rebate_expense_account_id"
OWED = "rebate_liability_account_id"
# What may be such an account, the likeliest kind first: a rebate is a deduction from revenue
# (consideration payable to a customer, IFRS 15.70) before it is an expense.
TYPES = {
    GRANTED: ("income", "expense", "expense_direct_cost", "income_other"),
    OWED: ("liability_current", "liability_non_current"),
}
# What charts call rebates to customers, in the languages whose charts have such an account ...
NAMED = (
    r"rebate|volume (discount|bonus)|\mboni\M|ristourne|\mr[aà]ppel|r[uü]ckverg[uü]tung"
    r"|(customer|client|kunden|h[aä]ndler)[^\"]{0,20}bonus|bonus[^\"]{0,20}(customer|client|kunden)"
)
# ... and what the same words stand beside where a supplier grants them, or nobody does.
OTHERS = (
    r"receiv|purchase|supplier|vendor|erhalten|einkauf|lieferant|obten|obtain|perçu|achat|compras"
    r"|impôt"
)
GOODS = r"goods|merchandise|marchandise|mercader"


def find_account(company, name):
    """Find the account of a company's chart that is meant for rebates.

    Reads the names of its accounts in all languages, some hundreds of rows. Among several, one
    without taxes of its own, of the likeliest kind, called so in the chart's own language and for
    goods comes first.

    :param company: one company; accounts of the companies above it are its own too
    :param name: the setting it is for, ``GRANTED`` or ``OWED``
    :return: an ``account.account``, maybe empty
    """
    # Which accounts there are is asked for whoever starts a program, accountant or not.
    accounts = company.env["account.account"].sudo().with_company(company)
    candidates = accounts.search(
        [
            *accounts._check_company_domain(company),
            ("account_type", "in", TYPES[name]),
            ("active", "=", True),
        ]
    )
    accounts.flush_model(["name"])
    rows = company.env.execute_query(
        SQL(
            """
            SELECT id
              FROM account_account
             WHERE id = ANY(%(ids)s)
               AND name::text ~* %(named)s
               AND name::text !~* %(others)s
          ORDER BY EXISTS (SELECT FROM account_account_tax_default_rel
                            WHERE account_id = account_account.id),
                   ARRAY_POSITION(%(types)s, account_type::text),
                   COALESCE(name ->> 'en_US', '') ~* %(named)s DESC,
                   name::text ~* %(goods)s DESC
            """,
            ids=candidates.ids,
            named=NAMED,
            others=OTHERS,
            goods=GOODS,
            types=list(TYPES[name]),
        )
    )
    places = {account_id: place for place, (account_id,) in enumerate(rows)}
    return (
        candidates.filtered(lambda account: account.id in places)
        .sorted(lambda account: places[account.id])[:1]
        .sudo(False)
    )


def add_account(company, name):
    """Add an account for rebates to a company's chart.

    :param name: the setting it is for, ``GRANTED`` or ``OWED``
    :return: the new ``account.account``; an empty one where there is no chart to add it to
    """
    company = company.root_id
    # Rebates are set up by their manager; that the account was added is told on the program.
    accounts = company.env["account.account"].sudo().with_company(company)
    if not company.sudo().chart_template:
        return accounts.sudo(False)
    beside = accounts.search(
        [*accounts._check_company_domain(company), ("account_type", "=", TYPES[name][0])],
        order="id",
        limit=1,
    )
    vals = _prepare_account_vals(company, name)
    vals["code"] = accounts._search_new_account_code(beside.code or "100000")
    return accounts.create(vals).sudo(False)


def _prepare_account_vals(company, name):
    labels = {
        GRANTED: company.env._("Rebates Granted"),
        OWED: company.env._("Rebates Owed to Customers"),
    }
    return {
        "name": labels[name],
        "account_type": TYPES[name][0],
        "company_ids": [(6, 0, company.ids)],
    }
