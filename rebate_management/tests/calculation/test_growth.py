"""Growth over last year, the period before, an average of years, or what the agreement fixes."""

from odoo.tests import tagged

from ..common import RebateCommon

TIERS = (10, 2), (15, 3), (20, 4)


@tagged("post_install", "-at_install")
class TestGrowth(RebateCommon):
    def _growth(
        self,
        *tiers,
        kind="growth_percent",
        reward="all",
        baseline="previous_year",
        agreement=None,
        partner=None,
        years=2,
        skip_empty=True,
        **vals,
    ):
        rule = self._rule(
            *tiers,
            qualifier_measure=kind,
            growth_reward=reward,
            baseline=baseline,
            baseline_years=years,
            baseline_skip_empty=skip_empty,
        )
        program = self._program(rules=[rule], program_type="growth", **vals)
        return self._enrol(program, partner, **(agreement or {}))

    def test_c2_enable_rewards_all_excess_or_band(self):
        for reward, earned in (("all", 70500), ("excess", 10500), ("band", 3500)):
            with self.subTest(reward):
                buyer = self._company(reward)
                agreement = self._growth(*TIERS, reward=reward, partner=buyer)
                self._invoice(2000000, "2024-05-01", buyer)
                self._invoice(2350000, "2025-05-01", buyer)
                self.assertEqual(self._earned(agreement), earned)

    def test_growth_by_amount(self):
        agreement = self._growth((1000, 1), (5000, 2), kind="growth_amount", reward="excess")
        self._invoice(10000, "2024-05-01")
        self._invoice(16000, "2025-05-01")
        self.assertEqual(self._earned(agreement), 120)

    def test_growth_is_reached_at_its_threshold_and_shrinking_earns_nothing(self):
        agreement = self._growth((10, 5), period_type="quarter")
        self._invoice(1000, "2024-02-01")
        self._invoice(1100, "2025-02-01")
        self._invoice(1000, "2024-05-01")
        self._invoice(900, "2025-05-01")
        self.assertEqual(self._earned(agreement, "2025-02-01"), 55)
        self.assertEqual(self._earned(agreement, "2025-05-01"), 0)

    def test_the_same_days_of_last_year_are_the_baseline_leap_years_included(self):
        agreement = self._growth((0, 1), kind="growth_amount", period_type="month")
        for day, amount in (("2024-01-31", 1), ("2024-02-29", 20), ("2024-03-01", 300)):
            self._invoice(amount, day)
        self._invoice(50, "2025-02-10")
        agreement.action_refresh()
        facts = self._accrual(agreement, "2025-02-10").line_ids.facts
        self.assertEqual(float(facts["baseline"]), 20)

    def test_the_previous_period(self):
        agreement = self._growth((10, 1), baseline="previous_period", period_type="quarter")
        self._invoice(1000, "2025-03-31")
        self._invoice(2000, "2025-04-01")
        self.assertEqual(self._earned(agreement, "2025-04-01"), 20)

    def test_an_average_of_earlier_years(self):
        agreement = self._growth((10, 1), baseline="average", years=3)
        for day, amount in (("2024-06-01", 300), ("2023-06-01", 600), ("2021-06-01", 5000)):
            self._invoice(amount, day)
        self._invoice(330, "2025-06-01")
        self.assertEqual(self._earned(agreement), 0, "(300 + 600) / 2 = 450")
        self._invoice(165, "2025-06-02")
        self.assertEqual(self._earned(agreement), 4.95)
        self.assertIn(
            "The average is of the 2 of 3 years in which anything was bought.",
            self._accrual(agreement).line_ids.explanation,
        )

    def test_empty_years_count_as_nothing_where_the_program_says_so(self):
        agreement = self._growth((10, 1), baseline="average", years=3, skip_empty=False)
        for day, amount in (("2024-06-01", 300), ("2023-06-01", 600), ("2021-06-01", 5000)):
            self._invoice(amount, day)
        self._invoice(330, "2025-06-01")
        self.assertEqual(self._earned(agreement), 3.3, "(300 + 600 + 0) / 3 = 300")
        self.assertNotIn("years in which", self._accrual(agreement).line_ids.explanation)

    def test_a_year_whose_purchases_all_came_back_is_not_empty(self):
        agreement = self._growth((10, 1), baseline="average", years=2)
        self._invoice(600, "2024-06-01")
        self._invoice(600, "2023-06-01")
        self._invoice(600, "2023-07-01", refund=True)
        self._invoice(330, "2025-06-01")
        self.assertEqual(self._earned(agreement), 3.3, "(600 + 0) / 2 = 300")

    def test_an_average_without_any_business_is_what_the_agreement_fixes(self):
        agreement = self._growth(
            (10, 1), baseline="average", years=3, agreement={"baseline_amount": 1000}
        )
        self._invoice(1100, "2025-06-01")
        self.assertEqual(self._earned(agreement), 11)

    def test_a_fixed_baseline(self):
        agreement = self._growth((10, 1), baseline="fixed", agreement={"baseline_amount": 1000})
        self._invoice(5000, "2024-06-01")
        self._invoice(1100, "2025-06-01")
        self.assertEqual(self._earned(agreement), 11)
        agreement.baseline_amount = 2000
        self.assertEqual(self._accrual(agreement).earned_amount, 0)

    def test_a_late_change_of_last_year_moves_this_years_growth(self):
        agreement = self._growth((10, 1), agreement={"date_start": "2025-01-01"})
        self._invoice(1100, "2025-06-01")
        self._invoice(1000, "2024-06-01")
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_drain_queue").method_direct_trigger()
        self.assertEqual(self._accrual(agreement).earned_amount, 11)

    def test_a_new_distributor_gets_what_the_agreement_says(self):
        agreement = self._growth((10, 1))
        self._invoice(1100, "2025-06-01")
        self.assertEqual(self._earned(agreement), 0)
        self.assertIn("no baseline", self._accrual(agreement).line_ids.explanation)
        agreement.baseline_amount = 1000
        self.assertEqual(self._earned(agreement), 11)

    def test_it_explains_itself(self):
        agreement = self._growth(*TIERS, reward="excess")
        self._invoice(2000000, "2024-05-01")
        self._invoice(2350000, "2025-05-01")
        agreement.action_refresh()
        self.assertEqual(
            self._plain(self._accrual(agreement).line_ids.explanation),
            "Purchases of $ 2,350,000.00 on one invoice against a baseline of $ 2,000,000.00, a"
            " growth of 17.5 %: 3 % on $ 350,000.00 = $ 10,500.00.",
        )

    def test_what_is_missing_is_said_in_purchases(self):
        agreement = self._growth((10, 1), (20, 2))
        self._invoice(1000, "2025-02-01")
        self._invoice(1150, "2026-02-01")
        self.assertRecordValues(
            agreement,
            [
                {
                    "current_earned_amount": 11.5,
                    "current_to_next_tier": 50,
                    "current_missing": "$\N{NO-BREAK SPACE}50.00",
                    "current_next_gain": 12.5,
                }
            ],
        )

    def test_an_interim_payout_compares_with_the_whole_period(self):
        self._growth((10, 1))
        self._invoice(1000, "2025-11-01")
        self._invoice(1050, "2026-01-15")
        self.assertFalse(self._settle("2026-01-31", "interim"))
        self._invoice(50, "2026-02-15")
        self.assertEqual(self._settle("2026-02-28", "interim").amount_total, 11)
