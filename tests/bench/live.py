"""Times one distributor's live progress in an Odoo shell, beside the list of its invoices that Odoo
shows from the customer form, and asks PostgreSQL which indexes the question uses."""

import os

from lxml import etree
from stopwatch import alternate, record, record_runs

from odoo.tools import SQL

PROGRAMS = int(os.environ["PROGRAMS"])
INDEX = env["account.move"]._rebate_purchase_idx.full_name(env["account.move"])

partner = env["res.partner"].search([("name", "=like", "Bench %")], limit=1, order="id")
action = partner.action_view_partner_invoices()
invoices = env["account.move"].with_context(action["context"])
view_id = next(view_id for view_id, view_type in action["views"] if view_type == "list")
arch = etree.fromstring(invoices.get_view(view_id, "list")["arch"])
# As the web client asks: what the list loads but never shows is asked for too.
specification = {
    name: {"fields": {"display_name": {}}} if invoices._fields[name].type == "many2one" else {}
    for name in (node.get("name") for node in arch.iter("field"))
}
stored = [name for name in specification if invoices._fields[name].store]


def invoice_list():
    """The yardstick: the first page of the invoices that Odoo lists from the customer form."""
    invoices.web_search_read(action["domain"], specification, limit=80, count_limit=10001)


def invoice_query():
    """Nothing but the query for what that list shows of the table of invoices."""
    invoices.search_fetch(action["domain"], stored, limit=80)


def live():
    """What the customer form and the portal ask for, in the year of the data."""
    agreements = env["rebate.agreement"].search(
        [("partner_id", "=", partner.id), ("state", "=", "active")], limit=PROGRAMS
    )
    env["rebate.calculation"]._calculate(agreements.accrual_ids._windows())


def nodes_of(plan):
    """Walk through a plan from above."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def explain(function):
    """Tell how PostgreSQL finds the invoices and lines in the statements of a function."""
    execute = env.cr.execute
    found = []

    def explaining(query, params=None, log_exceptions=True):
        code = query.code if isinstance(query, SQL) else query
        if "account_move_line" in code:
            statement = query if isinstance(query, SQL) else SQL(query, *(params or ()))
            execute(SQL("EXPLAIN (FORMAT JSON) %s", statement))
            found.extend(nodes_of(env.cr.fetchone()[0][0]["Plan"]))
        return execute(query, params, log_exceptions)

    env.flush_all()
    env.invalidate_all()
    env.cr.execute = explaining
    try:
        function()
    finally:
        del env.cr.execute
    return [
        " ".join(
            [
                node["Node Type"],
                *(["using", node["Index Name"]] if "Index Name" in node else []),
                *(["on", node["Relation Name"]] if "Relation Name" in node else []),
            ]
        )
        for node in found
        if node.get("Relation Name") in ("account_move", "account_move_line")
        or node.get("Index Name", "").startswith("account_move")
    ]


record_runs(alternate(env, {"live": live, "list": invoice_list, "query": invoice_query}, rounds=30))
nodes = explain(live)
record(name="plan", index=INDEX, nodes=nodes)
