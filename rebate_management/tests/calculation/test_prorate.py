"""Agreements that start or end within a period, and targets."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestProrate(RebateCommon):
    def _half_a_year(self, *tiers, **vals):
        """An agreement from July on: 184 of the year's 365 days."""
        agreement_vals = vals.pop("agreement", {})
        program = self._program(*tiers, **vals)
        return self._enrol(program, date_start="2025-07-01", **agreement_vals)

    def test_thresholds_are_lowered_to_the_days(self):
        agreement = self._half_a_year((3650, 10), prorate=True)
        self._invoice(1839.99, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 0)
        self.assertEqual(self._accrual(agreement, "2025-08-01").to_next_tier, 0.01)
        self._invoice(0.01, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 184)
        self.assertEqual(
            self._plain(self._accrual(agreement, "2025-08-01").line_ids.explanation),
            "Purchases of $ 1,840.00 on 2 invoices reached the tier from $ 1,840.00; 10 % on all of"
            " it = $ 184.00. Pro rata for 184 of the period's 365 days.",
        )

    def test_switched_off_the_whole_threshold_must_be_reached(self):
        agreement = self._half_a_year((3650, 10))
        self._invoice(3000, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 0)

    def test_a_whole_period_is_not_lowered(self):
        agreement = self._enrol(self._program((3650, 10), prorate=True))
        self._invoice(3649)
        self.assertEqual(self._earned(agreement), 0)

    def test_a_program_that_starts_within_the_year_is_not_lowered(self):
        program = self._program((3650, 10), prorate=True, date_start="2025-07-01")
        agreement = self._enrol(program)
        self._invoice(3000, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 0)

    def test_an_agreement_that_ends_within_the_period(self):
        agreement = self._enrol(self._program((3650, 10), prorate=True), date_end="2025-01-10")
        self._invoice(100, "2025-01-10")
        self.assertEqual(self._earned(agreement, "2025-01-05"), 10)

    def test_limits_and_lump_sums_are_lowered(self):
        rule = {
            "name": "Bonus",
            "tier_ids": [Command.create({"threshold": 0, "rate": 730, "rate_type": "fixed"})],
        }
        agreement = self._half_a_year(rules=[rule], prorate=True)
        self._invoice(1, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 368)
        limited = self._half_a_year((0, 10), prorate=True, max_payout=365, name="Limited")
        self._invoice(5000, "2025-08-01")
        self.assertEqual(self._earned(limited, "2025-08-01"), 184)
        floor = self._half_a_year((0, 0), prorate=True, guaranteed_payout=365, name="Floor")
        self.assertEqual(self._earned(floor, "2025-08-01"), 184)

    def test_the_most_that_earns_is_lowered(self):
        rule = self._rule((0, 10), max_measure=3650)
        agreement = self._half_a_year(rules=[rule], prorate=True)
        self._invoice(5000, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 184)

    def test_a_fixed_baseline_is_lowered_growth_in_percent_is_not(self):
        rule = self._rule(
            (10, 5), qualifier_measure="growth_percent", baseline="fixed", growth_reward="excess"
        )
        agreement = self._half_a_year(
            rules=[rule], prorate=True, agreement={"baseline_amount": 3650}
        )
        self._invoice(2024, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 9.2)

    def test_percent_of_the_target_reaches_the_tiers(self):
        rule = self._rule((90, 1), (100, 2), qualifier_measure="target_percent")
        agreement = self._enrol(self._program(rules=[rule]), target_amount=10000)
        self._invoice(8999.99)
        self.assertEqual(self._earned(agreement), 0)
        self.assertEqual(self._accrual(agreement).to_next_tier, 0.01)
        self._invoice(0.01)
        self.assertEqual(self._earned(agreement), 90)
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 200)
        self.assertEqual(
            self._plain(self._accrual(agreement).line_ids.explanation),
            "Purchases of $ 10,000.00 on 3 invoices are 100 % of the target of $ 10,000.00: 2 % on"
            " $ 10,000.00 = $ 200.00.",
        )

    def test_without_a_target_nothing_is_earned_and_it_says_so(self):
        rule = self._rule((90, 1), qualifier_measure="target_percent")
        agreement = self._enrol(self._program(rules=[rule]))
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 0)
        self.assertIn("has no target", self._accrual(agreement).line_ids.explanation)

    def test_a_target_is_lowered_to_the_days(self):
        rule = self._rule((100, 10), qualifier_measure="target_percent")
        agreement = self._half_a_year(rules=[rule], prorate=True, agreement={"target_amount": 3650})
        self._invoice(1840, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 184)

    def test_products_by_filter_count_too(self):
        rule = self._rule((0, 10), product_domain="[('name', 'ilike', 'drill')]")
        agreement = self._enrol(self._program(rules=[rule]))
        drill = self.env["product.product"].create({"name": "Power Drill", "taxes_id": False})
        self._invoice([(drill, 300), (self.goods, 500)])
        self.assertEqual(self._earned(agreement), 30)

    def test_a_filter_that_cannot_be_read_is_refused(self):
        with self.assertRefused("Purchases", "Products By Filter"):
            self._program(rules=[self._rule((0, 10), product_domain="[('no_such_field', '=', 1)]")])
