"""What a running period is expected to earn: today is 31 March 2026, day 90 of 365."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestForecast(RebateCommon):
    def _expected(self, agreement, day="2026-03-01"):
        agreement.action_refresh()
        return self._accrual(agreement, day)

    def test_run_rate_reaches_the_tier_that_today_does_not(self):
        agreement = self._enrol(self._program((0, 1), (36000, 2)))
        self._invoice(9000, "2026-02-01")
        accrual = self._expected(agreement)
        self.assertEqual((accrual.earned_amount, accrual.expected_amount), (90, 730))
        self.assertEqual(
            self._plain(accrual.expected_explanation),
            "$ 9,000.00 in 90 of 365 days make $ 36,500.00 by the end of the period.",
        )

    def test_last_years_season_corrects_it(self):
        agreement = self._enrol(self._program((0, 1)), date_start="2026-01-01")
        self._invoice(2000, "2025-03-31")
        self._invoice(3000, "2025-12-01")
        self._invoice(4000, "2026-01-15")
        accrual = self._expected(agreement)
        self.assertEqual(accrual.expected_amount, 100)
        self.assertEqual(
            self._plain(accrual.expected_explanation),
            "Last year $ 2,000.00 of $ 5,000.00 were bought by this day; $ 4,000.00 so far make"
            " $ 10,000.00 by the end of the period.",
        )

    def test_a_finished_period_is_expected_to_earn_what_it_earned(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(9000, "2025-02-01")
        accrual = self._expected(agreement, "2025-02-01")
        self.assertEqual((accrual.earned_amount, accrual.expected_amount), (90, 90))
        self.assertFalse(accrual.expected_explanation)

    def test_limits_hold_for_the_forecast(self):
        agreement = self._enrol(self._program((0, 1), max_payout=100))
        self._invoice(9000, "2026-02-01")
        self.assertEqual(self._expected(agreement).expected_amount, 100)

    def test_the_agreement_shows_it_live(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(9000, "2026-02-01")
        self.assertEqual(agreement.current_expected_amount, 365)
        self.assertIn("90 of 365", agreement.current_expected_explanation)

    def test_units_are_forecast_as_units(self):
        agreement = self._enrol(
            self._program(
                rules=[self._rule((350, 1))],
                measure="quantity",
                uom_id=self.env.ref("uom.product_uom_unit").id,
            )
        )
        move = self._invoice(100, "2026-02-01", post=False)
        move.invoice_line_ids.write({"quantity": 90, "price_unit": 10})
        move.action_post()
        accrual = self._expected(agreement)
        self.assertEqual((accrual.earned_amount, accrual.expected_amount), (0, 36.5))
        self.assertEqual(
            accrual.expected_explanation,
            "90 Units in 90 of 365 days make 365 Units by the end of the period.",
        )
