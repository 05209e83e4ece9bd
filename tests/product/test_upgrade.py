"""Upgrading a database that an earlier version made, its demonstration with settled payouts:
nothing is logged, figures, books, settlements and fingerprints are what they were, and each view
still opens."""

import json
import shutil
import subprocess
import unittest
from pathlib import Path

from ..process import ROOT, ProcessCase

ADDONS = "rebate_management,rebate_portal"


def earlier_files(commit, folder):
    """Take the addons of an earlier version out of the history, with the script that settles the
    demonstration's last quarter.

    :return: whether the history has them
    """
    archive = subprocess.run(
        ["git", "archive", commit, *ADDONS.split(","), "tools/demo.py"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        return False
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-x"], cwd=folder, input=archive.stdout, check=True)
    return True


class UpgradeChecks:
    """The upgrade from one commit, which a test case names."""

    earlier: str

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = ROOT / ".odoo" / cls.database
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        if not earlier_files(cls.earlier, cls.folder):
            raise unittest.SkipTest(f"this checkout's history does not reach back to {cls.earlier}")
        cls._odoo("-i", ADDONS, "--with-demo", addons=cls.folder)
        settle = (cls.folder / "tools" / "demo.py").read_text()
        cls._odoo("shell", addons=cls.folder, stdin=settle)
        cls.before = cls._tell(cls.folder)
        cls.logged = cls._odoo("-u", ADDONS)
        cls.after = cls._tell(ROOT)

    @classmethod
    def _tell(cls, addons):
        script = Path(__file__).with_name("upgrade").joinpath("tell.py").read_text()
        cls._odoo("shell", addons=addons, stdin=f"exec({script!r})\n")
        [line] = [line for line in cls.printed.splitlines() if line.startswith("TOLD ")]
        return json.loads(line.removeprefix("TOLD "))

    def test_the_upgrade_logs_nothing(self):
        self.assertEqual(self.logged, [])

    def test_the_demonstration_has_something_to_keep(self):
        states = [state for _name, state, *_rest in self.before["settlements"]]
        self.assertIn("posted", states)
        self.assertGreater(len(self.before["stored"]), 20)

    def test_stored_figures_stay(self):
        self.assertEqual(self.after["stored"], self.before["stored"])

    def test_figures_computed_anew_are_the_same(self):
        self.assertEqual(self.after["computed"], self.before["computed"])

    def test_settlements_keep_amounts_documents_and_fingerprints(self):
        self.assertEqual(self.after["settlements"], self.before["settlements"])
        self.assertEqual(self.after["checked"], self.before["checked"])
        self.assertEqual(self.after["checked"][1], [])

    def test_the_books_agree_with_the_accruals(self):
        self.assertEqual(self.after["liability"], self.before["liability"])

    def test_no_program_has_a_problem_that_it_had_not(self):
        self.assertEqual(self.after["programs"], self.before["programs"])

    def test_every_view_still_opens(self):
        self.assertGreater(len(self.before["views"]), 30)
        self.assertEqual(
            [view for view in self.before["views"] if view not in self.after["views"]], []
        )


class TestUpgradeFromFirstVersion(UpgradeChecks, ProcessCase):
    # The last commit of version 19.0.1.0.0.
    earlier = "5a67835"


class TestUpgradeFromOneFolder(UpgradeChecks, ProcessCase):
    # The last commit with all models in one folder, many classes to a model.
    earlier = "db400c7"
