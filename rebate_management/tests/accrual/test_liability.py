"""The reconciliation names what is on the liability account and of no accrual."""

from odoo import Command
from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestLiability(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)
        cls._run()

    def _manual(self, amount, partner=None, post=True):
        """An entry somebody typed on the liability account."""
        move = self.env["account.move"].create(
            {
                "date": "2025-12-31",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": (partner or self.distributor).id,
                            "balance": balance,
                        }
                    )
                    for account, balance in ((self.liability, -amount), (self.expense, amount))
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def _rows(self, *domain):
        self.env.invalidate_all()
        return self.env["rebate.liability"].search(
            [("company_id", "=", self.env.company.id), *domain]
        )

    def test_books_and_accruals_agree(self):
        self.assertRecordValues(
            self._rows(),
            [
                {
                    "program_id": self.program.id,
                    "partner_id": self.distributor.id,
                    "currency_id": self.usd.id,
                    "account_amount": 100,
                    "account_value": 100,
                    "accrued_amount": 100,
                    "difference": 0,
                    "explanation": "",
                }
            ],
        )

    def test_a_manual_entry_explains_the_difference(self):
        move = self._manual(25)
        self._manual(99, post=False)
        row = self._rows()
        self.assertRecordValues(
            row,
            [{"account_amount": 125, "accrued_amount": 100, "difference": 25}],
        )
        line = move.line_ids.filtered(lambda line: line.account_id == self.liability)
        self.assertEqual(row.manual_count, 1)
        self.assertEqual(row.action_view_manual_items()["domain"], [("id", "in", line.ids)])
        self.assertIn(move.name, row.explanation)
        self.assertIn("25.00", row.explanation)

    def test_a_manual_entry_for_nobody_known_has_a_row_of_its_own(self):
        stranger = self._company("Stranger")
        self._manual(25, stranger)
        row = self._rows(("partner_id", "=", stranger.id))
        self.assertRecordValues(row, [{"program_id": self.program.id, "difference": 25}])
        self.assertEqual(self._rows(("partner_id", "=", self.distributor.id)).difference, 0)

    def test_on_a_shared_account_a_manual_entry_is_of_no_program(self):
        self._accruing(name="Second")
        self._manual(25)
        row = self._rows(("difference", "!=", 0))
        self.assertRecordValues(
            row,
            [{"program_id": False, "partner_id": self.distributor.id, "difference": 25}],
        )
        self.assertTrue(row.explanation)
        self.assertEqual(self._rows(("program_id", "=", self.program.id)).difference, 0)

    def test_many_items_are_counted_after_the_first(self):
        for _number in range(7):
            self._manual(1)
        self.assertIn("2 more", self._rows().explanation)

    def test_the_accruals_of_a_row_open(self):
        domain = self._rows().action_view_accruals()["domain"]
        accruals = self.env["rebate.accrual"].search(domain)
        self.assertEqual(accruals, self.agreement.accrual_ids)

    def test_explaining_ten_rows_takes_the_statements_of_one(self):
        def count(rows):
            return self._statements(rows.mapped, "explanation")

        for number in range(10):
            self._manual(25, self._company(f"Stranger {number}"))
        rows = self._rows(("difference", "!=", 0))
        self.assertEqual(len(rows), 10)
        count(rows)
        self.assertEqual(count(rows), count(rows[:1]))
