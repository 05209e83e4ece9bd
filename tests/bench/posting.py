"""Times the posting of 100 invoices of ten lines in an Odoo shell, in a database with the addons
or in one without them. Nothing is kept.

With them, each customer takes part in all programs of the bench. The invoices are posted one by
one, as users do, and all at once, as a job does. Beside the seconds stand those that the processor
worked for it, which other work on the machine does not disturb.
"""

import os
import time
from pathlib import Path

from stopwatch import alternate, record

from odoo import Command
from odoo.tools import SQL

INVOICES = 100
LINES = 10
BUYERS = min(INVOICES, int(os.environ["AGREEMENTS"]))

partners = env["res.partner"].search([("name", "=like", "Bench %")], limit=BUYERS, order="id")
products = env["product.product"].search([("name", "=like", "Bench %")], limit=LINES, order="id")


def draft():
    """Make the invoices that every round posts, in a journal of their own: in one whose numbers SQL
    made, Odoo's search for the next number would be most of what is timed."""
    journal = env["account.journal"].create({"name": "Bench", "code": "BENCH", "type": "sale"})
    return env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partners[number % len(partners)].id,
                "invoice_date": "2024-06-15",
                "journal_id": journal.id,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "quantity": 3, "price_unit": 7.5})
                    for product in products
                ],
            }
            for number in range(INVOICES)
        ]
    )


def processor_seconds():
    """What this process and its PostgreSQL took of the processor; other work does not count."""
    ticks = Path(f"/proc/{backend}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def counted(name, function):
    def run(_undone):
        began = processor_seconds()
        function()
        processor[name].append(processor_seconds() - began)

    return run


def post_each():
    for move in drafts:
        move.action_post()
        # All that happens before the commit that ends the user's click.
        env.cr.flush()


def post_all():
    drafts.action_post()
    env.cr.flush()


[(backend,)] = env.execute_query(SQL("SELECT pg_backend_pid()"))
processor = {"each_cpu": [], "all_cpu": []}
drafts = draft()
savepoint = env.cr.savepoint()
runs = alternate(
    env,
    {
        "each": (savepoint.rollback, counted("each_cpu", post_each)),
        "all": (savepoint.rollback, counted("all_cpu", post_all)),
    },
    rounds=3,
)
if "rebate.queue" in env and not env["rebate.queue"].search_count([]):
    raise SystemExit("Posting queued no agreement: the invoices' customers are in no program.")
env.cr.rollback()
record(
    name="posting",
    installed="rebate.queue" in env,
    **runs,
    **{name: seconds[1:] for name, seconds in processor.items()},
)
