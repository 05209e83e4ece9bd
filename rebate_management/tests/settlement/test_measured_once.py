"""A settlement run measures each accrual once, and hands on what it was found to earn."""

from collections import Counter
from unittest.mock import patch

from odoo.tests import tagged

from ...models.settlement.freezing import _windows
from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestMeasuredOnce(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.volume = cls._program((0, 5), (800, 10), name="Volume", period_type="quarter")
        cls.growth = cls._program(
            rules=[cls._rule((0, 1), (10, 2), qualifier_measure="growth_percent")],
            name="Growth",
            period_type="year",
        )
        cls.limited = cls._program((0, 3), name="Guaranteed", guaranteed_payout=600, max_payout=900)
        cls.partners = cls.distributor | cls._company("Other")
        for partner in cls.partners:
            for program in cls.volume | cls.growth | cls.limited:
                cls._enrol(program, partner)
            cls._invoice(700, "2024-05-10", partner)
            for day in ("2025-02-10", "2025-05-10", "2025-11-10", "2026-02-10", "2026-03-20"):
                cls._invoice(900, day, partner)

    def _count(self, run):
        """How often a run asks for purchases, and for the lines behind them."""
        calls = Counter()
        measure = self.registry["rebate.measure"]

        def counting(name):
            original = getattr(measure, name)

            def count(records, *args, **kwargs):
                calls[name] += 1
                return original(records, *args, **kwargs)

            return patch.object(measure, name, count)

        with counting("_answer"), counting("_lines_by_rule"):
            settlements = run()
        self.assertTrue(settlements)
        return settlements, calls["_answer"], calls["_lines_by_rule"]

    def _assert_as_measured_anew(self, settlements):
        """What was frozen is what a measurement of its own says."""
        self.env.flush_all()
        self.env.invalidate_all()
        lines = settlements.line_ids
        results = self.env["rebate.calculation"]._calculate(_windows(lines))
        frozen = {
            row["line_id"]: row
            for settlement in settlements
            for row in settlement.terms_snapshot["lines"]
        }
        for line in lines:
            row, result = frozen[line.id], results[line.id]
            self.assertEqual(float(row["earned"]), float(result.earned), line.name)
            self.assertEqual(row["period"], result.facts, line.name)
            self.assertEqual(
                [rule["facts"] for rule in row["rules"]],
                [rule.facts for rule in result.rules],
                line.name,
            )

    def test_what_is_over_is_measured_once(self):
        settlements, purchases, lines = self._count(lambda: self._settle(post=False))
        self.assertEqual((purchases, lines), (1, 1))
        self._assert_as_measured_anew(settlements)

    def test_what_runs_is_measured_to_today_and_to_the_day_that_is_paid(self):
        settlements, purchases, lines = self._count(
            lambda: self._settle("2026-03-15", kind="interim", post=False)
        )
        self.assertEqual((purchases, lines), (2, 1))
        self._assert_as_measured_anew(settlements)

    def test_what_was_paid_before_is_asked_in_the_same_measurement(self):
        self._settle("2026-02-15", kind="interim")
        # Late, so that what was paid has changed.
        self._invoice(500, "2026-01-20")
        settlements, purchases, lines = self._count(
            lambda: self._settle("2026-03-25", kind="interim", post=False)
        )
        self.assertEqual((purchases, lines), (2, 1))
        self.assertTrue(any(line.is_adjustment for line in settlements.line_ids))
        self._assert_as_measured_anew(settlements)

    def test_details_add_up_to_what_was_handed_on(self):
        settlements = self._settle(post=False)
        for line in settlements.line_ids:
            self.assertAlmostEqual(sum(line.detail_ids.mapped("rebate_amount")), line.amount)
        self.assertFalse(self.env["rebate.settlement.check"]._check(self.env.company).line_ids)

    def test_an_invoice_between_two_runs_counts_in_the_second(self):
        first = self._settle("2026-03-15", kind="interim")
        self._invoice(900, "2026-03-10")
        second = self._settle("2026-03-15", kind="interim", post=False)
        self.assertTrue(set(second.partner_id.ids) <= set(first.partner_id.ids))
        self.assertEqual(second.partner_id, self.distributor)
        self._assert_as_measured_anew(second)

    def test_numbers_of_a_run_are_those_of_the_sequence_in_order(self):
        sequence = self.env.ref("rebate_management.ir_sequence_rebate_settlement")
        first = sequence.next_by_code("rebate.settlement", sequence_date="2026-03-31")
        settlements = self._settle(post=False).sorted("id")
        prefix, number = first.rsplit("/", 1)
        self.assertEqual(
            settlements.mapped("name"),
            [f"{prefix}/{int(number) + place:05}" for place in range(1, len(settlements) + 1)],
        )

    def test_numbers_without_gaps_are_drawn_one_by_one(self):
        self.env["ir.sequence"].create(
            {
                "name": "Without gaps",
                "code": "rebate.settlement",
                "implementation": "no_gap",
                "prefix": "NG/",
                "padding": 3,
                "company_id": self.env.company.id,
            }
        )
        settlements = self._settle(post=False).sorted("id")
        self.assertEqual(
            settlements.mapped("name"),
            [f"NG/{place:03}" for place in range(1, len(settlements) + 1)],
        )
