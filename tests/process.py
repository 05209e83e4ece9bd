"""Odoo in a process of its own, as an administrator runs it."""

import os
import shutil
import subprocess
import unittest
import uuid
from pathlib import Path

from .together.database import administration

ROOT = Path(__file__).resolve().parents[1]


def run_odoo(database, *args, stdin=""):
    """Run Odoo on a database.

    :param database: the database's name
    :param args: a command of Odoo's and what it is given
    :param stdin: what the command reads, a script for ``shell``
    :return: the ended process, with what it printed and logged
    """
    return subprocess.run(
        [ROOT / "tools" / "odoo", *args[:1], "-d", database, *args[1:]],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
        # Who runs the suite may hold the lock of the setup, which was done long ago.
        env=os.environ | {"TOOLS_LOCKED": "1"},
    )


class ProcessCase(unittest.TestCase):
    """A database of its own, made by the first process that is run on it."""

    @classmethod
    def setUpClass(cls):
        cls.database = f"{cls.__name__.lower()}_{uuid.uuid4().hex[:12]}"
        cls.addClassCleanup(cls._drop)

    @classmethod
    def _odoo(cls, *args, addons=ROOT, stdin=""):
        """Run Odoo, with the addons of a folder; what it prints is kept in ``printed``.

        :param args: options of the server, or ``shell`` and its options
        :param addons: the folder
        :param stdin: the script for the shell
        :return: the lines logged from level warning on
        :raise AssertionError: where Odoo ends badly
        """
        command = () if args[0] == "shell" else ("server", "--stop-after-init")
        done = run_odoo(
            cls.database,
            *command,
            *args,
            *("--no-http", "--log-level=warn", f"--addons-path={addons}"),
            stdin=stdin,
        )
        if done.returncode:
            raise AssertionError(f"{args} ended with {done.returncode}:\n{done.stderr}")
        cls.printed = done.stdout
        return [
            line for line in done.stderr.splitlines() if " WARNING " in line or " ERROR " in line
        ]

    @classmethod
    def _drop(cls):
        shutil.rmtree(ROOT / ".odoo" / "data" / "filestore" / cls.database, ignore_errors=True)
        with administration() as cr:
            cr.execute(f'DROP DATABASE IF EXISTS "{cls.database}" WITH (FORCE)')
