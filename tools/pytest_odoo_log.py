"""A pytest plugin of this project: what passing tests log is told, and browsers find assets ready.

Odoo's own runner shows every warning; pytest shows the log of failed tests only.
"""

import pytest

WARNED = []


def pytest_runtest_logreport(report):
    """Keep the warnings of passing tests; those of failed ones are shown by pytest."""
    if report.passed:
        WARNED.extend(
            (report.nodeid, text)
            for title, text in report.sections
            if title.startswith("Captured log")
        )


def pytest_terminal_summary(terminalreporter):
    if not WARNED:
        return
    terminalreporter.section("logged by passing tests")
    # The teardown's report repeats what the call's had.
    for nodeid, text in dict.fromkeys(WARNED):
        terminalreporter.write_line(nodeid, yellow=True)
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
