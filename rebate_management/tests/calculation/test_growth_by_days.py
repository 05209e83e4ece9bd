"""Growth over the period before, where a period starts late or ends early: compared by days."""

from odoo.tests import tagged

from ..common import RebateCommon
from ..recompute import rule_earned


@tagged("post_install", "-at_install")
class TestGrowthByDays(RebateCommon):
    """Before, 10 a day were bought, from then on 14.50."""

    def _grower(self, *tiers, period="quarter", reward="all", program=None, **agreement):
        rule = self._rule(
            *tiers or [(40, 5)],
            qualifier_measure="growth_percent",
            baseline="previous_period",
            growth_reward=reward,
        )
        program = self._program(
            rules=[rule], program_type="growth", period_type=period, **(program or {})
        )
        return self._enrol(program, **agreement)

    def _baseline(self, agreement, day):
        agreement.action_refresh()
        return float(self._accrual(agreement, day).line_ids.facts["baseline"])

    def test_a_grower_whose_agreement_ends_within_the_period_is_paid(self):
        agreement = self._grower(date_end="2025-08-31")
        self._invoice(910, "2025-05-15")
        self._invoice(899, "2025-07-15")
        self.assertEqual(self._earned(agreement, "2025-07-15"), 44.95)
        accrual = self._accrual(agreement, "2025-07-15")
        self.assertEqual(float(accrual.line_ids.facts["baseline"]), 620)
        self.assertIn(
            "Compared by days: the baseline is that of 62 of the 91 days of the period before, in"
            " which $ 910.00 were bought.",
            self._plain(accrual.line_ids.explanation),
        )

    def test_who_only_kept_pace_by_days_is_not_paid(self):
        agreement = self._grower((5, 5), date_end="2025-08-31")
        self._invoice(910, "2025-05-15")
        self._invoice(620, "2025-07-15")
        self.assertEqual(self._earned(agreement, "2025-07-15"), 0)

    def test_every_kind_of_period_is_compared_by_days(self):
        for period, end, whole, days, of in (
            ("month", "2025-08-10", ("2025-07-01", "2025-07-31"), 10, 31),
            ("quarter", "2025-08-31", ("2025-04-01", "2025-06-30"), 62, 91),
            ("half_year", "2025-08-31", ("2025-01-01", "2025-06-30"), 62, 181),
            # of a leap year
            ("year", "2025-08-31", ("2024-01-01", "2024-12-31"), 243, 366),
        ):
            with self.subTest(period):
                buyer = self._company(period)
                agreement = self._grower(period=period, date_end=end, partner=buyer)
                for day in whole:
                    self._invoice(of * 5, day, buyer)
                self._invoice(days * 14.5, end, buyer)
                self.assertEqual(self._baseline(agreement, end), days * 10)
                self.assertEqual(self._earned(agreement, end), round(days * 14.5 * 0.05, 2))

    def test_an_agreement_that_starts_within_a_period(self):
        agreement = self._grower(date_start="2025-05-15")
        self._invoice(900, "2025-02-01")
        self._invoice(9999, "2025-05-01")
        self._invoice(700, "2025-06-01")
        self.assertEqual(self._baseline(agreement, "2025-06-01"), 470)

    def test_a_period_is_whole_that_was_cut_for_the_agreement_but_not_for_the_buyer(self):
        """What was bought before the agreement began is compared with too."""
        agreement = self._grower(date_start="2025-05-15")
        self._invoice(300, "2025-04-01")
        self._invoice(610, "2025-06-01")
        self._invoice(1400, "2025-07-15")
        self.assertEqual(self._baseline(agreement, "2025-07-15"), 910)
        self.assertEqual(self._earned(agreement, "2025-07-15"), 70)
        explanation = self._accrual(agreement, "2025-07-15").line_ids.explanation
        self.assertNotIn("Compared by days", explanation)

    def test_a_program_that_begins_or_ends_within_a_period(self):
        agreement = self._grower(program={"date_start": "2025-02-10", "date_end": "2025-06-20"})
        self._invoice(920, "2024-12-01")
        self._invoice(600, "2025-03-01")
        self._invoice(1200, "2025-04-01")
        self.assertEqual(self._baseline(agreement, "2025-03-01"), 500, "50 of 92 days")
        self.assertEqual(self._baseline(agreement, "2025-04-01"), 540, "81 of 90 days")

    def test_a_period_cut_on_both_sides(self):
        agreement = self._grower(date_start="2025-05-01", date_end="2025-05-10")
        self._invoice(900, "2025-03-31")
        self._invoice(145, "2025-05-10")
        self.assertEqual(self._baseline(agreement, "2025-05-10"), 100)

    def test_whole_months_are_compared_as_wholes_and_no_cut_one_with_more_than_a_whole(self):
        agreement = self._grower(period="month", date_end="2025-03-30")
        self._invoice(310, "2025-01-31")
        self._invoice(280, "2025-02-28")
        self._invoice(450, "2025-03-15")
        self.assertEqual(self._baseline(agreement, "2025-02-28"), 310)
        self.assertEqual(self._baseline(agreement, "2025-03-15"), 280, "30 days of 28")

    def test_a_fiscal_year_that_begins_within_a_month(self):
        self.env.company.write({"fiscalyear_last_day": 15, "fiscalyear_last_month": "3"})
        agreement = self._grower(period="month")
        self._invoice(280, "2025-02-10")
        self._invoice(150, "2025-03-15")
        self._invoice(160, "2025-03-16")
        self.assertEqual(self._baseline(agreement, "2025-03-15"), 150, "15 of 28 days")
        self.assertEqual(self._baseline(agreement, "2025-03-16"), 160, "16 of 28 days")
        self.assertEqual(self._baseline(agreement, "2025-04-01"), 310)

    def test_a_pro_rata_program_does_not_lower_the_baseline_twice(self):
        agreement = self._grower(
            date_end="2025-08-31", program={"prorate": True}, baseline_amount=9200
        )
        self._invoice(910, "2025-05-15")
        self._invoice(899, "2025-07-15")
        self.assertEqual(self._baseline(agreement, "2025-07-15"), 620)
        # A fixed one is that of a whole period.
        other = self._grower(
            date_end="2025-08-31",
            program={"prorate": True},
            partner=self._company("New"),
            baseline_amount=9200,
        )
        self.assertEqual(self._baseline(other, "2025-07-15"), 6200)

    def test_quantities_are_compared_by_days_too(self):
        unit = self.env.ref("uom.product_uom_unit")
        agreement = self._grower(
            date_end="2025-08-31", program={"measure": "quantity", "uom_id": unit.id}
        )
        for day in ("2025-04-01", "2025-05-01", "2025-06-01"):
            self._invoice(10, day)
        self._invoice(10, "2025-07-15")
        self.assertEqual(self._baseline(agreement, "2025-07-15"), 2.044, "3 × 62 / 91")

    def test_last_year_and_an_average_are_of_the_same_days_anyway(self):
        for baseline in ("previous_year", "average"):
            with self.subTest(baseline):
                buyer = self._company(baseline)
                rule = self._rule(
                    (40, 5),
                    qualifier_measure="growth_percent",
                    baseline=baseline,
                    baseline_years=1,
                )
                program = self._program(rules=[rule], program_type="growth", period_type="quarter")
                agreement = self._enrol(program, buyer, date_end="2025-08-31")
                self._invoice(620, "2024-08-31", buyer)
                self._invoice(9999, "2024-09-01", buyer)
                self._invoice(899, "2025-07-15", buyer)
                self.assertEqual(self._baseline(agreement, "2025-07-15"), 620)

    def test_the_excess_over_the_days_can_be_computed_again_from_what_is_stored(self):
        agreement = self._grower((10, 5), reward="excess", date_end="2025-08-31")
        self._invoice(1000, "2025-05-15")
        self._invoice(899, "2025-07-15")
        earned = self._earned(agreement, "2025-07-15")
        self.assertEqual(earned, 10.88, "5 % on 899 − 681.32")
        facts = self._accrual(agreement, "2025-07-15").line_ids.facts
        self.assertEqual(float(rule_earned(facts)), earned)
