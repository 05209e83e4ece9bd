"""Another addon can say what purchases are made of: one that does is installed beside ours, in a
copy of the suite's database, and passes its own tests."""

import unittest

from ..process import ROOT, run_odoo
from ..together.database import copy_database, drop_database

ADDON = "rebate_test_source"


class TestSource(unittest.TestCase):
    def test_an_addon_with_a_source_of_its_own(self):
        database = copy_database()
        self.addCleanup(drop_database, database)
        done = run_odoo(
            database,
            *("server", "--stop-after-init", "--no-http", "--log-level=warn", "-i", ADDON),
            *(f"--addons-path={ROOT},{ROOT / 'tests' / 'addons'}", f"--test-tags=/{ADDON}"),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
