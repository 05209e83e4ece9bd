"""Settlements are sealed in the latest format and checked by their own: what is sealed may grow."""

import json
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.settlement.fingerprint import fingerprint_of
from ...models.settlement.sealed import FORMATS, Value
from ...tools.trust import trusted
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestFingerprintFormat(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        trusted(cls.env["rebate.settlement.chain"].search([])).unlink()
        cls.program = cls._program((0, 10), name="Volume bonus")
        cls.settlement = cls._post_settlement("First")

    @classmethod
    def _post_settlement(cls, name):
        cls._enrol(cls.program, partner := cls._company(name))
        cls._invoice(100, partner=partner)
        return cls._settle(partner_ids=partner.ids)

    def _findings(self):
        """What a check finds, as ``[(settlement, text)]``."""
        self.env.invalidate_all()
        check = self.env["rebate.settlement.check"]._check(self.env.company)
        return [(line.settlement_id, line.finding) for line in check.line_ids]

    def _run(self, query, *args):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))

    def _seal_in_format(self, number):
        """Have the settlement as if it was sealed in another format, the last of its chain.

        :param number: None for what was sealed before formats had numbers
        """
        content = dict(self.settlement.fingerprint_content)
        content.pop("format", None)
        if number is not None:
            content["format"] = number
        fingerprint = fingerprint_of(content)
        self._run(
            "UPDATE rebate_settlement SET fingerprint = %s, fingerprint_content = %s::jsonb"
            " WHERE id = %s",
            *(fingerprint, json.dumps(content), self.settlement.id),
        )
        self._run("UPDATE rebate_settlement_chain SET fingerprint = %s", fingerprint)

    def _begin_format_3(self):
        """Seal one more field of each line from now on."""
        invoices = Value("invoices", SQL("line.invoice_count"), "invoice_count")
        third = FORMATS[2]._replace(line=(*FORMATS[2].line, invoices))
        self.startPatcher(patch.dict(FORMATS, {3: third}))

    def test_what_is_posted_now_says_in_which_format_it_is_sealed(self):
        self.assertEqual(self.settlement.fingerprint_content["format"], max(FORMATS))

    def test_older_formats_are_checked_by_themselves(self):
        for number in (None, 1):
            with self.subTest(format=number):
                self._seal_in_format(number)
                self.assertFalse(self._findings())
                self._run(
                    "UPDATE rebate_settlement_line SET cause = %s WHERE settlement_id = %s",
                    *("Because", self.settlement.id),
                )
                [(settlement, text)] = self._findings()
                self.assertEqual(settlement, self.settlement)
                self.assertIn("Because", text)
                self._run("UPDATE rebate_settlement_line SET cause = NULL")

    def test_a_format_that_is_not_known_is_found_and_stops_no_check(self):
        for number in (99, "2", [2]):
            with self.subTest(format=number):
                self._seal_in_format(number)
                [(settlement, text)] = self._findings()
                self.assertEqual(settlement, self.settlement)
                self.assertIn("not that of its record", text)

    def test_one_more_sealed_field_leaves_older_settlements_as_they_are(self):
        self._begin_format_3()
        self.assertFalse(self._findings())
        second = self._post_settlement("Second")
        self.assertEqual(second.fingerprint_content["format"], 3)
        self.assertEqual(second.fingerprint_content["previous"], self.settlement.fingerprint)
        self.assertFalse(self._findings())
        # Only the second has it under seal.
        self._run("UPDATE rebate_settlement_line SET invoice_count = 7")
        [(settlement, text)] = self._findings()
        self.assertEqual(settlement, second)
        self.assertIn("“Invoices” was 1 and is 7", text)

    def test_a_change_of_what_both_seal_is_found_in_both(self):
        self._begin_format_3()
        second = self._post_settlement("Second")
        self._run("UPDATE rebate_settlement_line SET explanation = 'Another'")
        self.assertEqual(
            {settlement for settlement, _text in self._findings()}, {self.settlement, second}
        )

    def test_two_formats_take_one_statement_more(self):
        self._begin_format_3()
        settlements = self.settlement.search([("fingerprint_number", ">", 0)])
        self.assertFalse(self._findings())
        count = self.env.cr.sql_log_count
        self.env.invalidate_all()
        settlements._check_fingerprints(self.env.company)
        one = self.env.cr.sql_log_count - count
        self._post_settlement("Second")
        self.env.flush_all()
        self.env.invalidate_all()
        count = self.env.cr.sql_log_count
        settlements._check_fingerprints(self.env.company)
        self.assertLessEqual(self.env.cr.sql_log_count - count, one + 1)
