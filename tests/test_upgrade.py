"""Upgrading a database that an earlier version made, its demonstration with settled payouts:
nothing is logged, and figures, books, settlements and fingerprints are what they were."""

import json
import os
import shutil
import subprocess
import unittest
import uuid
from pathlib import Path

from .together.database import administration

ROOT = Path(__file__).resolve().parents[1]
# The last commit of version 19.0.1.0.0.
EARLIER = "5a67835"
ADDONS = "rebate_management,rebate_portal"


def earlier_files(folder):
    """Take the addons of the earlier version out of the history, with the script that settles the
    demonstration's last quarter.

    :return: whether the history has them
    """
    archive = subprocess.run(
        ["git", "archive", EARLIER, *ADDONS.split(","), "tools/demo.py"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        return False
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-x"], cwd=folder, input=archive.stdout, check=True)
    return True


class TestUpgrade(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        name = f"upgrade_{uuid.uuid4().hex[:12]}"
        cls.database, cls.folder = name, ROOT / ".odoo" / name
        cls.addClassCleanup(cls._drop)
        if not earlier_files(cls.folder):
            raise unittest.SkipTest(f"this checkout's history does not reach back to {EARLIER}")
        cls._odoo(cls.folder, "-i", ADDONS, "--with-demo")
        cls._shell(cls.folder, (cls.folder / "tools" / "demo.py").read_text())
        cls.before = cls._tell(cls.folder)
        cls.logged = cls._odoo(ROOT, "-u", ADDONS)
        cls.after = cls._tell(ROOT)

    @classmethod
    def _odoo(cls, addons, *args, stdin=""):
        """Run Odoo with the addons of a folder.

        :return: what it logs from level warning on
        """
        command = ["shell"] if args[0] == "shell" else ["--stop-after-init"]
        done = subprocess.run(
            [
                *(ROOT / "tools" / "odoo", *command, "--no-http", "-d", cls.database),
                *("--log-level=warn", f"--addons-path={addons}"),
                *args[args[0] == "shell" :],
            ],
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
            env=os.environ | {"TOOLS_LOCKED": "1"},
        )
        if done.returncode:
            raise AssertionError(f"{args} ended with {done.returncode}:\n{done.stderr}")
        cls.printed = done.stdout
        return [
            line for line in done.stderr.splitlines() if " WARNING " in line or " ERROR " in line
        ]

    @classmethod
    def _shell(cls, addons, script):
        cls._odoo(addons, "shell", stdin=script)
        return cls.printed

    @classmethod
    def _tell(cls, addons):
        script = (ROOT / "tests" / "upgrade" / "tell.py").read_text()
        printed = cls._shell(addons, f"exec({script!r})\n")
        [line] = [line for line in printed.splitlines() if line.startswith("TOLD ")]
        return json.loads(line.removeprefix("TOLD "))

    @classmethod
    def _drop(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)
        shutil.rmtree(ROOT / ".odoo" / "data" / "filestore" / cls.database, ignore_errors=True)
        with administration() as cr:
            cr.execute(f'DROP DATABASE IF EXISTS "{cls.database}" WITH (FORCE)')

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
