"""The tables of docs/security.md are those of the code."""

from pathlib import Path

import security_docs

from odoo.tests import TransactionCase, tagged

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"


@tagged("post_install", "-at_install")
class TestSecurityDocs(TransactionCase):
    def test_the_tables_are_those_of_the_code(self):
        _by_hand, mark, generated = DOCUMENT.read_text().partition(security_docs.MARK)
        self.assertEqual(
            (mark + generated).splitlines(),
            security_docs.render(self.env).splitlines(),
            "Run: tools/security-docs",
        )
