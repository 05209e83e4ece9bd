"""The workbook of an accrual run recomputes what it posted by formulas, for accountants."""

import io

from odoo.tests import HttpCase, tagged

from ..accrual.common import AccrualCommon
from ..common_kept import ROLE
from .spreadsheet import Spreadsheet


@tagged("post_install", "-at_install")
class TestWorkbookAccrual(HttpCase, AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing((0, 5), (1000, 10), name="=Volume bonus")
        for number in range(3):
            cls._enrol(cls.program, partner := cls._company(f"Customer {number}"))
            cls._invoice([(cls.goods, 700), (cls.goods, 333.33 * number)], partner=partner)

    def _book(self, moves):
        file = io.BytesIO()
        moves._rebate_write_workbook(file)
        return Spreadsheet(file)

    def test_formulas_add_journal_items_up_to_the_total(self):
        moves = self._run()
        book = self._book(moves)
        total = book.value("Summary", f"G{book.find('Summary', 'Total')}")
        self.assertAlmostEqual(total, self._balance())
        self.assertAlmostEqual(total, 35 + 103.33 + 136.67)
        calculation = book.book["Calculation"]
        # Of three accruals, and their sum by currency.
        self.assertEqual(calculation.max_row, 6)
        self.assertEqual(calculation["G6"].value, "USD")
        self.assertAlmostEqual(book.value("Calculation", "H6"), self._balance())
        for sheet in book.book:
            self.assertTrue(sheet.auto_filter.ref and sheet.freeze_panes)
        for row in range(2, 5):
            change, books, earned = (book.value("Calculation", f"{c}{row}") for c in "HIJ")
            self.assertAlmostEqual(change, books)
            # Nothing was accrued before, and nothing changed since.
            self.assertAlmostEqual(change, earned)
            self.assertIn("Purchases of", calculation[f"L{row}"].value)
            self.assertEqual(calculation[f"D{row}"].data_type, "s")
        self.assertEqual(book.book["Journal Items"].max_row, 1 + len(moves.line_ids))
        lines = book.book["Invoice Lines"]
        self.assertEqual(lines.max_row, 1 + 6)
        self.assertEqual({cell.value for cell in lines["I"][1:]}, {1})
        self.assertEqual({cell.value for cell in lines["B"][1:]}, {self.program.display_name})

    def test_a_second_run_has_the_difference_and_the_lines_up_to_its_day(self):
        self._run("2025-06-30")
        self._invoice(500, day="2025-09-01", partner=self._company("Not enrolled"))
        self._invoice(500, day="2025-09-01", partner=self.program.agreement_ids[0].partner_id)
        book = self._book(self._run("2025-12-31"))
        self.assertEqual(book.book["Calculation"].max_row, 2 + 2)
        self.assertAlmostEqual(book.value("Calculation", "H2"), 120 - 35)
        self.assertAlmostEqual(book.value("Calculation", "J2"), 120)

    def test_reading_many_takes_as_many_statements_as_few(self):
        def count(lines):
            self._enrol(self.program, partner := self._company(f"Buys {lines}"))
            self._invoice([(self.goods, 100)] * lines, partner=partner)
            moves = self._run()
            return self._statements(self._book, moves)

        self._run()
        count(1)
        self.assertEqual(count(2), count(30))

    def test_other_entries_are_refused(self):
        with self.assertRefused("None of these entries", "accrual run"):
            self._invoice(100).action_download_rebate_workbook()

    def test_accountants_download_it_and_nobody_else(self):
        moves = self._run()
        url = moves.with_user(self.accountant).action_download_rebate_workbook()["url"]
        self.authenticate(self.accountant.login, self.accountant.login)
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        book = Spreadsheet(io.BytesIO(answer.content))
        self.assertAlmostEqual(
            book.value("Summary", f"G{book.find('Summary', 'Total')}"), self._balance()
        )
        for broken in ("x", "1,", "", "1;2", "999999999"):
            self.assertEqual(
                self.url_open(f"/rebate/entries/workbook?ids={broken}").status_code, 404
            )
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for user in (self.manager, self._user("far", ROLE + "accountant", companies=company)):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(url).status_code, 403)
