"""The main job on the demo database: settle last quarter, propose what the running one has earned,
and tell what came of it.

Run by `make demo`, or by hand: tools/odoo shell -d demo --no-http < tools/lib/demo.py
Whatever was done since the first run is left as it is; then it only prints the table.
"""

import os

from odoo import fields
from odoo.tools import date_utils, formatLang

LOGINS = [
    ("administrator", "base.user_admin"),
    ("accountant", "rebate_management.user_accountant"),
    ("approver", "rebate_management.user_approver"),
    ("salesperson", "rebate_management.user_salesperson"),
    ("rebate manager", "rebate_management.user_manager"),
    ("distributor (portal)", "rebate_portal.user_distributor"),
]


def last_day_of_last_quarter():
    return date_utils.subtract(date_utils.start_of(fields.Date.today(), "quarter"), days=1)


def settle(env, date_to):
    """Refresh what was earned and pay what is due up to the day, in every company."""
    env["rebate.agreement"].search([("state", "=", "active")]).action_refresh()
    env["rebate.accrual"].search([]).refresh()
    for company in env["rebate.program"].search([]).company_id:
        run = env["rebate.settlement.run"].with_company(company)
        run.create({"company_id": company.id, "date_to": date_to, "kind": "final"}).action_run()
        due = (
            env["rebate.settlement"]
            .with_company(company)
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("draft", "submitted", "approved")),
                ]
            )
        )
        due.filtered(lambda settlement: settlement.state == "draft").action_submit()
        due.filtered(lambda settlement: settlement.state == "submitted").with_user(
            approver(env, company)
        ).action_approve()
        due.action_post()


def propose(env):
    """Propose what the running quarter has earned so far and leave the payouts on their way, so
    that everybody has work: one is approved, one waits for approval, the others are drafts."""
    programs = env["rebate.program"].search([("period_type", "=", "quarter")])
    for company, own in programs.grouped("company_id").items():
        run = env["rebate.settlement.run"].with_company(company)
        run.create(
            {
                "company_id": company.id,
                "date_to": fields.Date.today(),
                "kind": "interim",
                "program_ids": own.ids,
            }
        ).action_run()
        drafts = run.env["rebate.settlement"].search(
            [("company_id", "=", company.id), ("state", "=", "draft")], order="amount_total, id"
        )
        drafts[:2].action_submit()
        drafts[:1].with_user(approver(env, company)).action_approve()


def is_settled(env):
    """Tell whether the first run was finished."""
    return env["rebate.settlement"].search_count([("state", "in", ("posted", "paid"))], limit=1)


def is_accrued(env):
    """Tell whether anything was accrued; what users accrued to a later day must not be undone."""
    return env["account.move"].search_count([("rebate_accrued_until", "!=", False)], limit=1)


def accrue(env):
    """Bring the books of every company to what is owed up to the end of last month."""
    for company in env["rebate.program"].search([]).company_id:
        run = env["rebate.accrual.run"].with_company(company)
        run.create({"company_id": company.id}).action_run()


def approver(env, company):
    """Return somebody else than who submits, for nobody approves what they submitted."""
    group = env.ref("rebate_management.group_rebate_approver")
    users = group.all_user_ids.filtered(lambda user: user.active and company in user.company_ids)
    return (users - env.ref("base.user_admin"))[:1] or users[:1]


def describe(env, accrual):
    """Return the accrual's row of the table."""

    def money(amount):
        return formatLang(env, amount, currency_obj=accrual.currency_id)

    tiers = accrual.line_ids.tier_id.mapped("display_name")
    paid_by = env["rebate.settlement.line"].search([("accrual_id", "=", accrual.id)])
    notes = paid_by.settlement_id.move_ids.filtered(lambda move: move.state == "posted")
    return [
        accrual.program_id.display_name,
        accrual.partner_id.display_name,
        money(accrual.measured_amount),
        ", ".join(tiers) or "none reached",
        money(accrual.earned_amount),
        money(accrual.settled_amount),
        ", ".join(notes.sorted("name").mapped("name")) or "-",
    ]


def print_table(header, rows, right=()):
    """Print the rows in columns as wide as they need; those in `right` are flush right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = (
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def print_accruals(env, date_to):
    accruals = env["rebate.accrual"].search([("date_to", "=", date_to)])
    accruals = accruals.sorted(lambda a: (a.program_id.display_name, a.partner_id.display_name))
    print(f"Rebates of the quarter that ended on {date_to}:\n")
    print_table(
        ["Program", "Distributor", "Purchases", "Tier", "Earned", "Settled", "Credit note"],
        [describe(env, accrual) for accrual in accruals],
        right=(2, 4, 5),
    )


def print_logins(env):
    url = f"http://127.0.0.1:{os.environ.get('PORT') or 8069}"
    users = [(role, env.ref(xml_id, raise_if_not_found=False)) for role, xml_id in LOGINS]
    print(f"\nLog in at {url}/web/login (the distributor then sees {url}/my):\n")
    print_table(
        ["Who", "Login", "Password"],
        [[role, user.login, user.login] for role, user in users if user],
    )


def main(env):
    date_to = last_day_of_last_quarter()
    if not is_settled(env):
        settle(env, date_to)
        propose(env)
    if not is_accrued(env):
        accrue(env)
    env.cr.commit()  # a shell rolls back what is not committed
    print_accruals(env, date_to)
    print_logins(env)


main(env)
