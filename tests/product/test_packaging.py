"""Each addon builds as a wheel that holds it whole and names what it needs."""

import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class TestPackaging(unittest.TestCase):
    def _wheel(self, addon):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"),
                *("--no-index", "--quiet", "--wheel-dir", folder.name, str(ROOT / addon)),
            ],
            check=True,
            capture_output=True,
            # The version of the manifest, whether or not there is a git history to count.
            env=os.environ | {"WHOOL_POST_VERSION_STRATEGY_OVERRIDE": "none"},
        )
        (path,) = Path(folder.name).glob("*.whl")
        wheel = zipfile.ZipFile(path)
        self.addCleanup(wheel.close)
        return wheel

    def _metadata(self, wheel):
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return wheel.read(name).decode()

    def test_rebate_management(self):
        wheel = self._wheel("rebate_management")
        for name in ("__manifest__.py", "engine/tiers.py", "i18n/rebate_management.pot"):
            self.assertIn(f"odoo/addons/rebate_management/{name}", wheel.namelist())
        metadata = self._metadata(wheel)
        self.assertIn("Version: 19.0.2.1.0", metadata)
        self.assertIn("Requires-Dist: odoo==19.0.*", metadata)
        self.assertIn("LGPL-3", metadata)

    def test_rebate_portal(self):
        wheel = self._wheel("rebate_portal")
        self.assertIn("odoo/addons/rebate_portal/__manifest__.py", wheel.namelist())
        self.assertRegex(self._metadata(wheel), r"Requires-Dist: odoo-addon-rebate.management")

    def test_rebate_sale_margin(self):
        wheel = self._wheel("rebate_sale_margin")
        self.assertIn("odoo/addons/rebate_sale_margin/__manifest__.py", wheel.namelist())
        self.assertRegex(self._metadata(wheel), r"Requires-Dist: odoo-addon-rebate.management")
