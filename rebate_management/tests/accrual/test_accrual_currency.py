"""A program in a foreign currency accrues in it, at the rate of the entry's day."""

from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualCurrency(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur.active = True
        cls.eur.rate_ids.unlink()
        # Euros for a dollar: 1 EUR is 2, later 2.5 and 4 USD.
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.eur.id, "name": day, "rate": rate}
                for day, rate in (("2025-01-01", 0.5), ("2025-12-01", 0.4), ("2026-02-01", 0.25))
            ]
        )
        cls.program = cls._accruing(currency_id=cls.eur.id)
        cls.agreement = cls._enrol(cls.program)

    def _invoice_euros(self, amount, **vals):
        return self._invoice(amount, currency_id=self.eur.id, **vals)

    def _liability_lines(self, move):
        return move.line_ids.filtered(lambda line: line.account_id == self.liability)

    def test_the_entry_is_in_the_programs_currency_at_its_days_rate(self):
        self._invoice_euros(1000)
        entry = self._run("2025-06-30")
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.liability.id,
                    "currency_id": self.eur.id,
                    "amount_currency": -100,
                    "balance": -200,
                },
                {
                    "account_id": self.expense.id,
                    "currency_id": self.eur.id,
                    "amount_currency": 100,
                    "balance": 200,
                },
            ],
        )
        self._invoice_euros(500)
        self.assertEqual(self._liability_lines(self._run()).balance, -125)
        accrual = self._accrual(self.agreement)
        self.assertEqual(accrual.accrued_amount, 150)
        self.assertEqual(self._balance(), 325)
        row = self.env["rebate.liability"].search([("program_id", "=", self.program.id)])
        self.assertRecordValues(
            row,
            [
                {
                    "currency_id": self.eur.id,
                    "account_amount": 150,
                    "accrued_amount": 150,
                    "account_value": 325,
                    "difference": 0,
                }
            ],
        )

    def test_a_payout_at_another_rate_leaves_nothing_on_the_liability(self):
        """Owed 100 EUR at 2, paid at 4: the other 200 USD are an exchange loss."""
        self._invoice_euros(1000)
        self._run("2025-06-30")
        settlement = self._settle()
        self.assertEqual(self._liability_lines(settlement.move_ids).balance, 400)
        self._assert_books_agree(0)
        self.assertEqual(self._balance(), 0)
        company = self.env.company
        self.assertEqual(-self._balance(company.expense_currency_exchange_account_id), 200)
        difference = self._accrual(self.agreement).move_line_ids.move_id.filtered(
            lambda move: move.journal_id == company.currency_exchange_journal_id
        )
        self.assertEqual(difference.state, "posted")
        self.assertFalse(self._run())

    def test_a_cancelled_payout_stands_at_the_value_it_was_paid_at(self):
        self._invoice_euros(1000)
        self._run("2025-06-30")
        self._settle().action_cancel()
        self.assertEqual(self._accrual(self.agreement).accrued_amount, 100)
        self.assertEqual(self._balance(), 400)
        self._settle()
        self.assertEqual(self._balance(), 0)

    def test_what_is_taken_back_at_another_rate_leaves_nothing(self):
        self._invoice_euros(1000)
        self._run("2025-06-30")
        self._invoice_euros(1000, refund=True)
        entries = self._run()
        self.assertEqual(len(entries), 2)
        self.assertEqual(self._balance(), 0)
        self.assertEqual(-self._balance(self.env.company.expense_currency_exchange_account_id), 50)
        self.assertEqual(-self._balance(self.expense), -50)
        self.assertFalse(self._run())

    def test_currencies_share_an_entry(self):
        dollars = self._enrol(self._accruing(name="Dollars"))
        self._invoice(100)
        self._invoice_euros(1000)
        entry = self._run("2025-06-30")
        self.assertEqual(len(entry), 1)
        self.assertEqual(entry.line_ids.currency_id, self.eur + self.usd)
        self.assertEqual(self._accrual(self.agreement).accrued_amount, 105)
        self.assertEqual(self._accrual(dollars).accrued_amount, 210)

    def test_cents_that_conversion_loses_leave_the_entry_balanced(self):
        self.eur.rate_ids.filtered(lambda rate: rate.rate == 0.5).rate = 0.7
        self._enrol(self._accruing((0, 3.33), currency_id=self.eur.id, period_type="month"))
        for month in range(1, 6):
            self._invoice_euros(33.37, day=f"2025-{month:02}-03")
        entry = self._run("2025-06-30")
        self.assertAlmostEqual(sum(entry.line_ids.mapped("balance")), 0)
        self.assertEqual(entry.state, "posted")

    def test_a_currency_without_a_rate_is_refused(self):
        self._invoice_euros(1000)
        self.eur.rate_ids.unlink()
        with self.assertRefused("“Bonus”", "EUR", "Enter its rates"):
            self._run()

    def test_a_company_without_exchange_accounts_is_told(self):
        self.env.company.expense_currency_exchange_account_id = False
        self._invoice_euros(1000)
        self._run("2025-06-30")
        self._invoice_euros(1000, refund=True)
        with self.assertRefused(self.env.company.name, "exchange differences", "settings"):
            self._run()

    def test_a_branch_books_differences_as_its_company_does(self):
        branch = self._branch()
        program = self._accruing(name="Branch", currency_id=self.eur.id, company_id=branch.id)
        agreement = self._enrol(program)
        self.assertEqual(program.accrual_journal_id.company_id, self.env.company)
        self._invoice(1000, currency_id=self.eur.id, company=branch)
        entry = self._run("2025-06-30", company_id=branch.id)
        self.assertEqual(entry.company_id, branch)
        self._invoice(1000, currency_id=self.eur.id, company=branch, refund=True)
        entries = self._run(company_id=branch.id)
        self.assertEqual(entries.company_id, branch)
        self.assertEqual(self._accrual(agreement).accrued_amount, 0)
        self.assertEqual(self._balance(company_id=branch.id), 0)
