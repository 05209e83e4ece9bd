"""Times live progress of one distributor with very many invoice lines in an Odoo shell, beside the
plainest scan of these lines."""

import os

from stopwatch import alternate, record, record_runs

from odoo.tools import SQL

PROGRAMS = int(os.environ["PROGRAMS"])

partner = env["res.partner"].search([("name", "=like", "Bench %")], limit=1, order="id")


def live():
    """What the customer form and the portal ask for, in the year of the data."""
    agreements = env["rebate.agreement"].search(
        [("partner_id", "=", partner.id), ("state", "=", "active")], limit=PROGRAMS
    )
    env["rebate.calculation"]._calculate(agreements.accrual_ids._windows())


def scan():
    """The yardstick: one year of the same lines by product."""
    return env.execute_query(
        SQL(
            "SELECT line.product_id, SUM(-line.balance), COUNT(*)"
            " FROM account_move move JOIN account_move_line line ON line.move_id = move.id"
            " WHERE move.state = 'posted' AND line.display_type = 'product'"
            " AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')"
            " AND move.commercial_partner_id = %s"
            " AND move.invoice_date BETWEEN '2024-01-01' AND '2024-12-31' GROUP BY 1",
            partner.id,
        )
    )


record_runs(alternate(env, {"distributor": live, "distributor_scan": scan}, rounds=10))
record(name="distributor_lines", lines=sum(count for *_key, count in scan()))
