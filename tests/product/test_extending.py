"""What docs/extending.md shows is code that runs: the addon that a test installs."""

import unittest

from ..process import ROOT

MODELS = ROOT / "tests" / "addons" / "rebate_test_source" / "models"


class TestExtending(unittest.TestCase):
    def test_the_example_is_the_addon_that_is_installed(self):
        page = (ROOT / "docs" / "extending.md").read_text()
        for name in ("rebate_measure.py", "rebate_program.py"):
            with self.subTest(name):
                self.assertIn((MODELS / name).read_text().rstrip(), page)
