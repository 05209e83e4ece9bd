"""What keeps a settlement from being posted is told in a sentence, and nothing is half-written."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPayoutRefusals(RebateCommon):
    def _approved(self, **vals):
        program = self._program((0, 10), **vals)
        self._enrol(program)
        self._invoice(1000)
        settlement = self._settle(post=False)
        settlement.action_submit()
        self._approve(settlement)
        return settlement, program

    def _refused(self, settlement, *words):
        with self.assertRefused(settlement.name, *words):
            settlement.action_post()
        self.assertEqual((settlement.state, len(settlement.move_ids)), ("approved", 0))

    def test_an_archived_journal(self):
        journal = self.company_data["default_journal_sale"].copy({"name": "Rebates"})
        settlement, _program = self._approved(journal_id=journal.id)
        journal.active = False
        self._refused(settlement, journal.name, "archived")

    def test_a_program_without_account(self):
        settlement, program = self._approved()
        program.expense_account_id = False
        self._refused(settlement, "Bonus", "no rebate account", "Accounting")

    def test_an_archived_account(self):
        settlement, program = self._approved()
        program.expense_account_id = program.expense_account_id.copy({"code": "REB1"})
        program.expense_account_id.active = False
        self._refused(settlement, "Bonus", "archived", "Accounting")

    def test_a_partner_without_receivable(self):
        settlement, _program = self._approved()
        self.env["ir.default"].set("res.partner", "property_account_receivable_id", False)
        self.distributor.property_account_receivable_id = False
        self._refused(settlement, "Distributor", "Account Receivable", self.env.company.name)

    def test_a_partner_without_payable(self):
        settlement, _program = self._approved(payout_method="vendor_bill")
        self.distributor.property_account_payable_id = False
        self._refused(settlement, "Distributor", "Account Payable")

    def test_a_currency_without_rate(self):
        currency = self.env["res.currency"].create(
            {"name": "XRB", "symbol": "X", "rate_ids": [(0, 0, {"name": "2025-01-01", "rate": 2})]}
        )
        settlement, _program = self._approved(currency_id=currency.id)
        currency.rate_ids.unlink()
        self._refused(settlement, "XRB", "USD", "exchange rate")

    def test_a_locked_period_moves_the_date_to_the_first_open_day_and_says_so(self):
        settlement, _program = self._approved()
        self.env.company.sale_lock_date = "2026-04-15"
        settlement.action_post()
        note = settlement.move_ids
        self.assertEqual((str(note.date), str(note.invoice_date)), ("2026-04-16", "2026-04-16"))
        for record in (note, settlement):
            self.assertTrue(
                [body for body in record.message_ids.mapped("body") if "04/16/2026" in body]
            )

    def test_a_tax_lock_moves_only_what_has_tax(self):
        self.env.company.tax_lock_date = "2026-04-15"
        settlement, _program = self._approved()
        settlement.action_post()
        self.assertEqual(str(settlement.move_ids.date), self.today)
        settlement, _program = self._approved(tax_policy="origin")
        settlement.action_post()
        self.assertEqual(str(settlement.move_ids.date), "2026-04-16")
