"""The greatest, the guaranteed and the smallest: what limits a rebate and its payout."""

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestLimits(RebateCommon):
    def _explained(self, agreement):
        agreement.action_refresh()
        accrual = self._accrual(agreement)
        return self._plain(
            " ".join([*accrual.line_ids.mapped("explanation"), accrual.limit_explanation])
        )

    def test_c6_salesforce_measure_cap(self):
        agreement = self._enrol(self._program(rules=[self._rule((0, 1), max_measure=100000)]))
        self._invoice(130000)
        self.assertEqual(self._earned(agreement), 1000)
        self.assertIn("1 % on $ 100,000.00 = $ 1,000.00", self._explained(agreement))

    def test_purchases_beyond_the_limit_still_reach_tiers_but_earn_nothing(self):
        rule = self._rule((0, 1), (100000, 2), max_measure=50000)
        agreement = self._enrol(self._program(rules=[rule]))
        self._invoice(130000)
        self.assertEqual(self._earned(agreement), 1000)

    def test_a_period_earns_no_more_than_the_greatest_rebate(self):
        rules = [self._rule((0, 10), name="All"), self._rule((0, 5), name="More")]
        agreement = self._enrol(self._program(rules=rules, max_payout=120))
        self._invoice(1000)
        self.assertEqual(self._earned(agreement), 120)
        self.assertEqual(self._accrual(agreement).line_ids.mapped("earned_amount"), [100, 50])
        self.assertIn("pays at most $ 120.00", self._explained(agreement))
        self.assertEqual(self._settle().amount_total, 120)

    def test_reaching_the_next_tier_is_worth_no_more_than_the_limit_leaves(self):
        agreement = self._enrol(self._program((0, 1), (1000, 10), max_payout=50))
        self._invoice(900, "2026-02-01")
        self.assertEqual(agreement.current_next_gain, 41)

    def test_a_guaranteed_rebate_is_paid_without_purchases(self):
        agreement = self._enrol(self._program((1000, 1), guaranteed_payout=75))
        self.assertEqual(self._earned(agreement), 75)
        self.assertIn("guarantees $ 75.00", self._explained(agreement))
        self.assertIn("guarantees", self._settle().line_ids.explanation)

    def test_small_payouts_are_carried_over_until_they_are_worth_it(self):
        self._enrol(self._program((0, 10), period_type="quarter", min_payout=50))
        self._invoice(400, "2025-02-01")
        self.assertFalse(self._settle("2025-03-31"))
        self._invoice(100, "2025-05-01")
        self.assertEqual(self._settle("2025-06-30").line_ids.mapped("amount"), [40, 10])

    def test_limits_that_contradict_each_other_are_refused(self):
        with self.assertRefused("Bonus", "guarantees more"):
            self._program((0, 1), activate=False, max_payout=50, guaranteed_payout=60)
        with self.assertRefused("Bonus", "negative limit"):
            self._program((0, 1), activate=False, min_payout=-1)

    def test_a_program_that_counts_over_its_whole_run(self):
        program = self._program(
            (1000, 10), period_type="program", date_start="2025-03-15", date_end="2026-02-28"
        )
        agreement = self._enrol(program)
        for day in ("2025-03-15", "2025-12-31", "2026-02-28"):
            self._invoice(400, day)
        self._invoice(5000, "2026-03-01")
        self.assertEqual(self._earned(agreement), 120)
        self.assertEqual(len(agreement.accrual_ids), 1)
        with self.assertRefused("Endless", "last day"):
            self._program((0, 1), name="Endless", period_type="program")

    def test_a_rule_may_not_limit_its_measure_below_zero(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(CheckViolation, "max_measure_positive"),
            self.env.cr.savepoint(),
        ):
            self._program(
                rules=[{"name": "R", "max_measure": -1, "tier_ids": [Command.create({"rate": 1})]}]
            )

    def test_a_paid_period_the_agreement_has_left_earns_nothing_not_even_the_guarantee(self):
        lump = {
            "name": "Bonus",
            "tier_ids": [Command.create({"threshold": 0, "rate": 50, "rate_type": "fixed"})],
        }
        agreement = self._enrol(self._program(rules=[lump], guaranteed_payout=80))
        self._invoice(1000)
        self.assertEqual(self._settle().amount_total, 80)
        agreement.date_start = "2026-01-01"
        accrual = self._accrual(agreement)
        self.assertEqual((accrual.earned_amount, accrual.open_amount), (0, -80))
        self.assertEqual(accrual.line_ids.earned_amount, 0)
        self._earned(agreement)
