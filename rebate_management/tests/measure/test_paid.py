"""Programs that count what is paid, by the share of the invoice and on the day of the payment."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPaid(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10), basis="paid", period_type="quarter")
        cls.agreement = cls._enrol(cls.program)

    def _drained(self, day="2025-06-15"):
        """What a period has earned once the queue is drained: nothing else refreshes it."""
        self._drain()
        return self._accrual(self.agreement, day).earned_amount

    def test_an_unpaid_invoice_earns_nothing(self):
        self._invoice(1000)
        self.assertEqual(self._drained(), 0)

    def test_a_part_payment_counts_its_share_on_its_own_day(self):
        invoice = self._invoice(1000)
        self._pay(invoice, amount=400)
        self._pay(invoice, "2025-07-05", 600)
        self.assertEqual(self._drained("2025-06-20"), 40)
        self.assertEqual(self._drained("2025-07-05"), 60)
        self.assertEqual(self._accrual(self.agreement, "2025-07-05").measured_amount, 600)

    def test_thirds_of_an_invoice_add_up_to_it(self):
        self.program.action_reset()
        self.program.rule_ids.tier_ids.threshold = 100
        self.program.action_activate()
        invoice = self._invoice(100)
        for amount in (33.33, 33.33, 33.34):
            self._pay(invoice, amount=amount)
        self.assertEqual(self._drained(), 10, "exactly the threshold of 100.00 is paid")

    def test_tax_is_paid_but_does_not_count(self):
        tax = self.env["account.tax"].create({"name": "20 %", "amount": 20})
        invoice = self._invoice(1000, post=False)
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        self._pay(invoice, amount=600)
        self._drained()
        self.assertEqual(self._accrual(self.agreement).measured_amount, 500)

    def test_a_payment_taken_back_undoes_it(self):
        invoice = self._invoice(1000)
        payment = self._pay(invoice)
        self.assertEqual(self._drained(), 100)
        payment.action_draft()
        self.assertEqual(self._drained(), 0)
        payment.action_post()
        self.assertEqual(self._drained(), 100)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._drained(), 0)

    def test_a_return_offset_against_the_invoice_counts_with_it(self):
        invoice = self._invoice(1000)
        refund = self._invoice(200, refund=True)
        (invoice | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._pay(invoice)
        self.assertEqual(self._drained(), 80)

    def test_a_debt_written_off_is_not_paid(self):
        invoice = self._invoice(1000)
        receivable = invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": "2025-06-25",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.distributor.id,
                            "credit": 1000,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_expense"].id,
                            "debit": 1000,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (receivable | entry.line_ids[0]).reconcile()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._drained(), 0)

    def test_an_invoice_in_another_currency_counts_at_its_own_day(self):
        self.eur.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", self.eur.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.eur.id, "name": "2025-06-01", "rate": 0.5},
                {"currency_id": self.eur.id, "name": "2025-06-18", "rate": 0.8},
            ]
        )
        invoice = self._invoice(1000, currency_id=self.eur.id)
        self._pay(invoice, day="2025-06-20")
        self._drained()
        self.assertEqual(self._accrual(self.agreement).measured_amount, 2000)

    def test_invoiced_and_paid_programs_side_by_side(self):
        other = self._enrol(self._program((0, 10), name="Invoiced", period_type="quarter"))
        invoice = self._invoice(1000, "2025-06-15")
        self._pay(invoice, "2025-07-01", 250)
        (self.agreement | other).action_refresh()
        self.assertEqual(self._accrual(other, "2025-06-15").earned_amount, 100)
        self.assertEqual(self._accrual(other, "2025-07-01").earned_amount, 0)
        self.assertEqual(self._drained("2025-06-15"), 0)
        self.assertEqual(self._drained("2025-07-01"), 25)

    def test_the_invoice_is_counted_once_and_its_lines_are_shown(self):
        invoice = self._invoice(1000)
        self._pay(invoice, amount=400)
        self._pay(invoice, amount=100)
        self._drained()
        accrual = self._accrual(self.agreement)
        self.assertIn("500.00 on one invoice", self._plain(accrual.line_ids.explanation))
        lines = self.env["account.move.line"].search(accrual.action_view_invoice_lines()["domain"])
        self.assertEqual(lines, invoice.invoice_line_ids)
