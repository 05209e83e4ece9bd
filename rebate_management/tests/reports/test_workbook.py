"""The workbook of a settlement recomputes its total by formulas, however long it is, for whoever
may read the settlement."""

import io
import tracemalloc
from tempfile import TemporaryFile

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from ...controllers.download import WORKBOOK
from ..common import RebateCommon
from ..common_kept import ROLE
from .spreadsheet import Spreadsheet


@tagged("post_install", "-at_install")
class TestWorkbook(HttpCase, RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 5), (1000, 10), name="Volume bonus")
        cls._enrol(cls.program)

    def _book(self, settlement, user=None):
        file = io.BytesIO()
        settlement.with_user(user or self.env.user)._write_rebate_workbook(file)
        file.seek(0)
        return Spreadsheet(file)

    def _total(self, book):
        return book.value("Summary", f"I{book.find('Summary', 'Total')}")

    # ------------------------------------------------------------------
    # Content
    # ------------------------------------------------------------------

    def test_formulas_add_invoice_lines_up_to_the_total(self):
        other = self._program(
            rules=[
                self._rule((0, 3), name="Goods", product_ids=[Command.set(self.goods.ids)]),
                self._rule((0, 1), name="All"),
            ],
            name="Two rules",
        )
        self._enrol(other)
        self._invoice([(self.goods, 700.10), (self.product_a, 333.33)])
        self._invoice(400.07, refund=True, day="2025-08-01")
        settlement = self._settle()
        book = self._book(settlement)
        self.assertEqual(book.book.sheetnames, ["Summary", "Calculation", "Invoice Lines"])
        self.assertAlmostEqual(self._total(book), settlement.amount_total)
        row = book.find("Summary", "Difference")
        self.assertEqual(book.value("Summary", f"I{row}"), 0)
        lines = settlement.line_ids.sorted()
        first = book.find("Summary", lines[0].name)
        for place, line in enumerate(lines):
            self.assertAlmostEqual(book.value("Summary", f"I{first + place}"), line.amount)
        self.assertEqual(
            book.book["Invoice Lines"].max_row, len(settlement.line_ids.detail_ids) + 1
        )

    def test_a_changed_cell_changes_the_total(self):
        self._invoice(1500)
        book = self._book(self._settle())
        book.book["Invoice Lines"]["P2"].value += 7
        self.assertAlmostEqual(self._total(book), 157)
        self.assertEqual(book.value("Summary", f"I{book.find('Summary', 'Difference')}"), 7)

    def test_tiers_are_computed_on_their_bases(self):
        self._enrol(
            self._program((0, 5), (1000, 10), tier_method="incremental", name="Bands"),
            partner := self._company("Bands"),
        )
        self._invoice(1500, partner=partner)
        book = self._book(self._settle(partner_ids=partner.ids))
        row = book.find("Calculation", "Tier From")
        self.assertEqual(
            [book.value("Calculation", f"H{row + place}") for place in (1, 2)], [50, 50]
        )

    def test_stored_results_are_those_of_the_formulas(self):
        """For readers that show what is stored, such as a preview in a mail client."""
        self._invoice(1500)
        self._settle()
        self._invoice(200, day="2025-12-05")
        file = io.BytesIO()
        self._settle()._write_rebate_workbook(file)
        computed = Spreadsheet(file)
        stored = Spreadsheet(file)
        stored.book = load_workbook(file, data_only=True)
        formulas = [
            (sheet.title, cell.coordinate)
            for sheet in computed.book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]
        self.assertGreater(len(formulas), 10)
        for sheet, cell in formulas:
            self.assertAlmostEqual(
                computed.value(sheet, cell), stored.book[sheet][cell].value, msg=(sheet, cell)
            )

    def test_text_that_begins_like_a_formula_is_text(self):
        names = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "{=1}", "=HYPERLINK(A1)"]
        products = self.env["product.product"].create(
            [{"name": name, "default_code": name, "taxes_id": False} for name in names]
        )
        self.program.name = "=Volume"
        self._invoice([(product, 100) for product in products])
        book = self._book(self._settle())
        lines = book.book["Invoice Lines"]
        for column in ("G", "H"):
            cells = lines[column][1:]
            self.assertEqual({cell.value for cell in cells}, set(names))
            self.assertEqual({cell.data_type for cell in cells}, {"s"})
        row = book.find("Summary", "Program") + 1
        self.assertEqual(book.book["Summary"][f"C{row}"].data_type, "s")

    def test_sheets_are_easy_to_read(self):
        self._invoice(1500, day="2025-03-04")
        book = self._book(self._settle()).book
        for sheet in book:
            self.assertTrue(sheet.freeze_panes, sheet)
            self.assertTrue(sheet.auto_filter.ref, sheet)
            self.assertGreater(sheet.column_dimensions["C"].width, 10, sheet)
        lines = book["Invoice Lines"]
        self.assertEqual(lines.auto_filter.ref, "A1:P2")
        self.assertEqual(lines["F2"].value.isoformat(), "2025-03-04T00:00:00")
        self.assertTrue(lines["F2"].is_date)
        self.assertEqual(lines["P2"].number_format, "#,##0.00")

    def test_each_invoice_line_names_its_program_and_who_bought(self):
        self._enrol(self._program((0, 1), name="Second"))
        self._invoice(1500)
        settlement = self._settle()
        lines = self._book(settlement).book["Invoice Lines"]
        self.assertEqual([lines["B1"].value, lines["C1"].value], ["Program", "Distributor"])
        self.assertEqual(
            {cell.value for cell in lines["B"][1:]},
            set(settlement.line_ids.program_id.mapped("display_name")),
        )
        self.assertEqual({cell.value for cell in lines["C"][1:]}, {self.distributor.name})
        self.assertEqual(
            {cell.value for cell in lines["E"][1:]},
            set(settlement.line_ids.detail_ids.mapped("invoice_name")),
        )

    # ------------------------------------------------------------------
    # Much
    # ------------------------------------------------------------------

    def _lengthen(self, settlement, count):
        """Give a settlement many details, behind the back of Odoo, which freezes them."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO rebate_settlement_detail (
                            settlement_line_id, rule_id, rule_name, line_number, invoice_name,
                            invoice_date, product_name, quantity, amount, rate, rate_type,
                            earned_amount, settled_amount, rebate_amount)
                SELECT settlement_line_id, rule_id, rule_name, 0, 'INV/' || number,
                       invoice_date, 'A product with a rather long name, no. ' || number, 1, 10, 10,
                       'percent', 1, 0, 1
                  FROM rebate_settlement_detail, generate_series(1, %s) AS number
                 WHERE settlement_line_id = %s
                """,
                count,
                settlement.line_ids.id,
            )
        )

    def test_a_hundred_thousand_lines_are_not_held_in_memory(self):
        self._invoice(1500)
        settlement = self._settle()
        self._lengthen(settlement, 100_000)
        with TemporaryFile() as file:
            tracemalloc.start()
            settlement._write_rebate_workbook(file)
            _now, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            size = file.tell()
        # Held as Python values they would be more than a hundred.
        self.assertLess(peak, 25 * 2**20)
        self.assertGreater(size, 2**20)

    def test_long_workbooks_take_as_many_statements_as_short_ones(self):
        self._invoice(1500)
        settlement = self._settle()

        def count():
            return self._statements(self._book, settlement)

        count()
        few = count()
        self._lengthen(settlement, 400)
        self.assertEqual(count(), few)

    # ------------------------------------------------------------------
    # Download
    # ------------------------------------------------------------------

    def test_who_may_read_a_settlement_downloads_its_workbook(self):
        self._invoice(1500)
        settlement = self._settle()
        self.authenticate(self.reader.login, self.reader.login)
        answer = self.url_open(settlement.action_download_workbook()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], WORKBOOK)
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        name = settlement.name.replace("/", "_")
        self.assertIn(f"{name}.xlsx", answer.headers["Content-Disposition"])
        self.assertAlmostEqual(self._total(Spreadsheet(io.BytesIO(answer.content))), 150)

    def test_strangers_other_companies_and_visitors_download_nothing(self):
        self._invoice(1500)
        settlement = self._settle()
        url = settlement.action_download_workbook()["url"]
        answer = self.url_open(url, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for user in (self.nobody, self._user("elsewhere", ROLE + "user", companies=company)):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(url, allow_redirects=False).status_code, 403)
            with self.assertRaises(AccessError):
                self._book(settlement, user)
        self.assertEqual(
            self.url_open(url.replace(str(settlement.id), "999999999")).status_code, 404
        )

    def test_a_user_of_several_companies_downloads_from_each(self):
        self._invoice(1500)
        settlement = self._settle()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._user("both", ROLE + "user", companies=company | self.env.company)
        self.authenticate("both", "both")
        url = settlement.action_download_workbook()["url"]
        self.assertEqual(self.url_open(url).status_code, 200)
