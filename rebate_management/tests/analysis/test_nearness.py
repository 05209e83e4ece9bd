"""Who is worth a call, and why: today is 31 March 2026, day 90 of 365."""

from odoo.tests import tagged

from ...models.analysis.nearness import near
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestNearness(RebateCommon):
    def _near(self, agreements, kind=None):
        self.env.invalidate_all()
        return [row for row in near(agreements) if kind in (None, row.kind)]

    def test_a_tier_within_the_margin_is_a_near_miss(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3)))
        self._invoice(4600, "2026-02-01")
        (row,) = self._near(agreement, "near_miss")
        self.assertEqual(row.agreement, agreement)
        self.assertEqual((row.distance, row.worth, row.days_left), (8, 58, 275))
        self.assertEqual(row.effort_return, 14.5)
        self.assertEqual(self._plain(row.sentence), "$ 400.00 more by 12/31/2026 earn $ 58.00")

    def test_beyond_the_margin_it_is_none(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3)))
        self._invoice(4400, "2026-02-01")
        self.assertFalse(self._near(agreement, "near_miss"))

    def test_a_reached_highest_tier_is_no_near_miss(self):
        agreement = self._enrol(self._program((1000, 2)))
        self._invoice(4400, "2026-02-01")
        self.assertFalse(self._near(agreement, "near_miss"))

    def test_the_tier_of_last_year_that_is_not_foreseen_is_a_near_loss(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3)))
        self._invoice(6000, "2025-02-01")
        self._invoice(1000, "2025-10-01")
        self._invoice(3600, "2026-02-01")
        agreement.action_refresh()
        (row,) = self._near(agreement, "near_loss")
        # 3,600 of 6,000 by this day make 4,200 of 7,000: 800 too little.
        self.assertEqual((row.distance, row.worth), (16, 66))
        self.assertEqual(
            self._plain(row.sentence),
            "$ 4,200.00 expected by 12/31/2026: $ 800.00 too little for the tier from"
            " $ 5,000.00, which costs $ 66.00",
        )

    def test_a_tier_that_is_foreseen_again_is_none(self):
        agreement = self._enrol(self._program((1000, 2), (5000, 3)))
        self._invoice(6000, "2025-02-01")
        self._invoice(5900, "2026-02-01")
        agreement.action_refresh()
        self.assertFalse(self._near(agreement, "near_loss"))

    def test_who_bought_last_year_and_nothing_of_late_is_silent(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(6000, "2025-05-01")
        self._invoice(100, "2026-01-05")
        agreement.action_refresh()
        (row,) = self._near(agreement)
        self.assertEqual(row.kind, "silent")
        self.assertIn("Nothing bought for 60 days or more", row.sentence)
        self.assertIn("6,000.00", row.sentence)
        self._invoice(100, "2026-03-20")
        self.assertFalse(self._near(agreement, "silent"))

    def test_who_never_bought_is_not_silent(self):
        self.assertFalse(self._near(self._enrol(self._program((0, 1)))))

    def test_growth_and_falling_behind_are_told_by_the_same_days_of_last_year(self):
        program = self._program((0, 1))
        grown = self._enrol(program)
        fallen = self._enrol(program, self._company("Fallen"))
        steady = self._enrol(program, self._company("Steady"))
        for agreement, now in ((grown, 1500), (fallen, 800), (steady, 1000)):
            self._invoice(1000, "2025-03-01", partner=agreement.partner_id)
            self._invoice(now, "2026-03-01", partner=agreement.partner_id)
        kinds = {row.agreement: row for row in self._near(grown | fallen | steady)}
        self.assertEqual(kinds.keys(), {grown, fallen})
        self.assertEqual((kinds[grown].kind, kinds[grown].distance), ("growth", 50))
        self.assertEqual((kinds[fallen].kind, kinds[fallen].distance), ("behind", 20))
        self.assertEqual(
            self._plain(kinds[fallen].sentence),
            "$ 800.00 so far, 20 % less than by this day last year ($ 1,000.00)",
        )

    def test_the_dearest_comes_first(self):
        program = self._program((1000, 2), (5000, 3))
        little = self._enrol(program)
        much = self._enrol(program, self._company("Much"))
        self._invoice(950, "2026-02-01")
        self._invoice(4900, "2026-02-01", partner=much.partner_id)
        rows = self._near(little | much, "near_miss")
        self.assertEqual([row.agreement for row in rows], [much, little])

    def test_more_agreements_take_no_more_queries(self):
        program = self._program((1000, 2), (5000, 3))
        agreements = self.env["rebate.agreement"]
        counts = []
        for size in (2, 6):
            while len(agreements) < size:
                partner = self._company(f"Customer {len(agreements)}")
                agreements |= self._enrol(program, partner)
                self._invoice(6000, "2025-02-01", partner=partner)
                self._invoice(900, "2026-03-01", partner=partner)
            agreements.action_refresh()
            self._near(agreements)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(near(agreements))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
