"""An amendment that moves the dates or the periods of a program."""

from odoo import Command
from odoo.tests import tagged

from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestAmendmentPeriods(AmendmentCommon):
    def _lines(self, amendment):
        return sorted(
            (line.period, line.earned_before, line.earned_after, line.accrual_state)
            for line in amendment.line_ids
        )

    def _preview_and_apply(self, draft):
        """The lines of a preview, which must be those of the application too."""
        amendment = self.env["rebate.amendment"].search([("draft_id", "=", draft.id)])
        amendment.action_preview()
        lines = self._lines(amendment)
        self._apply(draft)
        self.assertEqual(self._lines(amendment), lines)
        return lines

    def test_a_later_end_brings_periods_about(self):
        program = self._program((0, 10), date_end="2025-12-31")
        agreement = self._enrol(program)
        self._invoice(1000)
        self._invoice(500, "2026-02-01")
        draft = self._draft(program)
        draft.date_end = False
        self.assertEqual(
            self._preview_and_apply(draft),
            [("2025", 100, 100, "closed"), ("2026", 0, 50, False)],
        )
        self.assertEqual(agreement.accrual_ids.mapped("earned_amount"), [50, 100])

    def test_an_earlier_end_takes_periods_away(self):
        program = self._program((0, 10))
        agreement = self._enrol(program)
        self._invoice(1000)
        self._invoice(500, "2026-02-01")
        draft = self._draft(program)
        draft.date_end = "2025-06-30"
        self.assertEqual(
            self._preview_and_apply(draft),
            [("01/01/2025 – 06/30/2025", 100, 100, "closed"), ("2026", 50, 0, "open")],
        )
        self.assertEqual(len(agreement.accrual_ids), 1)

    def test_a_paid_period_that_is_taken_away_is_made_up(self):
        program = self._program((0, 10), period_type="quarter")
        self._enrol(program)
        self._invoice(1000, "2025-02-01")
        self._invoice(500, "2025-11-01")
        self._settle()
        draft = self._draft(program)
        draft.date_end = "2025-06-30"
        amendment = self._apply(draft)
        self.assertEqual(amendment.settled_amount, 150)
        self.assertEqual(amendment.open_amount, -50)

    def test_quarters_instead_of_years(self):
        program = self._program((0, 5), (2000, 10), date_end="2025-12-31")
        agreement = self._enrol(program)
        self._invoice(1000, "2025-02-01")
        self._invoice(2000, "2025-11-01")
        draft = self._draft(program)
        draft.period_type = "quarter"
        self.assertEqual(draft.settlement_period, "quarter")
        lines = self._preview_and_apply(draft)
        self.assertEqual(sum(before for _period, before, _after, _state in lines), 300)
        self.assertEqual(
            [(period, after) for period, _before, after, _state in lines],
            [("Q1 2025", 50), ("Q2 2025", 0), ("Q3 2025", 0), ("Q4 2025", 200)],
        )
        self.assertEqual(agreement.earned_amount, 250)

    def test_pay_more_often_and_count_as_before(self):
        program = self._program((0, 10), settlement_period="quarter")
        draft = self._draft(program)
        draft.settlement_period = "month"
        self._apply(draft)
        self.assertEqual((program.period_type, program.settlement_period), ("year", "month"))

    def test_programs_that_share_purchases_are_computed_too(self):
        group = self.env["rebate.stacking.group"].create({"name": "Group"})
        first = self._program((0, 1), name="First", stacking_group_id=group.id)
        second = self._program((0, 1), name="Second", stacking_group_id=group.id)
        third = self._program(
            (0, 1), name="Third", reduced_by_program_ids=[Command.set(second.ids)]
        )
        self._program((0, 1), name="Alone")
        self.assertEqual(first._dependent_programs(), first | second | third)
        self.assertEqual(third._dependent_programs(), third)

    def test_statements_of_a_preview_do_not_grow_with_the_agreements(self):
        counts = []
        for size in (2, 20):
            program = self._program((0, 1), (1000, 2), name=f"Program of {size}")
            for number in range(size):
                partner = self._company(f"Customer {size} {number}")
                self._enrol(program, partner)
                self._invoice(1500, "2026-01-15", partner)
            draft = self._draft(program, self._rate(1000, 3))
            amendment = self.env["rebate.amendment"].search([("draft_id", "=", draft.id)])
            for _again in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                amendment.action_preview()
                self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(amendment.line_ids), 2 * size)
            self.assertEqual(amendment.difference, 15 * size)
        self.assertLessEqual(counts[1], counts[0])
