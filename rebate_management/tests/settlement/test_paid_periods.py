"""Paid periods stay as they were cut, whatever becomes of the program's calendar."""

import random
from datetime import date, timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..accrual.common import AccrualCommon
from ..program.common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestPaidPeriods(AmendmentCommon):
    def _spans(self, agreement):
        return [
            (str(accrual.date_from), str(accrual.date_to))
            for accrual in agreement.accrual_ids.sorted("date_from")
        ]

    def _recut(self, program, **vals):
        draft = self._draft(program)
        draft.write(vals)
        return self._apply(draft)

    def _check_covered(self, agreement):
        """No day in two periods, and none of the run up to today in none."""
        first, last = agreement._run()
        days = set()
        for accrual in agreement.accrual_ids:
            day = accrual.date_from
            while day <= accrual.date_to:
                self.assertNotIn(day, days, self._spans(agreement))
                days.add(day)
                day += timedelta(days=1)
        day = first
        while day <= min(last, fields.Date.context_today(agreement)):
            self.assertIn(day, days, self._spans(agreement))
            day += timedelta(days=1)

    def test_longer_periods_begin_after_what_is_paid(self):
        program = self._program((0, 10), period_type="quarter")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-01")
        self._invoice(500, "2025-05-01")
        self._settle("2025-03-31")
        amendment = self._recut(program, period_type="year", settlement_period="year")
        self.assertEqual(
            self._spans(agreement),
            [
                ("2025-01-01", "2025-03-31"),
                ("2025-04-01", "2025-12-31"),
                ("2026-01-01", "2026-12-31"),
            ],
        )
        self.assertEqual(
            [a.earned_amount for a in agreement.accrual_ids.sorted("date_from")], [100, 50, 0]
        )
        self.assertEqual(self._settle().mapped("amount_total"), [50])
        # The preview showed it too, or it could not have been applied.
        self.assertIn("04/01/2025 – 12/31/2025", amendment.line_ids.mapped("period"))

    def test_longer_periods_where_nothing_is_paid(self):
        program = self._program((0, 10), period_type="month")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-01")
        self._recut(program, period_type="year", settlement_period="year")
        self.assertEqual(
            self._spans(agreement),
            [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-12-31")],
        )
        self.assertEqual(self._earned(agreement), 100)

    def test_shorter_periods_leave_a_paid_year_whole(self):
        program = self._program((0, 5), (2000, 10), date_end="2026-12-31")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-01")
        self._invoice(1000, "2025-11-01")
        self._invoice(100, "2026-02-01")
        self._settle()
        self._recut(program, period_type="quarter", settlement_period="quarter")
        self.assertEqual(
            self._spans(agreement),
            [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-03-31")],
        )
        self.assertEqual(self._accrual(agreement).earned_amount, 200)
        self.assertEqual(self._accrual(agreement).open_amount, 0)

    def test_a_new_fiscal_year_end_leaves_paid_years_and_goes_on_after_them(self):
        program = self._program((0, 10))
        agreement = self._enrol(program)
        self._invoice(1000)
        self._invoice(300, "2026-02-01")
        self._settle()
        self.env.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        self._drain()
        self.assertEqual(
            self._spans(agreement),
            [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-06-30")],
        )
        self.assertEqual(self._accrual(agreement).earned_amount, 100)
        self.assertEqual(self._accrual(agreement, "2026-02-01").earned_amount, 30)
        self.assertEqual(agreement.current_period, "01/01/2026 – 06/30/2026")

    def test_a_new_fiscal_year_end_cuts_unpaid_years_anew(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        self.env.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        self._drain()
        self.assertEqual(
            self._spans(agreement),
            [("2025-01-01", "2025-06-30"), ("2025-07-01", "2026-06-30")],
        )

    def test_thresholds_of_what_is_left_are_pro_rata_where_the_program_says_so(self):
        program = self._program((3650, 10), period_type="quarter", prorate=True)
        agreement = self._enrol(program)
        self._invoice(4000, "2025-02-01")
        self._settle("2025-03-31")
        self._recut(program, period_type="year", settlement_period="year")
        # 275 of the year's 365 days; what is paid reached the threshold of its own quarter.
        self._invoice(2749, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-02-01"), 400)
        self.assertEqual(self._earned(agreement, "2025-08-01"), 0)
        self._invoice(1, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 275)

    def test_thresholds_of_what_is_left_are_whole_otherwise(self):
        program = self._program((3650, 10), period_type="quarter")
        agreement = self._enrol(program)
        self._invoice(4000, "2025-02-01")
        self._settle("2025-03-31")
        self._recut(program, period_type="year", settlement_period="year")
        self._invoice(3649, "2025-08-01")
        self.assertEqual(self._earned(agreement, "2025-08-01"), 0)

    def test_an_end_of_the_agreement_still_shortens_the_period_it_falls_into(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000, "2025-02-01")
        self._invoice(500, "2025-11-01")
        self._settle()
        agreement.date_end = "2025-06-30"
        self.assertEqual(self._spans(agreement), [("2025-01-01", "2025-06-30")])
        self.assertEqual(self._accrual(agreement, "2025-02-01").open_amount, -50)
        agreement.date_end = False
        self.assertEqual(self._spans(agreement)[0], ("2025-01-01", "2025-12-31"))
        self.assertEqual(self._accrual(agreement).open_amount, 0)

    def test_cancelled_payouts_hold_no_period(self):
        program = self._program((0, 10), period_type="quarter")
        agreement = self._enrol(program)
        for month in (2, 5, 8, 11):
            self._invoice(100, f"2025-{month:02}-01")
        self._settle().action_cancel()
        self._recut(program, period_type="year", settlement_period="year")
        self._check_covered(agreement)
        self.assertEqual(sum(agreement.accrual_ids.mapped("earned_amount")), 40)

    def test_programs_of_a_group_are_compared_by_the_periods_they_have(self):
        group = self.env["rebate.stacking.group"].create({"name": "Best", "method": "best"})
        first, second = (
            self._enrol(
                self._program(
                    (0, rate), name=f"{rate} %", period_type="quarter", stacking_group_id=group.id
                )
            )
            for rate in (5, 7)
        )
        self._invoice(1000, "2025-02-01")
        self._invoice(1000, "2025-05-01")
        self._settle("2025-03-31")
        for month, day in (("6", 30), ("12", 31), ("2", 28)):
            self.env.company.write({"fiscalyear_last_month": month, "fiscalyear_last_day": day})
            self._drain()
            (first | second).action_refresh()
            self.assertEqual(sum(first.accrual_ids.mapped("earned_amount")), 0)
            self.assertEqual(sum(second.accrual_ids.mapped("earned_amount")), 140)

    def test_any_sequence_of_changes_leaves_each_day_in_one_period(self):
        for seed in range(8):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self._change_at_random(random.Random(seed))  # noqa: S311
                savepoint.rollback()
                self.env.invalidate_all()

    def _change_at_random(self, chance):
        program = self._program(
            (0, 10), period_type=chance.choice(["month", "quarter", "half_year", "year"])
        )
        agreement = self._enrol(program)
        for _invoice in range(6):
            day = date(2025, 1, 1) + timedelta(days=chance.randrange(450))
            self._invoice(chance.randrange(1, 1000), str(day))
        settled = self.env["rebate.settlement"]
        for _step in range(8):
            step = chance.choice(["pay", "cancel", "period", "fiscal", "end"])
            if step == "pay":
                day = date(2025, 1, 31) + timedelta(days=chance.randrange(400))
                settled |= self._settle(str(day), kind=chance.choice(["final", "interim"]))
            elif step == "cancel" and settled:
                last = settled.sorted("id")[-1:]
                last.action_cancel()
                settled -= last
            elif step == "period":
                kind = chance.choice(["month", "quarter", "half_year", "year"])
                if kind != program.period_type:
                    self._recut(program, period_type=kind, settlement_period=kind)
            elif step == "fiscal":
                month, day = chance.choice([("3", 31), ("6", 30), ("9", 15), ("12", 31)])
                self.env.company.write({"fiscalyear_last_month": month, "fiscalyear_last_day": day})
                agreement.action_refresh()
            elif step == "end":
                agreement.date_end = chance.choice([False, "2025-08-10", "2026-12-31"])
            agreement.action_refresh()
            self._check_covered(agreement)
            lines = [
                line
                for accrual in agreement.accrual_ids
                for line in self.env["rebate.measure"]._line_ids(accrual._windows())
            ]
            self.assertEqual(len(lines), len(set(lines)))


@tagged("post_install", "-at_install")
class TestBookedPeriods(AccrualCommon):
    def test_what_is_in_the_books_stays_as_it_was_cut(self):
        program = self._accruing((0, 10), period_type="quarter")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-01")
        self._run("2025-03-31")
        self.env.company.write({"fiscalyear_last_month": "2", "fiscalyear_last_day": 28})
        agreement.action_refresh()
        booked = agreement.accrual_ids.filtered("move_line_ids")
        self.assertEqual((str(booked.date_from), str(booked.date_to)), ("2025-01-01", "2025-03-31"))
        days = [
            (accrual.date_from, accrual.date_to)
            for accrual in agreement.accrual_ids.sorted("date_from")
        ]
        for (_first, last), (first, _last) in pairwise(days):
            self.assertEqual(first, last + timedelta(days=1))


@tagged("post_install", "-at_install")
class TestTroubleOfOneProgram(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sick = cls._accruing((0, 10), name="Sick")
        cls.sound = cls._accruing((0, 10), name="Sound")
        cls.of_sick, cls.of_sound = cls._enrol(cls.sick), cls._enrol(cls.sound)

    def _trouble(self, error=None):
        program_class = type(self.sick)
        cells, sick = program_class._cells, self.sick

        def fails(program, *args):
            if program == sick:
                raise error or KeyError("no such period")
            return cells(program, *args)

        return patch.object(program_class, "_cells", fails)

    def test_the_nightly_job_the_queue_and_both_runs_go_on(self):
        self._invoice(1000)
        with self._trouble(), mute_logger("odoo.addons.rebate_management"):
            self._drain()
            self.assertEqual(self._accrual(self.of_sound).earned_amount, 100)
            self.assertIn("Sick", self.sick.problem)
            self.assertIn("no such period", self.sick.problem)
            self.assertTrue(self.sick.problem_activity_id)
            self.assertFalse(self.sound.problem)
            with self.enter_registry_test_mode():
                self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
            self.assertIn(100, self._run("2025-12-31").line_ids.mapped("debit"))
            settlements = self._settle()
            # Nor is paid what cannot be told.
            self.assertEqual(settlements.line_ids.program_id, self.sound)
        self.of_sick.action_refresh()
        self.assertFalse(self.sick.problem)

    def test_what_others_do_at_the_moment_is_no_trouble(self):
        with self._trouble(ConcurrencyError("busy")), self.assertRaises(ConcurrencyError):
            self.of_sick.action_refresh()
        self.assertFalse(self.sick.problem)

    def test_whatever_goes_wrong_in_one_program_others_are_computed(self):
        self._invoice(1000)
        calculation_class = type(self.env["rebate.calculation"])
        terms, sick = calculation_class._terms, self.sick

        def fails(calculation, rule, *args, **kwargs):
            if rule.program_id == sick:
                raise AttributeError("something is gone")
            return terms(calculation, rule, *args, **kwargs)

        with (
            patch.object(calculation_class, "_terms", fails),
            mute_logger("odoo.addons.rebate_management"),
        ):
            (self.of_sick | self.of_sound).accrual_ids.refresh()
        self.assertEqual(self._accrual(self.of_sound).earned_amount, 100)
        self.assertIn("something is gone", self.sick.problem)
