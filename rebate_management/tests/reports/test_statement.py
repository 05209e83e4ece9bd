"""The statement of a settlement: what was frozen, in the partner's language, for whoever may see
it."""

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon
from ..common_kept import ROLE

REPORT = "rebate_management.report_rebate_settlement"
MOVE_REPORT = "rebate_management.report_rebate_settlement_move"


@tagged("post_install", "-at_install")
class TestStatement(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.drill = cls.env["product.product"].create({"name": "Drill", "taxes_id": False})
        cls.program = cls._program((100, 5), (1000, 10), (5000, 20), name="Volume bonus")
        cls._enrol(cls.program)

    def _html(self, records, report=REPORT, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, _kind = reports.with_context(lang=None)._render_qweb_html(report, records.ids)
        return html.fromstring(content)

    def _text(self, node):
        return " ".join(self._plain(node.text_content()).split())

    def _table(self, page, name):
        """The rows of the tables of a class, as lists of texts."""
        return [
            [self._text(cell) for cell in row.xpath("./td | ./th")]
            for row in page.xpath(f"//table[contains(@class, '{name}')]//tr")
        ]

    # ------------------------------------------------------------------
    # Content
    # ------------------------------------------------------------------

    def test_a_statement_tells_terms_tiers_purchases_and_calculation(self):
        self._invoice([(self.goods, 800), (self.drill, 300)], day="2025-02-10")
        self._invoice(400, day="2025-03-10")
        settlement = self._settle()
        page = self._html(settlement)
        text = self._text(page)
        self.assertIn("applies to all purchases of the period", text)
        self.assertIn("What counts: All products", text)
        self.assertEqual(
            self._table(page, "o_rebate_tiers")[1:],
            [
                ["$ 100.00", "5 %", ""],
                ["$ 1,000.00", "10 %", "✓ reached with $ 1,500.00"],
                ["$ 5,000.00", "20 %", ""],
            ],
        )
        self.assertEqual(
            self._table(page, "o_rebate_purchases"),
            [
                ["Product", "Feb 2025", "Mar 2025", "Total", "Rebate"],
                ["Drill", "300.00", "–", "300.00", "30.00"],
                ["Goods", "800.00", "400.00", "1,200.00", "120.00"],
                ["Total", "1,100.00", "400.00", "1,500.00", "150.00"],
            ],
        )
        self.assertIn(self._plain(settlement.line_ids.explanation), text)
        self.assertEqual(
            self._text(page.xpath("//*[@name='in_words']")[0]), "One hundred and fifty dollars"
        )
        self.assertEqual(self._text(page.xpath("//*[@name='amount']")[0]), "$ 150.00")
        self.assertIn(settlement.move_ids.name, text)
        self.assertIn(settlement.fingerprint, text)
        self.assertNotIn("Proposal", text)

    def test_a_statement_says_the_same_after_the_facts_have_changed(self):
        self._invoice(1500)
        settlement = self._settle()
        before = self._table(self._html(settlement), "o_rebate")
        self._invoice(9000)
        self.goods.name = "Renamed"
        self.distributor.child_ids = [Command.create({"name": "New contact"})]
        self.program.action_close()
        self.assertEqual(self._table(self._html(settlement), "o_rebate"), before)

    def test_adjustments_stand_apart_with_their_cause(self):
        self._invoice(1500)
        self._settle()
        late = self._invoice(500, day="2025-11-02")
        page = self._html(self._settle(post=False))
        [row] = page.xpath("//tr[contains(@class, 'o_rebate_adjustment')]")
        self.assertIn(late.name, self._text(row))
        self.assertIn("$ 50.00", self._text(row))
        self.assertIn("Adjustments of earlier payouts", self._text(page))
        self.assertIn("Settled before", self._text(page))
        self.assertIn("Proposal", self._text(page))

    def test_what_lies_on_no_invoice_line_has_a_row(self):
        self._enrol(
            self._program((100, 5), name="Guarantee", guaranteed_payout=70),
            partner := self._company("Buys nothing"),
        )
        settlement = self._settle(partner_ids=partner.ids)
        page = self._html(settlement)
        self.assertIn("Not on an invoice line", self._text(page))
        self.assertEqual(self._table(page, "o_rebate_purchases")[-1][-1], "70.00")

    def test_a_year_is_shown_in_halves_and_totals_once(self):
        for month in range(1, 13):
            self._invoice(1000, day=f"2025-{month:02}-10")
        rows = self._table(self._html(self._settle()), "o_rebate_purchases")
        self.assertEqual([len(row) for row in rows], [7, 7, 7, 9, 9, 9])
        self.assertEqual(rows[-1][-2:], ["12,000.00", "2,400.00"])

    def test_quantities_are_shown_where_they_count(self):
        unit = self.env.ref("uom.product_uom_unit")
        program = self._program(
            rules=[
                {
                    "name": "Units",
                    "tier_ids": [
                        Command.create({"threshold": 1, "rate": 2, "rate_type": "per_unit"})
                    ],
                }
            ],
            measure="quantity",
            uom_id=unit.id,
            name="Units",
        )
        self._enrol(program, partner := self._company("Counts units"))
        self._invoice([(self.goods, 10), (self.drill, 20)], partner=partner)
        rows = self._table(self._html(self._settle(partner_ids=partner.ids)), "o_rebate_purchases")
        self.assertEqual(rows[-1], ["Total", "2", "2", "4.00"])

    def test_a_statement_speaks_the_language_of_the_partner(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.distributor.lang = "fr_FR"
        self._invoice(1500)
        page = self._html(self._settle())
        self.assertEqual(self._text(page.xpath("//*[@name='amount']")[0]), "$ 150,00")
        self.assertIn("Cent cinquante", self._text(page.xpath("//*[@name='in_words']")[0]))
        self.assertIn("juin 2025", self._text(page))

    def test_amounts_are_written_as_each_language_writes_them(self):
        self._invoice(1500)
        settlement = self._settle()
        for code, words in (
            ("de_DE", "Einhundertfünfzig "),
            ("es_ES", "Ciento cincuenta "),
            ("en_US", "One hundred and fifty dollars"),
        ):
            self.env["res.lang"]._activate_lang(code)
            self.assertTrue(
                settlement.with_context(lang=code)._amount_in_words().startswith(words), code
            )
        self.distributor.lang = self.env["res.lang"]._activate_lang("el_GR").code
        page = self._html(settlement)
        self.assertFalse([node.text_content() for node in page.xpath("//*[@name='in_words']")])

    def test_the_sender_stands_on_the_page_with_the_tax_number(self):
        company = self.env.company
        company.write({"vat": "US12-3456789", "street": "1 Sender Street"})
        self._invoice(1500)
        [sender] = self._html(self._settle()).xpath("//*[contains(@class, 'o_rebate_sender')]")
        for words in (company.name, "1 Sender Street", "US12-3456789"):
            self.assertIn(words, self._text(sender))

    def test_tables_name_their_currency(self):
        self._invoice(1500)
        text = self._text(self._html(self._settle()))
        self.assertIn("Purchases by product and month, in USD", text)

    def test_money_asked_back_is_told_without_thanks(self):
        self.program = self._program((0, 10), name="Clawback", clawback_policy="invoice")
        self._enrol(self.program, partner := self._company("Returns it"))
        self._invoice(1000, partner=partner)
        self._settle(partner_ids=partner.ids)
        self._invoice(400, partner=partner, refund=True, day="2025-12-01")
        settlement = self._settle(partner_ids=partner.ids)
        text = self._text(self._html(settlement))
        self.assertIn("Rebate Correction", text)
        self.assertIn("We ask back Forty dollars $ 40.00", text)
        self.assertNotIn("Thank you", text)

    def test_a_pdf_is_made(self):
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            self.skipTest("Odoo prints PDFs by wkhtmltopdf, which is not installed")
        self._invoice(1500)
        content, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(REPORT, self._settle().ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def test_the_statement_goes_with_the_credit_note(self):
        self.distributor.email = "distributor@example.com"
        self._invoice(1500)
        note = self._settle().move_ids
        sender = self._user("sender", "account.group_account_invoice")
        wizard = (
            self.env["account.move.send.wizard"]
            .with_user(sender)
            .with_context(active_model="account.move", active_ids=note.ids)
            .create({"sending_methods": ["email"]})
        )
        name = f"{note.rebate_settlement_id._statement_name()}.pdf"
        self.assertIn(name, [part["name"] for part in wizard.mail_attachments_widget])
        wizard.action_send_and_print()
        message = note.message_ids.filtered(lambda message: message.message_type == "comment")[:1]
        sent = message.attachment_ids.filtered(lambda part: part.name == name)
        self.assertEqual(len(sent), 1)
        self.assertTrue(sent.raw)

    def test_an_ordinary_invoice_is_sent_without(self):
        invoice = self._invoice(100)
        wizard = (
            self.env["account.move.send.wizard"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"sending_methods": ["email"]})
        )
        self.assertEqual(len(wizard.mail_attachments_widget), 1)

    # ------------------------------------------------------------------
    # Access, cost
    # ------------------------------------------------------------------

    def test_who_reads_a_settlement_reads_its_statement_and_nobody_else(self):
        self._invoice(1500)
        settlement = self._settle()
        self.assertIn("150.00", self._text(self._html(settlement, user=self.reader)))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreigner = self._user("foreigner", ROLE + "user", companies=company)
        for reader in (foreigner, self.nobody):
            for report, records in ((REPORT, settlement), (MOVE_REPORT, settlement.move_ids)):
                with self.assertRaises(AccessError):
                    self._html(records, report, user=reader)

    def test_statements_of_long_settlements_take_as_many_statements(self):
        def count(lines):
            self._enrol(self.program, partner := self._company(f"Buys {lines}"))
            self._invoice([(self.goods, 100)] * lines, partner=partner)
            settlement = self._settle(partner_ids=partner.ids)
            return self._statements(self._html, settlement)

        count(1)
        self.assertEqual(count(2), count(40))
