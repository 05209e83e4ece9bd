"""A pytest plugin of this project: what passing tests log is told, and browsers find assets ready.

Odoo's own runner shows every warning; pytest shows the log of failed tests only.
"""

import pytest

LOGGED = {}  # per test, what it logged from level warning on
FAILED = set()  # of these pytest shows the log itself


def pytest_runtest_logreport(report):
    if report.failed:
        FAILED.add(report.nodeid)
    for title, text in report.sections:
        # The teardown's report repeats what the call's had: once is enough.
        if title.startswith("Captured log") and text:
            LOGGED.setdefault(report.nodeid, {})[text] = True


def pytest_terminal_summary(terminalreporter):
    passing = {nodeid: texts for nodeid, texts in LOGGED.items() if nodeid not in FAILED}
    if passing:
        terminalreporter.section("logged by passing tests")
    for nodeid, texts in passing.items():
        terminalreporter.write_line(nodeid, yellow=True)
        for text in texts:
            terminalreporter.write_line(text)


@pytest.fixture(scope="session", autouse=True)
def ready_assets(request, load_registry):
    """Build the web assets once, outside any test's transaction.

    Each test's work is rolled back, so without this every browser test would build them anew.
    """
    from odoo import api  # noqa: PLC0415 -- only there when pytest-odoo has set Odoo up
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tests.common import HttpCase, get_db_name  # noqa: PLC0415

    classes = [item.cls for item in request.session.items if getattr(item, "cls", None)]
    if any(issubclass(cls, HttpCase) for cls in classes):
        with Registry(get_db_name()).cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})["ir.qweb"]._pregenerate_assets_bundles()
