"""Times the refresh in an Odoo shell, beside the plainest scan of the same invoice lines.

The programs run over 2024; the scan reads the same year's lines, and nothing of the other years.
"""

import os

from stopwatch import alternate, peak_memory, record, record_runs

from odoo.tools import SQL

AGREEMENTS = int(os.environ["AGREEMENTS"])
PROGRAMS = int(os.environ["PROGRAMS"])
SIZE = os.environ["SIZE"]

programs = env["rebate.program"].search([("name", "=like", "Bench %")], order="id")[:PROGRAMS]
partners = env["res.partner"].search([("name", "=like", "Bench %")], limit=AGREEMENTS, order="id")


def accruals_of(programs):
    agreements = programs.agreement_ids.filtered(lambda row: row.partner_id in partners)
    agreements._ensure_accruals()
    # Read anew, as a job reads them: what this search left in the cache is no help.
    return env["rebate.accrual"].browse(agreements.accrual_ids.ids)


one_program = accruals_of(programs[:1])
all_programs = accruals_of(programs)
env.flush_all()
env.invalidate_all()


def scan():
    """The yardstick: one year of the same lines by partner and product."""
    return env.execute_query(
        SQL(
            "SELECT move.commercial_partner_id, line.product_id, SUM(-line.balance), COUNT(*)"
            " FROM account_move move JOIN account_move_line line ON line.move_id = move.id"
            " WHERE move.state = 'posted' AND line.display_type = 'product'"
            " AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')"
            " AND move.invoice_date BETWEEN '2024-01-01' AND '2024-12-31' GROUP BY 1, 2"
        )
    )


STORED = ("rebate_accrual", "rebate_accrual_line")
ZEROES = SQL("UPDATE rebate_accrual_line SET earned_amount = 0, digest = NULL")


def forget(accruals, lines=ZEROES):
    """Undo what is stored, so that every row of it is written again."""
    env.flush_all()
    env.cr.execute(
        SQL(
            "UPDATE rebate_accrual SET earned_amount = 0, digest = NULL WHERE id = ANY(%s)",
            accruals.ids,
        )
    )
    env.cr.execute(SQL("%s WHERE accrual_id = ANY(%s)", lines, accruals.ids))
    return accruals


def begin(accruals):
    """Undo what is stored, so that accruals are computed as if for the first time."""
    return forget(accruals, SQL("DELETE FROM rebate_accrual_line"))


def refresh(accruals):
    accruals.refresh()


record_runs(
    alternate(
        env,
        {
            "scan": scan,
            "measure": lambda: env["rebate.measure"]._purchases(one_program._windows()),
            "refresh": one_program.refresh,
            "refresh_changed": (lambda: forget(one_program), refresh),
            "refresh_first": (lambda: begin(one_program), refresh),
        },
        vacuumed=STORED,
    ),
    SIZE,
)
if not SIZE and len(programs) > 1:
    record_runs(
        alternate(
            env,
            {
                "programs": all_programs.refresh,
                "programs_changed": (lambda: forget(all_programs), refresh),
            },
            rounds=3,
            vacuumed=STORED,
        )
    )
begin(one_program)
record(name=SIZE + "memory", megabytes=peak_memory(env, one_program.refresh))
record(name=SIZE + "earned", amount=round(sum(one_program.mapped("earned_amount")), 2))
record(name=SIZE + "scanned", lines=sum(count for *_key, count in scan()))
env.cr.rollback()
