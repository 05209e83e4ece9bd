"""Times the overview in an Odoo shell, as a manager opens it on a day near the end of the year of
the data, beside the dashboard of Odoo's accounting, as its web client asks for it on that day."""

from datetime import date
from unittest.mock import patch

from lxml import etree
from stopwatch import alternate, record, record_runs

from odoo import fields
from odoo.fields import Domain

DAY = date(2024, 12, 15)

env = env(user=env.ref("base.user_admin"))
journals = env["account.journal"].search([("show_on_dashboard", "=", True)])
view = env.ref("account.account_journal_dashboard_kanban_view")
arch = etree.fromstring(journals.get_view(view.id, "kanban")["arch"])
specification = {
    name: {"fields": {"display_name": {}}} if journals._fields[name].type == "many2one" else {}
    for name in dict.fromkeys(node.get("name") for node in arch.iter("field"))
}


def overview():
    """All that the page asks for."""
    return env["rebate.overview"].get_overview()


def near():
    """What the page measures live once it stands."""
    return env["rebate.overview"].get_near()


def dashboard():
    """The yardstick: all journals that are on the dashboard of accounting."""
    return journals.web_search_read([("show_on_dashboard", "=", True)], specification)


def watch():
    """What the job of the night before wrote, of one of the programs."""
    program = env["rebate.program"].search([("name", "=like", "Bench %")], limit=1)
    list_of = env["rebate.watch"].with_context(tracking_disable=True, mail_create_nolog=True)
    list_of._refresh(Domain("program_id", "=", program.id))


with patch.object(fields.Date, "context_today", staticmethod(lambda *_args, **_vals: DAY)):
    watch()
    figures = {"overview": overview, "dashboard": dashboard, "overview_near": near}
    record_runs(alternate(env, figures, rounds=10))
    shown = overview()
record(
    name="overview_shown",
    movers=sum(map(len, shown["movers"].values())),
    near=len(shown["misses"]),
    journals=len(journals),
)
env.cr.rollback()
