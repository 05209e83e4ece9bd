"""Times the product on the benchmark's data in an Odoo shell, each figure beside a yardstick.

Prints a table and, as its last line, the same as JSON. Figures are medians of several runs; only
ratios to the yardstick of the same run mean anything from one machine to another.
"""

import json
import os
import statistics
import time

from odoo import Command
from odoo.tools import SQL

AGREEMENTS = int(os.environ["AGREEMENTS"])
PROGRAMS = int(os.environ["PROGRAMS"])
RUNS = 5
YEAR = ("2024-01-01", "2024-12-31")


def timed(function, runs=RUNS):
    """The median seconds of a function, each time from a cold ORM cache."""
    seconds = []
    for _run in range(runs + 1):
        env.flush_all()
        env.invalidate_all()
        began = time.perf_counter()
        function()
        env.flush_all()
        seconds.append(time.perf_counter() - began)
    # The first run warms the database's own caches and is not counted.
    return statistics.median(seconds[1:])


def enrol():
    """Programs over one year, each with the same number of agreements."""
    partners = env["res.partner"].search([("name", "=like", "Bench %")], limit=AGREEMENTS)
    programs = env["rebate.program"].create(
        [
            {
                "name": f"Bench {number}",
                "date_start": YEAR[0],
                "date_end": YEAR[1],
                "rule_ids": [
                    Command.create(
                        {
                            "name": "All",
                            "tier_ids": [
                                Command.create({"threshold": threshold, "rate": rate})
                                for threshold, rate in ((10000, 1), (50000, 2), (90000, 3))
                            ],
                        }
                    )
                ],
            }
            for number in range(PROGRAMS)
        ]
    )
    programs.action_activate()
    agreements = (
        env["rebate.agreement"]
        .with_context(tracking_disable=True)
        .create(
            [
                {"program_id": program.id, "partner_id": partner.id, "state": "active"}
                for program in programs
                for partner in partners
            ]
        )
    )
    agreements._ensure_accruals()
    env.flush_all()
    env.cr.execute("ANALYZE rebate_agreement")
    env.cr.execute("ANALYZE rebate_accrual")
    return agreements


def scan():
    """The yardstick: one year of the same lines by partner and product."""
    env.cr.execute(
        SQL(
            "SELECT move.commercial_partner_id, line.product_id, SUM(-line.balance)"
            " FROM account_move move JOIN account_move_line line ON line.move_id = move.id"
            " WHERE move.state = 'posted' AND line.display_type = 'product'"
            " AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')"
            " AND move.invoice_date BETWEEN %s AND %s GROUP BY 1, 2",
            *YEAR,
        )
    )
    env.cr.fetchall()


def invoice_list(partner):
    """The yardstick for one distributor: the customer's stock list of invoices."""
    env["account.move"].search_fetch(
        [("commercial_partner_id", "=", partner.id), ("move_type", "=", "out_invoice")],
        ["name", "invoice_date", "amount_total"],
        limit=80,
    )


agreements = enrol()
# Read anew, as a job reads them: what the enrolment left in the cache is no help.
accruals = env["rebate.accrual"].browse(agreements.accrual_ids.ids)
one_partner = agreements.filtered(
    lambda agreement: agreement.partner_id == agreements[0].partner_id
).accrual_ids


def live():
    # What the customer form and the portal ask for, in the year of the data.
    env["rebate.calculation"]._calculate(one_partner._windows())


def change_and_refresh():
    # Forget what is stored, so that every row is written again.
    env.cr.execute("UPDATE rebate_accrual SET earned_amount = 0, measured_amount = 0")
    accruals.refresh()


rows = [
    (
        f"measure, {len(accruals):,} accruals",
        timed(lambda: env["rebate.measure"]._purchases(accruals._windows())),
        "scan",
    ),
    (f"refresh without news, {len(accruals):,} accruals", timed(accruals.refresh), "scan"),
    (f"refresh, all changed, {len(accruals):,} accruals", timed(change_and_refresh), "scan"),
    (
        f"live progress of one distributor, {PROGRAMS} programs",
        timed(live),
        "list",
    ),
]
yardsticks = {
    "scan": ("one GROUP BY scan of the year", timed(scan)),
    "list": ("the customer's invoice list", timed(lambda: invoice_list(agreements[0].partner_id))),
}
env.cr.rollback()

print(f"{'figure':<52}{'seconds':>9}  {'yardstick':<32}{'seconds':>9}{'ratio':>8}")
result = []
for label, seconds, name in rows:
    yardstick, base = yardsticks[name]
    print(f"{label:<52}{seconds:>9.3f}  {yardstick:<32}{base:>9.3f}{seconds / base:>8.2f}")
    result.append(
        {
            "figure": label,
            "seconds": seconds,
            "yardstick": yardstick,
            "base": base,
            "ratio": seconds / base,
        }
    )
print(json.dumps({"lines": int(os.environ["LINES"]), "figures": result}))
