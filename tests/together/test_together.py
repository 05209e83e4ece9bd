"""Many at work at once: nothing is lost, nobody is refused because of us, and at rest the figures
are what a computation from scratch makes them.

Real processes on a database of their own; each of eight posters posts as many invoices as the
environment's INVOICES says (``make load``).
"""

import json
import os
import subprocess
import sys
import unittest

from odoo import api
from odoo.modules.registry import Registry

from ..process import ROOT
from .database import copy_database, drop_database, open_database
from .world import expected_figures, figures, make_world

INVOICES = int(os.environ.get("INVOICES", "6"))


class TestTogether(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = copy_database()
        cls.addClassCleanup(drop_database, cls.database)
        with open_database(cls.database).cursor() as cr:
            cls.ids = make_world(api.Environment(cr, api.SUPERUSER_ID, {}))
        cls.report = cls._work()
        cls.people = {person["name"]: person for person in cls.report["people"]}

    @classmethod
    def _work(cls):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.together.run",
                cls.database,
                json.dumps(cls.ids),
                str(INVOICES),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        if done.returncode:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def test_everybody_gets_their_work_done(self):
        for name, person in self.people.items():
            with self.subTest(name):
                self.assertIsNone(person["failure"])
                self.assertGreater(person["done"], 0)

    def test_nobody_who_posts_is_disturbed_by_rebates(self):
        for name, person in self.people.items():
            if name.startswith("poster"):
                with self.subTest(name):
                    self.assertEqual(self._ours(person), [])

    def test_nobody_who_refreshes_is_refused(self):
        self.assertEqual(self.people["refresher"]["disturbances"], [])

    def test_nobody_waits_for_rebates_in_a_circle(self):
        for name, person in self.people.items():
            with self.subTest(name):
                self.assertNotIn("deadlock", " ".join(self._ours(person)))

    @staticmethod
    def _ours(person):
        """What disturbed somebody because of us; Odoo's own tables, such as the customer's rank
        and the numbers of invoices, do so too."""
        told = person["disturbances"] + person["logged"]
        return [words for words in told if "rebate" in words or "ir_cron" in words]

    def test_jobs_neither_fail_nor_complain(self):
        for name, person in self.people.items():
            if name.endswith("worker"):
                with self.subTest(name):
                    self.assertEqual(person["logged"], [])

    def test_at_rest_nothing_is_left_and_the_figures_are_right(self):
        self.assertEqual(self.report["left"], 0)
        purchases = [tuple(p) for person in self.people.values() for p in person["purchases"]]
        with Registry(self.database).cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            stored = figures(env, self.ids)
            self.assertEqual(stored, expected_figures(purchases))
            env["rebate.accrual"].search([]).refresh()
            self.assertEqual(stored, figures(env, self.ids))
