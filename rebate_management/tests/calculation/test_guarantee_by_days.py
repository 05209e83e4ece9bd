"""What a period is guaranteed is owed by the days, and all of it at the end."""

from freezegun import freeze_time

from odoo.tests import tagged

from ..accrual.common import AccrualCommon


@tagged("post_install", "-at_install")
class TestGuaranteeByDays(AccrualCommon):
    today = "2026-05-20"

    def test_interim_payouts_owe_it_by_the_days(self):
        self._enrol(self._program((0, 1), guaranteed_payout=1200), date_start="2026-01-01")
        # 31 of 365 days
        first = self._settle("2026-01-31", "interim")
        self.assertEqual(first.amount_total, 101.92)
        self.assertIn("31 of its 365 days", first.line_ids.explanation)
        # 120 of 365 days make 394.52
        self.assertEqual(self._settle("2026-04-30", "interim").amount_total, 292.60)

    def test_quarterly_payouts_of_a_year_come_to_the_whole_at_its_end(self):
        self._enrol(
            self._program((0, 1), guaranteed_payout=1000, settlement_period="quarter"),
            date_start="2025-01-01",
        )
        amounts = [
            self._settle(f"2025-{day}").amount_total for day in ("03-31", "06-30", "09-30", "12-31")
        ]
        self.assertEqual(amounts, [246.58, 249.31, 252.06, 252.05])
        self.assertEqual(sum(amounts), 1000)

    def test_what_was_earned_beyond_it_by_the_day_is_paid(self):
        self._enrol(self._program((0, 10), guaranteed_payout=1200), date_start="2026-01-01")
        self._invoice(2000, "2026-01-15")
        self.assertEqual(self._settle("2026-01-31", "interim").amount_total, 200)
        self.assertFalse(self._settle("2026-02-28", "interim"), "193.97 are guaranteed by then")
        self.assertEqual(self._settle("2026-03-31", "interim").amount_total, 95.89)

    def test_an_agreement_of_a_part_of_the_year(self):
        whole, part = (
            self._enrol(
                self._program((0, 1), name=name, guaranteed_payout=365, prorate=prorate),
                date_start="2026-03-01",
            )
            for name, prorate in (("Whole", False), ("Part", True))
        )
        # 61 of 306 days, of 365 and of 306
        for agreement, amount in ((whole, 72.76), (part, 61)):
            self.assertEqual(
                self._settle(
                    "2026-04-30", "interim", program_ids=agreement.program_id.ids
                ).amount_total,
                amount,
            )

    def test_the_running_period_shows_what_is_guaranteed_by_today(self):
        agreement = self._enrol(
            self._program((0, 1), guaranteed_payout=365), date_start="2026-01-01"
        )
        self.assertEqual(self._earned(agreement, "2026-02-01"), 140)
        self.assertEqual(agreement.current_earned_amount, 140)
        accrual = self._accrual(agreement, "2026-02-01")
        self.assertEqual(accrual.expected_amount, 365)
        self.assertIn("140 of its 365 days", accrual.limit_explanation)
        with freeze_time("2026-12-31"):
            self.assertEqual(self._earned(agreement, "2026-02-01"), 365)
            self.assertNotIn("days", accrual.limit_explanation)

    def test_accrual_runs_owe_what_interim_payouts_pay(self):
        for method in ("earned", "expected"):
            program = self._accruing(
                (0, 1), name=method, guaranteed_payout=1200, accrual_method=method
            )
            agreement = self._enrol(program, date_start="2026-01-01")
            accrual = self._accrual(agreement, "2026-02-01")
            self._run("2026-01-31", program_ids=program.ids)
            self.assertEqual(accrual.accrued_amount, 101.92)
            self._settle("2026-01-31", "interim", program_ids=program.ids)
            self.assertEqual(accrual.accrued_amount, 0)
            self._run("2026-04-30", program_ids=program.ids)
            self.assertEqual(accrual.accrued_amount, 292.60)

    def test_the_best_of_a_group_is_told_by_what_is_owed_by_then(self):
        group = self.env["rebate.stacking.group"].create({"name": "Best", "method": "best"})
        for name, tier, vals in (
            ("Guarantee", (0, 0), {"guaranteed_payout": 1200}),
            ("Percent", (0, 10), {}),
        ):
            self._enrol(
                self._program(tier, name=name, stacking_group_id=group.id, **vals),
                date_start="2026-01-01",
            )
        self._invoice(2000, "2026-01-15")
        settlement = self._settle("2026-01-31", "interim")
        self.assertEqual(settlement.line_ids.program_id.name, "Percent")
        self.assertEqual(settlement.amount_total, 200)
