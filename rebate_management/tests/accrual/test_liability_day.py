"""The reconciliation as of a day says what the journal items say up to that day."""

from io import BytesIO
from zipfile import ZipFile

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestLiabilityDay(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)
        cls.second_account = cls._liability(code="219001")
        cls.other = cls._company("Other")
        cls.second = cls._accruing(name="Second", liability_account_id=cls.second_account.id)
        cls._enrol(cls.second, cls.other)

    def _manual(self, amount, day, account=None):
        move = self.env["account.move"].create(
            {
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": one.id,
                            "partner_id": self.distributor.id,
                            "balance": balance,
                        }
                    )
                    for one, balance in (
                        (account or self.liability, -amount),
                        (self.expense, amount),
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _year(self):
        """A year of accruals, a payout, entries typed by hand, and an entry taken back."""
        self._invoice(1000, "2025-03-01")
        self._invoice(3000, "2025-03-01", partner=self.other)
        self._run("2025-03-31")
        self._invoice(500, "2025-05-01")
        self._run("2025-06-30")
        self._manual(25, "2025-07-15")
        self._invoice(700, "2025-08-01", refund=True)
        self._run("2025-09-30")
        self._manual(-5, "2025-12-31", self.second_account)
        self._run("2025-12-31")
        self._settle("2025-12-31")

    def _rows(self, day, *domain):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["rebate.liability"]
            .with_context(rebate_liability_day=day)
            .search([("company_id", "=", self.env.company.id), *domain])
        )

    def _on_account(self, day, account, **filters):
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
                *((name, "=", value) for name, value in filters.items()),
            ]
        )
        return -sum(lines.mapped("balance"))

    def test_the_sums_are_those_of_the_journal_items_up_to_the_day(self):
        self._year()
        seen = set()
        for day in (
            *("2025-03-30", "2025-03-31", "2025-06-30", "2025-07-14", "2025-07-15"),
            *("2025-09-30", "2025-12-30", "2025-12-31", "2026-03-31"),
        ):
            rows = self._rows(day)
            for account in self.liability + self.second_account:
                with self.subTest(day=day, account=account.code):
                    own = rows.filtered(lambda row, account=account: row.account_id == account)
                    expected = self._on_account(day, account)
                    self.assertAlmostEqual(sum(own.mapped("account_value")), expected)
                    self.assertAlmostEqual(sum(own.mapped("account_amount")), expected)
                    manual = self._on_account(day, account, rebate_accrual_id=False)
                    self.assertAlmostEqual(sum(own.mapped("difference")), manual)
                    self.assertAlmostEqual(sum(own.mapped("difference_value")), manual)
                    self.assertAlmostEqual(sum(own.mapped("accrued_amount")), expected - manual)
                    seen.add(expected)
        self.assertGreater(len(seen), 5)

    def test_a_row_opens_the_items_up_to_the_day(self):
        self._year()
        row = self._rows("2025-07-15", ("account_id", "=", self.liability.id))
        action = row.action_view_items()
        items = self.env["account.move.line"].search(action["domain"])
        self.assertEqual(-sum(items.mapped("balance")), row.account_value)
        self.assertLessEqual(max(items.mapped("date")), self._day("2025-07-15"))
        self.assertEqual(row.manual_count, 1)
        self.assertIn("25.00", row.explanation)
        before = self._rows("2025-07-14", ("account_id", "=", self.liability.id))
        self.assertRecordValues(before, [{"manual_count": 0, "explanation": "", "difference": 0}])

    def test_an_accrual_that_says_something_else_than_its_items_is_a_difference_on_any_day(self):
        self._year()
        accrual = self._accrual(self.agreement)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_accrual SET accrued_amount = accrued_amount + 7 WHERE id = %s",
            [accrual.id],
        )
        for day in ("2025-06-30", "2026-03-31"):
            rows = self._rows(day, ("program_id", "=", self.program.id))
            self.assertAlmostEqual(
                sum(rows.mapped("difference")), -7 + (25 if day > "2025-07-15" else 0)
            )

    def test_the_wizard_opens_the_day(self):
        wizard = self.env["rebate.liability.day"].with_user(self.accountant).create({})
        self.assertEqual(wizard.date, self._day("2026-02-28"))
        action = wizard.action_open()
        self.assertEqual(action["context"]["rebate_liability_day"], "2026-02-28")
        self.assertIn("02/28/2026", action["name"])
        for user in (self.reader, self.manager, self.approver):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["rebate.liability.day"].with_user(user).create({})

    def test_the_workbook_has_the_rows_and_totals(self):
        self._year()
        file = BytesIO()
        rows = self._rows("2025-07-15")
        rows._write_rebate_workbook(file)
        with ZipFile(file) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        self.assertEqual(sheet.count("SUMIFS("), 6 * 2)
        self.assertIn("2025-07-15", rows._rebate_workbook_name())
        self.assertIn("day=2025-07-15", rows.action_download_workbook()["url"])
        empty = BytesIO()
        self._rows("2020-01-01")._write_rebate_workbook(empty)
        self.assertTrue(empty.getvalue())
