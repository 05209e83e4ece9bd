"""Odoo's own runner finds each test that pytest finds: it knows what `tests/__init__.py` names."""

import unittest
from pathlib import Path

from odoo.tests.loader import get_test_modules

ROOT = Path(__file__).resolve().parents[2]


class TestLoading(unittest.TestCase):
    def test_odoo_loads_every_file_with_tests(self):
        for addon in ("rebate_management", "rebate_portal", "rebate_sale_margin"):
            with self.subTest(addon):
                loaded = [module.__name__ for module in get_test_modules(addon)]
                files = (ROOT / addon / "tests").rglob("test_*.py")
                names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
                self.assertEqual(sorted(loaded), sorted(f"odoo.addons.{name}" for name in names))
