"""Several programs on one purchase: reductions, priority, and only the best."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestStacking(RebateCommon):
    def _stack(self, method, *rates, **vals):
        """Programs of one stacking group, in sequence, with the distributor in each of them."""
        group = self.env["rebate.stacking.group"].create({"name": "Tools", "method": method})
        return [
            self._enrol(
                self._program(
                    (0, rate),
                    name=f"Deal {number}",
                    sequence=number,
                    stacking_group_id=group.id,
                    **vals,
                )
            )
            for number, rate in enumerate(rates, 1)
        ]

    def _reduced(self, order):
        """Microsoft's four deals in a sequence; deals 3 and 4 are reduced by 1, 3 and 4."""
        deals = {
            number: self._program(
                (0, rate), name=f"Deal {number}", sequence=order.index(number), activate=False
            )
            for number, rate in ((1, 10), (2, 15), (3, 20), (4, 25))
        }
        for number in (3, 4):
            deals[number].reduced_by_program_ids = deals[1] | deals[3] | deals[4]
        for deal in deals.values():
            deal.action_activate()
        return {number: self._enrol(deal) for number, deal in deals.items()}

    def test_c3_microsoft_rebate_reduction_principle(self):
        self._invoice(1000)
        for order, total in (
            ((1, 2, 3, 4), 610),
            ((4, 3, 2, 1), 650),
            ((3, 2, 1, 4), 625),
            ((2, 4, 1, 3), 630),
        ):
            with self.subTest(order=order):
                agreements = self._reduced(order)
                self.assertEqual(sum(self._earned(deal) for deal in agreements.values()), total)

    def test_a_reduction_explains_itself(self):
        agreements = self._reduced((1, 2, 3, 4))
        self._invoice(1000)
        agreements[3].action_refresh()
        self.assertEqual(
            self._plain(self._accrual(agreements[3]).line_ids.explanation),
            "Purchases of $ 1,000.00 on one invoice: 20 % on $ 900.00 = $ 180.00. The amount that"
            " earns is lowered by $ 100.00, which “Deal 1” pays on it.",
        )

    def test_only_what_both_count_is_reduced(self):
        """The first program pays on tools and paint, the second on tools only."""
        paint = self.env["product.product"].create({"name": "Paint", "taxes_id": False})
        first = self._program((0, 10), name="All", sequence=1)
        second = self._program(
            rules=[self._rule((0, 10), product_ids=self.goods.ids)],
            name="Tools",
            sequence=2,
            reduced_by_program_ids=first.ids,
        )
        agreements = [self._enrol(first), self._enrol(second)]
        self._invoice([(self.goods, 300), (paint, 700)])
        self.assertEqual([self._earned(one) for one in agreements], [100, 27])

    def test_a_quarter_is_reduced_by_its_part_of_the_years_rebate(self):
        year = self._program((0, 5), (3000, 10), name="Year", sequence=1)
        quarter = self._program(
            (0, 10),
            name="Quarter",
            sequence=2,
            period_type="quarter",
            reduced_by_program_ids=year.ids,
        )
        agreement = self._enrol(year) and self._enrol(quarter)
        self._invoice(1000, "2025-02-01")
        self.assertEqual(self._earned(agreement, "2025-02-01"), 95)
        self._invoice(2000, "2025-11-01")
        self._drain()
        self.assertEqual(
            self._accrual(agreement, "2025-02-01").earned_amount,
            90,
            "the year now pays 10 % on the first quarter's purchases too",
        )

    def test_programs_in_another_currency_cannot_reduce(self):
        euros = self._program((0, 5), name="Euros", currency_id=self.eur.id)
        with self.assertRefused("Bonus", "Euros", "EUR"):
            self._program((0, 5), reduced_by_program_ids=euros.ids)

    def test_priority_the_first_program_takes_the_purchase(self):
        tools, everything = self._stack("priority", 10, 5)
        tools.program_id.action_reset()
        tools.program_id.rule_ids.product_ids = self.goods
        tools.program_id.action_activate()
        paint = self.env["product.product"].create({"name": "Paint", "taxes_id": False})
        self._invoice([(self.goods, 300), (paint, 700)])
        self.assertEqual(self._earned(tools), 30)
        self.assertEqual(self._earned(everything), 35)
        self.assertEqual(self._accrual(everything).measured_amount, 700)

    def test_priority_only_while_the_first_agreement_runs(self):
        first, second = self._stack("priority", 10, 5)
        first.date_end = "2025-06-30"
        self._invoice(100, "2025-06-30")
        self._invoice(1000, "2025-07-01")
        self.assertEqual([self._earned(first), self._earned(second)], [10, 50])

    def test_priority_enrolment_in_the_first_takes_from_the_second_at_once(self):
        group = self.env["rebate.stacking.group"].create({"name": "Tools"})
        programs = [
            self._program((0, rate), name=str(rate), sequence=rate, stacking_group_id=group.id)
            for rate in (1, 2)
        ]
        second = self._enrol(programs[1])
        self._invoice(1000)
        self.assertEqual(self._earned(second), 20)
        first = self._enrol(programs[0])
        self.assertEqual(self._accrual(second).earned_amount, 0)
        first.action_end()
        first.date_end = "2025-01-31"
        self.assertEqual(self._accrual(second).earned_amount, 20)

    def test_best_only_the_program_that_pays_most(self):
        small, big = self._stack("best", 5, 8)
        self._invoice(1000)
        self.assertEqual([self._earned(small), self._earned(big)], [0, 80])
        self.assertEqual(
            self._accrual(small).limit_explanation,
            "“Deal 2” pays more for the period, and of its stacking group only the best program"
            " pays.",
        )
        self.assertFalse(self._accrual(big).limit_explanation)

    def test_best_of_equals_the_first_in_sequence(self):
        first, second = self._stack("best", 5, 5)
        self._invoice(1000)
        self.assertEqual([self._earned(first), self._earned(second)], [50, 0])

    def test_best_each_period_anew(self):
        flat, growing = self._stack("best", 2, 0, period_type="quarter")
        growing.program_id.action_reset()
        growing.program_id.rule_ids.tier_ids.write({"threshold": 1000, "rate": 5})
        growing.program_id.action_activate()
        self._invoice(500, "2025-02-01")
        self._invoice(2000, "2025-05-01")
        (flat | growing).action_refresh()
        for day, earned in (("2025-02-01", [10, 0]), ("2025-05-01", [0, 100])):
            self.assertEqual(
                [self._accrual(one, day).earned_amount for one in (flat, growing)], earned
            )

    def test_best_needs_one_period(self):
        self._stack("best", 5)
        group = self.env["rebate.stacking.group"].search([], limit=1)
        with self.assertRefused("Tools", "period"):
            self._program((0, 5), period_type="month", stacking_group_id=group.id)

    def test_a_beaten_program_does_not_reduce(self):
        small, _big = self._stack("best", 5, 8)
        reduced = self._enrol(
            self._program(
                (0, 10),
                name="Reduced",
                sequence=9,
                reduced_by_program_ids=small.program_id.ids,
            )
        )
        self._invoice(1000)
        self.assertEqual(self._earned(reduced), 100)

    def test_who_pays_cannot_change_under_active_programs(self):
        first, _second = self._stack("priority", 10, 5)
        with self.assertRefused("Tools", "Deal 1"):
            first.program_id.stacking_group_id.method = "best"

    def test_the_invoice_lines_shown_are_those_counted(self):
        first, second = self._stack("priority", 10, 5)
        move = self._invoice(1000)
        lines = [
            self.env["account.move.line"].search(
                self._accrual(one).action_view_invoice_lines()["domain"]
            )
            for one in (first, second)
        ]
        self.assertEqual(lines[0].move_id, move)
        self.assertFalse(lines[1])
