"""Published cases and the shape of tiers, through posted invoices."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestTiers(RebateCommon):
    def _earned_on(self, amount, *tiers, **vals):
        agreement = self._enrol(self._program(*tiers, **vals))
        self._invoice(amount)
        return self._earned(agreement)

    def test_c1_microsoft_incremental(self):
        self.assertEqual(self._earned_on(2000, (0, 10), (1000, 25), tier_method="incremental"), 350)

    def test_c1_microsoft_retroactive(self):
        self.assertEqual(self._earned_on(2000, (0, 10), (1000, 25), tier_method="retroactive"), 500)

    def test_c1_microsoft_rolling_and_total(self):
        self._invoice(2000)
        for method, earned in (("rolling", 600), ("total", 700)):
            with self.subTest(method):
                agreement = self._enrol(self._program((0, 10), (1000, 25), tier_method=method))
                self.assertEqual(self._earned(agreement), earned)

    def test_c8_oca_bands_pay_without_gaps(self):
        tiers = [(0, 10), (100, 20), (300, 30)]
        self.assertEqual(self._earned_on(3800, *tiers, tier_method="incremental"), 1100)

    def test_c4_jd_edwards_below_the_first_tier_then_above_the_second(self):
        agreement = self._enrol(self._program((100000, 2), (200000, 3)))
        self._invoice(50000, "2025-02-01")
        self.assertEqual(self._earned(agreement), 0)
        self._invoice(200000, "2025-11-01")
        self.assertEqual(self._earned(agreement), 7500)

    def test_threshold_is_reached_at_its_value(self):
        self.assertEqual(self._earned_on(1000, (0, 1), (1000, 5)), 50)

    def test_a_cent_below_the_threshold_does_not_reach_it(self):
        self.assertEqual(self._earned_on(999.99, (0, 1), (1000, 5)), 10)

    def test_half_a_cent_is_rounded_up_once(self):
        # 2.5 % of 0.20 + 0.40 = 0.015; rounding each line alone would give 0.02 as well, but
        # 2.5 % of 20 lines of 0.01 is 0.005, which must not vanish line by line.
        agreement = self._enrol(self._program((0, 2.5)))
        self._invoice([(self.goods, 0.01)] * 20)
        self.assertEqual(self._earned(agreement), 0.01)

    def test_next_tier_and_what_it_is_worth(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3)))
        self._invoice(4000, "2026-02-01")
        agreement.action_refresh()
        self.assertRecordValues(
            self._accrual(agreement, "2026-02-01"), [{"to_next_tier": 1000, "earned_amount": 80}]
        )
        self.assertRecordValues(
            agreement,
            [
                {
                    "current_measured_amount": 4000,
                    "current_earned_amount": 80,
                    "current_to_next_tier": 1000,
                    "current_next_gain": 70,
                    "current_progress": 80,
                }
            ],
        )

    def test_above_the_highest_tier_nothing_is_missing(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3)))
        self._invoice(6000, "2026-02-01")
        agreement.action_refresh()
        accrual = self._accrual(agreement, "2026-02-01")
        self.assertRecordValues(accrual, [{"next_tier_id": False, "missing": False}])
        self.assertRecordValues(
            agreement,
            [{"current_next_tier_id": False, "current_missing": False, "current_progress": 100}],
        )

    def test_explanation_names_purchases_tier_rate_and_rebate(self):
        agreement = self._enrol(self._program((2000, 2), (10000, 5)))
        self._invoice(25147.25)
        agreement.action_refresh()
        text = self._plain(self._accrual(agreement).line_ids.explanation)
        for word in ("25,147.25", "10,000.00", "5 %", "1,257.36"):
            self.assertIn(word, text)

    def test_explanation_of_incremental_tiers_names_each_part(self):
        agreement = self._enrol(
            self._program((10000, 1), (25000, 2.5), (50000, 4), tier_method="incremental")
        )
        self._invoice(57713.58)
        agreement.action_refresh()
        text = self._plain(self._accrual(agreement).line_ids.explanation)
        for word in ("1 % on", "15,000.00", "2.5 % on", "25,000.00", "7,713.58", "1,083.54"):
            self.assertIn(word, text)

    def test_explanation_below_the_first_tier_names_it(self):
        agreement = self._enrol(self._program((2000, 2)))
        self._invoice(100)
        agreement.action_refresh()
        self.assertIn("2,000.00", self._accrual(agreement).line_ids.explanation)
