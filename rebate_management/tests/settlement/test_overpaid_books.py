"""What is taken back of a payout leaves in the books what is owed, with no accrual run between."""

from odoo.tests import tagged

from ..accrual.common import AccrualCommon


@tagged("post_install", "-at_install")
class TestOverpaidBooks(AccrualCommon):
    def _accrued(self, agreement, day="2025-06-15"):
        accrual = self._accrual(agreement, day)
        accrual.invalidate_recordset()
        return accrual.accrued_amount

    def _overpaid(self, returned=400, accrued=True, **vals):
        program = self._accruing(settlement_period="quarter", **vals)
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-15")
        if accrued:
            self._run("2025-03-31")
        self._settle("2025-03-31")
        self._assert_books_agree(0)
        self._invoice(returned, "2025-02-20", refund=True)
        return agreement

    def test_a_claw_back_by_invoice_leaves_nothing(self):
        self._claw_back(accrued=True)

    def test_so_does_one_of_what_was_accrued_by_its_payout(self):
        self._claw_back(accrued=False)

    def _claw_back(self, accrued):
        agreement = self._overpaid(accrued=accrued, clawback_policy="invoice")
        settlement = self._settle("2025-03-31")
        self.assertEqual(settlement.amount_total, -40)
        self.assertEqual(self._accrued(agreement), 0)
        self.assertFalse(self._run("2025-03-31"))
        settlement.action_cancel()
        self.assertEqual(self._accrued(agreement), -40)
        self.assertFalse(self._run("2025-03-31"))

    def test_the_rebate_account_has_what_was_earned(self):
        self._overpaid(clawback_policy="invoice")
        self._settle("2025-03-31")
        self.assertEqual(-self._balance(self.expense), 60)

    def test_so_does_an_expected_rebate(self):
        agreement = self._overpaid(clawback_policy="invoice", accrual_method="expected")
        self._settle("2025-03-31")
        self.assertEqual(self._accrued(agreement), 0)

    def test_what_was_never_accrued_is_not_taken_back_twice(self):
        program = self._program((0, 10), settlement_period="quarter", clawback_policy="invoice")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        program.write(
            {
                "accrual_method": "earned",
                "liability_account_id": self.liability.id,
                "expense_account_id": self.expense.id,
            }
        )
        self._invoice(400, "2025-02-20", refund=True)
        self._settle("2025-03-31")
        self.assertEqual(self._accrued(agreement), 0)
        self._assert_books_agree(0)

    def test_what_was_accrued_for_later_purchases_stays(self):
        agreement = self._overpaid(clawback_policy="invoice")
        self._invoice(600, "2025-12-15")
        self._run("2025-12-31")
        self.assertEqual(self._accrued(agreement), 20)
        self.assertEqual(self._settle("2025-03-31").amount_total, -40)
        self.assertEqual(self._accrued(agreement), 60)
        self.assertFalse(self._run("2025-12-31"))

    def test_what_another_agreement_makes_up_for_is_off_its_liability(self):
        old = self._overpaid(name="Old")
        old.date_end = "2025-03-31"
        new = self._enrol(self._accruing(name="New", date_start="2025-04-01"))
        self._invoice(1000, "2025-05-15")
        settlement = self._settle("2025-12-31")
        self.assertEqual(settlement.amount_total, 60)
        self.assertEqual(self._accrued(old, "2025-02-15"), 0)
        self.assertEqual(self._accrued(new), 0)
        self._assert_books_agree(0)
        self.assertFalse(self._run("2025-12-31"))

    def test_what_is_carried_over_stays_a_claim_in_the_books(self):
        old = self._overpaid(name="Old")
        old.date_end = "2025-03-31"
        self._enrol(self._accruing(name="New", date_start="2025-04-01"))
        self._invoice(300, "2025-05-15")
        self.assertEqual(self._settle("2025-12-31").amount_total, 0)
        self.assertEqual(self._accrued(old, "2025-02-15"), -10)
        self._assert_books_agree(-10)
        self.assertFalse(self._run("2025-12-31"))

    def test_a_carried_line_of_the_same_agreement(self):
        program = self._accruing(period_type="quarter")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-15")
        self._settle("2025-03-31")
        self._invoice(400, "2025-02-20", refund=True)
        self._invoice(1000, "2025-05-15")
        self.assertEqual(self._settle("2025-06-30").amount_total, 60)
        self.assertEqual(self._accrued(agreement, "2025-02-15"), 0)
        self.assertEqual(self._accrued(agreement, "2025-05-15"), 0)
        self._assert_books_agree(0)

    def test_what_was_returned_before_the_payout_is_off_the_liability_too(self):
        agreement = self._enrol(self._accruing())
        self._invoice(1000, "2025-02-15")
        self._run("2025-12-31")
        self._invoice(400, "2025-02-20", refund=True)
        self.assertEqual(self._settle("2025-12-31").amount_total, 60)
        self.assertEqual(self._accrued(agreement), 0)
        self._assert_books_agree(0)
        self.assertEqual(-self._balance(self.expense), 60)

    def test_what_a_part_of_a_period_is_paid_leaves_the_rest_of_its_liability(self):
        agreement = self._enrol(self._accruing(settlement_period="quarter"))
        self._invoice(1000, "2025-02-15")
        self._invoice(1000, "2025-11-15")
        self._run("2025-12-31")
        self.assertEqual(self._settle("2025-03-31").amount_total, 100)
        self.assertEqual(self._accrued(agreement), 100)

    def test_in_another_currency_nothing_is_left_in_the_books(self):
        self.eur.active = True
        for day, rate in (("2025-01-01", 0.5), ("2025-03-01", 0.8), ("2026-01-01", 0.6)):
            self.env["res.currency.rate"].create(
                {"currency_id": self.eur.id, "name": day, "rate": rate}
            )
        program = self._accruing(
            settlement_period="quarter", currency_id=self.eur.id, clawback_policy="invoice"
        )
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-15", currency_id=self.eur.id)
        self._run("2025-03-31")
        self._settle("2025-03-31")
        self._invoice(400, "2025-02-20", refund=True, currency_id=self.eur.id)
        self.assertEqual(self._settle("2025-03-31").amount_total, -40)
        self.assertEqual(self._accrued(agreement), 0)
        self.assertAlmostEqual(self._balance(), 0)
        self._assert_books_agree(0)
