"""On the paid basis what was received counts, and tax withheld: not what was written off."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPaidReceived(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10), basis="paid")
        cls.agreement = cls._enrol(cls.program)
        cls.bad_debt = cls.company_data["default_account_expense"]
        cls.bank = cls.company_data["default_journal_bank"]

    def _drained(self, agreement=None):
        self._drain()
        return self._accrual(agreement or self.agreement).earned_amount

    def _receivable(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _entry(self, journal, *lines, day="2025-06-20"):
        """A posted entry of ``(account, balance, more values)``."""
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "balance": balance,
                            "partner_id": self.distributor.id,
                            **(vals[0] if vals else {}),
                        }
                    )
                    for account, balance, *vals in lines
                ],
            }
        )
        entry.action_post()
        return entry

    def _statement_line(self, invoices, amount, *others):
        """A bank transaction that settles invoices in full, what is missing on other accounts."""
        receivable = self._receivable(invoices)
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2025-06-20",
                "payment_ref": "Received",
                "amount": amount,
                "partner_id": self.distributor.id,
            }
        )
        _liquidity, suspense, _others = transaction._seek_for_lines()
        transaction.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(
                        Command.create(
                            {
                                "account_id": line.account_id.id,
                                "partner_id": self.distributor.id,
                                "balance": -line.balance,
                            }
                        )
                        for line in receivable
                    ),
                    *(
                        Command.create({"account_id": account.id, "balance": balance})
                        for account, balance in others
                    ),
                ]
            }
        )
        (receivable | self._receivable(transaction.move_id)).reconcile()
        return transaction

    # --- written off ---

    def test_what_is_written_off_with_the_payment_is_not_paid(self):
        invoice = self._invoice(1000)
        self._pay(invoice, amount=100, write_off=self.bad_debt)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._drained(), 10)

    def test_what_is_written_off_in_two_payments_is_not_paid(self):
        invoice = self._invoice(1000)
        self._pay(invoice, amount=300)
        self._pay(invoice, amount=600, write_off=self.bad_debt)
        self.assertEqual(self._drained(), 90)

    def test_what_is_written_off_on_a_bank_transaction_is_not_paid(self):
        invoice = self._invoice(1000)
        self._statement_line(invoice, 100, (self.bad_debt, 900))
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._drained(), 10)

    def test_a_bank_transaction_without_difference_is_paid_in_full(self):
        self._statement_line(self._invoice(1000), 1000)
        self.assertEqual(self._drained(), 100)

    def test_what_a_bank_transaction_brings_beyond_the_invoice_takes_nothing_from_it(self):
        income = self.company_data["default_account_revenue"]
        self._statement_line(self._invoice(1000), 1010, (income, -10))
        self.assertEqual(self._drained(), 100)

    def test_one_difference_of_a_payment_over_several_invoices_lies_on_each_in_proportion(self):
        other = self._company("Other", parent_id=self.distributor.id)
        theirs = self._enrol(self.program, other)
        invoices = self._invoice(100) | self._invoice(300, partner=other)
        transaction = self._statement_line(invoices, 360, (self.bad_debt, 40))
        self.assertEqual(len(transaction.line_ids), 4)
        self.assertEqual(self._drained(), 9)
        self.assertEqual(self._drained(theirs), 27)

    def test_a_grouped_payment_with_a_difference(self):
        invoices = self._invoice(100) | self._invoice(200)
        self._pay(invoices, amount=250, write_off=self.bad_debt, group_payment=True)
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0])
        self.assertEqual(self._drained(), 25)

    def test_a_debt_written_off_by_an_entry_in_a_bank_journal_is_not_paid(self):
        invoice = self._invoice(1000)
        receivable = self._receivable(invoice)
        entry = self._entry(self.bank, (receivable.account_id, -1000), (self.bad_debt, 1000))
        (receivable | self._receivable(entry)).reconcile()
        self.assertEqual(self._drained(), 0)

    def test_a_refund_that_was_paid_out_with_a_difference_is_paid_as_far_as_money_went(self):
        invoice = self._invoice(1000)
        self._pay(invoice)
        refund = self._invoice(100, refund=True)
        self._pay(refund, amount=60, write_off=self.bad_debt)
        self.assertEqual(self._drained(), 94)

    def test_in_another_currency_the_part_is_of_the_currency(self):
        self.eur.active = True
        self.env["res.currency.rate"].create(
            {"name": "2025-01-01", "rate": 0.7, "currency_id": self.eur.id}
        )
        program = self._program((0, 10), name="In euro", basis="paid", currency_id=self.eur.id)
        agreement = self._enrol(program)
        invoice = self._invoice(1000, currency_id=self.eur.id)
        self._pay(invoice, amount=100, write_off=self.bad_debt, currency_id=self.eur.id)
        self.assertEqual(self._drained(agreement), 10)

    def test_an_exchange_difference_is_part_of_the_payment(self):
        self.eur.active = True
        self.env["res.currency.rate"].create(
            [
                {"name": "2025-01-01", "rate": 0.5, "currency_id": self.eur.id},
                {"name": "2025-06-18", "rate": 0.8, "currency_id": self.eur.id},
            ]
        )
        invoice = self._invoice(1000, currency_id=self.eur.id)
        self._pay(invoice)
        self.assertTrue(invoice.line_ids.matched_credit_ids.exchange_move_id)
        self.assertEqual(self._drained(), 200)

    def test_offsets_count_as_before(self):
        invoice, refund = self._invoice(1000), self._invoice(200, refund=True)
        self._receivable(invoice | refund).reconcile()
        self._pay(invoice, amount=400, write_off=self.bad_debt)
        self.assertEqual(self._drained(), 40, "600 of 1,000, and 200 returned")

    # --- withheld ---

    def test_tax_withheld_from_the_payment_is_paid(self):
        withheld = self.env["account.account"].create(
            {"name": "Tax withheld", "code": "119900", "account_type": "asset_current"}
        )
        self.env["account.tax"].create(
            {
                "name": "Withheld",
                "amount": -10,
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": withheld.id}),
                ],
                "refund_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": withheld.id}),
                ],
            }
        )
        invoice = self._invoice(1000)
        self._pay(invoice, amount=900, write_off=withheld)
        self.assertEqual(self._drained(), 100)

    def test_tax_withheld_and_a_rest_written_off(self):
        tax = self.env["account.tax"].create({"name": "Withheld", "amount": -10})
        account = self.env["account.account"].create(
            {"name": "Suspended", "code": "119901", "account_type": "expense"}
        )
        invoice = self._invoice(1000)
        receivable = self._receivable(invoice)
        entry = self._entry(
            self.bank,
            (receivable.account_id, -1000),
            (self.bank.default_account_id, 600),
            (
                account,
                100,
                {"tax_repartition_line_id": tax.invoice_repartition_line_ids[-1].id},
            ),
            (self.bad_debt, 300),
        )
        (receivable | self._receivable(entry)).reconcile()
        self.assertEqual(self._drained(), 70)

    def test_the_base_of_a_withheld_tax_booked_to_and_fro_is_nothing(self):
        """As Odoo's own withholding on payments books it."""
        tax = self.env["account.tax"].create({"name": "Withheld", "amount": -10})
        revenue = self.company_data["default_account_revenue"]
        invoice = self._invoice(1000)
        receivable = self._receivable(invoice)
        entry = self._entry(
            self.bank,
            (receivable.account_id, -1000),
            (self.bank.default_account_id, 900),
            (
                self.bad_debt,
                100,
                {"tax_repartition_line_id": tax.invoice_repartition_line_ids[-1].id},
            ),
            (revenue, 1000),
            (revenue, -1000),
        )
        (receivable | self._receivable(entry)).reconcile()
        self.assertEqual(self._drained(), 100)

    def test_the_tax_of_a_debt_written_off_is_not_withheld(self):
        account = self.company_data["default_account_tax_sale"]
        tax = self.tax_sale_a
        invoice = self._invoice(1000, post=False)
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        receivable = self._receivable(invoice)
        self.assertEqual(invoice.amount_total, 1150)
        entry = self._entry(
            self.bank,
            (receivable.account_id, -1150),
            (self.bank.default_account_id, 115),
            (self.bad_debt, 900),
            (account, 135),
        )
        (receivable | self._receivable(entry)).reconcile()
        self.assertEqual(self._drained(), 10)

    # --- discount for early payment ---

    def _early(self, computation="excluded", tax=None):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in ten days",
                "early_discount": True,
                "discount_days": 10,
                "discount_percentage": 2,
                "early_pay_discount_computation": computation,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})
                ],
            }
        )
        invoice = self._invoice(1000, invoice_payment_term_id=term.id, post=False)
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        return invoice

    def test_a_discount_for_early_payment_counts_only_where_the_program_says_so(self):
        whole = self._enrol(
            self._program((0, 10), name="Whole", basis="paid", early_discount_counts=True)
        )
        invoice = self._early()
        self._pay(invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._drained(), 98)
        self.assertEqual(self._drained(whole), 100)
        (self.agreement | whole).action_refresh()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 98, "both at once")
        self.assertEqual(self._accrual(whole).earned_amount, 100)

    def test_a_discount_for_early_payment_that_lowers_the_tax_too(self):
        whole = self._enrol(
            self._program((0, 10), name="Whole", basis="paid", early_discount_counts=True)
        )
        invoice = self._early("included", self.tax_sale_a)
        payment = self._pay(invoice)
        self.assertEqual(payment.amount, 1127)
        self.assertEqual(self._drained(), 98)
        self.assertEqual(self._drained(whole), 100)

    def test_a_bank_transaction_with_a_discount_for_early_payment(self):
        whole = self._enrol(
            self._program((0, 10), name="Whole", basis="paid", early_discount_counts=True)
        )
        discount = self.env.company.account_journal_early_pay_discount_loss_account_id
        self._statement_line(self._early(), 950, (discount, 20), (self.bad_debt, 30))
        self.assertEqual(self._drained(), 95)
        self.assertEqual(self._drained(whole), 97)

    def test_the_lines_add_up_where_a_part_was_written_off(self):
        invoice = self._invoice([(self.goods, 33.33), (self.goods, 66.67)])
        self._pay(invoice, amount=50, write_off=self.bad_debt)
        self.assertEqual(self._drained(), 5)
        details = self._settle().line_ids.detail_ids
        self.assertAlmostEqual(sum(details.mapped("amount")), 50)
        self.assertEqual(sum(details.mapped("rebate_amount")), 5)
