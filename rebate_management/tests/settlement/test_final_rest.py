"""Less than the smallest payout, when nothing can follow: released or paid, as the program says."""

from odoo.tests import tagged

from ..accrual.common import AccrualCommon


@tagged("post_install", "-at_install")
class TestFinalRest(AccrualCommon):
    today = "2026-04-15"

    def _ended(self, **vals):
        """An agreement until the end of 2025 that earned 30."""
        program = self._accruing(
            **{"min_payout": 50, "period_type": "quarter", "date_end": "2025-12-31", **vals}
        )
        agreement = self._enrol(program, date_start="2025-07-01")
        self._invoice(300, "2025-08-15")
        self._run("2025-12-31")
        return agreement

    def _rest(self, agreement):
        accruals = agreement.accrual_ids
        accruals.invalidate_recordset()
        return (
            sum(accruals.mapped("released_amount")),
            sum(accruals.mapped("open_amount")),
            sum(accruals.mapped("accrued_amount")),
        )

    def _nights(self):
        with self.enter_registry_test_mode():
            for job in ("ir_cron_propose_settlements", "ir_cron_settlement_run"):
                self.env.ref(f"rebate_management.{job}").method_direct_trigger()
        self.env.invalidate_all()

    def test_it_is_released_to_the_rebate_account(self):
        agreement = self._ended()
        self.assertEqual(self._rest(agreement), (0, 30, 30))
        self.assertFalse(self._settle("2025-12-31"))
        self.assertEqual(self._rest(agreement), (30, 0, 0))
        self.assertEqual(-self._balance(self.expense), 0)
        accrual = self._accrual(agreement, "2025-08-15")
        self.assertEqual((accrual.state, str(accrual.released_on)), ("settled", self.today))
        self.assertIn("30.00 released", self._plain(agreement.message_ids[:1].body))
        self._assert_books_agree(0)
        self.assertFalse(self._run("2026-03-31"), "not accrued again")
        agreement.action_refresh()
        self.assertEqual(self._rest(agreement), (30, 0, 0))
        self.assertFalse(self._settle("2026-03-31"))
        self.assertEqual(self._rest(agreement), (30, 0, 0))

    def test_it_is_paid_where_the_program_says_so(self):
        agreement = self._ended(final_rest="pay")
        self.assertEqual(self._settle("2025-12-31").amount_total, 30)
        self.assertEqual(self._rest(agreement), (0, 0, 0))

    def test_nothing_is_released_while_something_may_follow(self):
        agreement = self._ended(date_end=False)
        self.assertFalse(self._settle("2025-12-31"))
        self.assertEqual(self._rest(agreement), (0, 30, 30))

    def test_a_run_up_to_an_earlier_day_releases_nothing(self):
        agreement = self._ended()
        self.assertFalse(self._settle("2025-09-30"))
        self.assertEqual(self._rest(agreement), (0, 30, 30))
        self._settle("2025-12-31")
        self.assertFalse(self._settle("2025-09-30"))
        self.assertEqual(self._rest(agreement), (30, 0, 0))

    def test_a_late_invoice_that_makes_it_enough_has_all_of_it_paid(self):
        agreement = self._ended()
        self._settle("2025-12-31")
        self._invoice(100, "2025-11-15")
        self.assertFalse(self._settle("2025-12-31"))
        self.assertEqual(self._rest(agreement), (40, 0, 0))
        self._invoice(100, "2025-11-15")
        settlement = self._settle("2025-12-31")
        self.assertEqual(settlement.amount_total, 50)
        self.assertEqual(self._rest(agreement), (0, 0, 0))
        self._assert_books_agree(0)
        self.assertEqual(-self._balance(self.expense), 50)

    def test_a_return_lowers_what_was_released(self):
        agreement = self._ended()
        self._settle("2025-12-31")
        self._invoice(100, "2025-08-20", refund=True)
        self._settle("2025-12-31")
        self.assertEqual(self._rest(agreement), (20, 0, 0))
        self._assert_books_agree(0)

    def test_an_agreement_that_goes_on_is_owed_it_again(self):
        agreement = self._ended(date_end=False)
        agreement.date_end = "2025-12-31"
        self._settle("2025-12-31")
        self.assertEqual(self._rest(agreement), (30, 0, 0))
        agreement.date_end = "2026-12-31"
        self._nights()
        self.assertEqual(self._rest(agreement)[:2], (0, 30))
        self._run("2026-03-31")
        self.assertEqual(self._rest(agreement), (0, 30, 30))
        self._invoice(300, "2026-02-15")
        self.assertEqual(self._settle("2026-03-31").amount_total, 60)
        self._assert_books_agree(0)

    def test_the_calendar_comes_to_agreements_that_ended_since(self):
        agreement = self._ended(date_end=False)
        self._nights()
        self.assertEqual(self._rest(agreement), (0, 30, 30))
        agreement.date_end = "2026-04-10"
        agreement.action_end()
        self._nights()
        self.assertEqual(self._rest(agreement), (30, 0, 0))
        runs = self.env["rebate.settlement.batch"].search_count([])
        self._nights()
        self.assertEqual(self.env["rebate.settlement.batch"].search_count([]), runs)

    def test_the_calendar_pays_it_where_the_program_says_so(self):
        agreement = self._ended(date_end=False, final_rest="pay")
        self._nights()
        agreement.date_end = "2026-04-10"
        self._nights()
        self.assertEqual(agreement.accrual_ids.settlement_line_ids.mapped("amount"), [30])

    def test_what_was_overpaid_elsewhere_is_made_up_by_it(self):
        old = self._enrol(self._accruing(name="Old", date_end="2025-06-30"))
        self._invoice(1000, "2025-02-15")
        self._settle("2025-06-30")
        self._invoice(400, "2025-02-15", refund=True)
        agreement = self._ended()
        self.assertEqual(self._settle("2025-12-31").amount_total, 0)
        self.assertEqual(self._rest(agreement), (0, 0, 0))
        self.assertEqual(self._rest(old)[1], -10)

    def test_what_can_still_be_claimed_is_not_released(self):
        agreement = self._ended(claim_required=True, claim_deadline_days=400)
        self._settle("2025-12-31")
        self.assertEqual(self._rest(agreement), (0, 30, 30))
        agreement.accrual_ids.action_claim()
        self._settle("2025-12-31")
        self.assertEqual(self._rest(agreement), (30, 0, 0))

    def test_in_another_currency_nothing_is_left_in_the_books(self):
        self.eur.active = True
        for day, rate in (("2025-01-01", 0.5), ("2026-01-01", 0.8)):
            self.env["res.currency.rate"].create(
                {"currency_id": self.eur.id, "name": day, "rate": rate}
            )
        agreement = self._ended(currency_id=self.eur.id)
        self._settle("2025-12-31")
        self.assertEqual(self._rest(agreement)[1:], (0, 0))
        self.assertAlmostEqual(self._balance(), 0)
