"""Times 1,000 settlements in an Odoo shell beside 1,000 plain credit notes of the same lines: from
the invoices to proposals with frozen details, and from approved settlements to posted credit notes.
Nothing is kept.

The credit notes have the very values that the settlements give theirs, all but the link to the
settlement, and are created and posted as those are: all at once.
"""

import os

from stopwatch import ROUNDS, alternate, record, record_runs

from odoo.tools import SQL

AGREEMENTS = int(os.environ["AGREEMENTS"])

program = env["rebate.program"].search([("name", "=", "Bench 0")])
agreements = program.agreement_ids.sorted("partner_id")[:AGREEMENTS]


def propose():
    """Run the settlement of the program's year for all distributors."""
    run = env["rebate.settlement.run"].create(
        {
            "date_to": "2024-12-31",
            "program_ids": program.ids,
            "partner_ids": agreements.partner_id.ids,
        }
    )
    return run.action_run()


def approved():
    """Have settlements approved that the next round posts; whoever approves takes no time here."""
    savepoint.rollback()
    settlements = propose()
    env.flush_all()
    env.cr.execute(
        SQL("UPDATE rebate_settlement SET state = 'approved' WHERE id = ANY(%s)", settlements.ids)
    )
    env.cr.execute(
        SQL(
            "UPDATE rebate_settlement_line SET state = 'approved' WHERE settlement_id = ANY(%s)",
            settlements.ids,
        )
    )
    env.invalidate_all()
    # Read anew, as a button reads them.
    return settlements.browse(settlements.ids)


def document_vals():
    """The values of the settlements' credit notes, without what makes them one."""
    settlements = approved()
    days, splits = settlements._open_days(), settlements._tax_splits()
    vals_list = [
        settlement._prepare_document_vals(days[settlement], splits) for settlement in settlements
    ]
    for vals in vals_list:
        del vals["rebate_settlement_id"]
    return vals_list


def plain(_undone):
    """The yardstick: credit notes as anybody could make them."""
    env["account.move"].create(plain_vals).action_post()


env["rebate.accrual"].search([("agreement_id", "in", agreements.ids)]).refresh()
savepoint = env.cr.savepoint()
plain_vals = document_vals()
savepoint.rollback()
runs = alternate(
    env,
    {
        "credit_notes": (savepoint.rollback, plain),
        "propose": (savepoint.rollback, lambda _undone: propose()),
        "settle": (approved, lambda settlements: settlements.action_post()),
    },
    rounds=min(ROUNDS, 3),
)
# What is done from the invoices to the posted credit notes.
runs["propose_settle"] = [sum(pair) for pair in zip(runs["propose"], runs["settle"], strict=True)]
record_runs(runs)
[(details,)] = env.execute_query(SQL("SELECT count(*) FROM rebate_settlement_detail"))
record(name="settled", settlements=len(plain_vals), details=details)
env.cr.rollback()
