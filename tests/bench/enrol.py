"""Makes what is measured in an Odoo shell: PROGRAMS programs over the year 2024, each with the same
AGREEMENTS distributors, computed once. What stands already is kept.

Every other program counts all products, the others half of them.
"""

import os

from terms import TIERS

from odoo import Command

from odoo.addons.rebate_management.tools.trust import trusted

AGREEMENTS = int(os.environ["AGREEMENTS"])
PROGRAMS = int(os.environ["PROGRAMS"])

# What is compared from one version to the next neither accrues nor bears taxes.
env.company.write(
    {
        "rebate_expense_account_id": env.company.expense_account_id.id,
        "rebate_accrual_method": "none",
        "rebate_tax_policy": "none",
    }
)
products = env["product.product"].search([("name", "=like", "Bench %")])


def prepare_program(number):
    return {
        "name": f"Bench {number}",
        "date_start": "2024-01-01",
        "date_end": "2024-12-31",
        "rule_ids": [
            Command.create(
                {
                    "name": "Half" if number % 2 else "All",
                    "product_ids": products[::2].ids if number % 2 else [],
                    "tier_ids": [
                        Command.create({"threshold": threshold, "rate": rate})
                        for threshold, rate in TIERS
                    ],
                }
            )
        ],
    }


partners = env["res.partner"].search([("name", "=like", "Bench %")], limit=AGREEMENTS, order="id")
if len(partners) < AGREEMENTS:
    raise SystemExit(
        f"The database has only {len(partners)} distributors. Choose another one with DB=."
    )
programs = env["rebate.program"]
for number in range(PROGRAMS):
    name = f"Bench {number}"
    program = programs.search([("name", "=", name)]) or programs.create(prepare_program(number))
    if program.state == "draft":
        program.action_activate()
    missing = partners - program.agreement_ids.partner_id
    # One log message and one subscription for each of thousands tells nobody anything.
    agreements = env["rebate.agreement"].with_context(
        tracking_disable=True, mail_create_nosubscribe=True
    )
    agreements = trusted(agreements).create(
        [
            {"program_id": program.id, "partner_id": partner.id, "state": "active"}
            for partner in missing
        ]
    )
    program.agreement_ids._ensure_accruals()
    programs += program
programs.agreement_ids.accrual_ids.refresh()
env.cr.commit()
env.cr._cnx.autocommit = True
for table in ("rebate_agreement", "rebate_accrual", "rebate_accrual_line"):
    env.cr.execute(f"VACUUM ANALYZE {table}")
