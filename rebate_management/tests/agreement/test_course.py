"""The chart of one agreement: purchases by month added up, beside last year, tiers and forecast."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestCourse(RebateCommon):
    def test_months_are_added_up_beside_those_of_last_year(self):
        agreement = self._enrol(self._program((5000, 3), (20000, 5), period_type="quarter"))
        self._invoice(1000, "2025-01-10")
        self._invoice(500, "2025-03-31")
        self._invoice(700, "2026-01-10")
        self._invoice(300, "2026-02-10")
        self._invoice(100, "2026-02-20", refund=True)
        course = agreement.get_course()
        self.assertEqual(course["labels"], ["Jan 2026", "Feb 2026", "Mar 2026"])
        self.assertEqual(course["now"], [700, 900, 900])
        self.assertEqual(course["before"], [1000, 1000, 1500])
        self.assertEqual([tier["threshold"] for tier in course["tiers"]], [5000, 20000])
        self.assertEqual(course["currency_id"], self.usd.id)
        # Today is the last day of the quarter.
        self.assertEqual(course["forecast"], [])

    def test_a_running_period_goes_on_to_its_forecast(self):
        agreement = self._enrol(self._program((0, 1)))
        self._invoice(9000, "2026-02-01")
        course = agreement.get_course()
        self.assertEqual(len(course["labels"]), 12)
        self.assertEqual(course["now"], [0, 9000, 9000, *[None] * 9])
        self.assertEqual(course["before"], [])
        self.assertEqual(course["forecast"], [None, None, 9000, *[None] * 8, 36500])

    def test_units_are_told_as_units(self):
        agreement = self._enrol(
            self._program(
                (100, 1), measure="quantity", uom_id=self.env.ref("uom.product_uom_unit").id
            )
        )
        self._invoice(50, "2026-02-01")
        course = agreement.get_course()
        self.assertEqual((course["currency_id"], course["unit"]), (False, "Units"))
        self.assertEqual(course["now"][:3], [0, 1, 1])

    def test_an_agreement_that_ended_shows_its_last_period(self):
        agreement = self._enrol(self._program((0, 1), date_end="2025-12-31"))
        self._invoice(9000, "2025-02-01")
        course = agreement.get_course()
        self.assertEqual(course["period"], "2025")
        self.assertEqual(course["now"][-1], 9000)

    def test_a_draft_has_none(self):
        self.assertIsNone(self._enrol(self._program((0, 1)), activate=False).get_course())

    def test_more_months_take_no_more_queries(self):
        counts = []
        # What is looked up once comes first.
        for period in ("half_year", "half_year", "year"):
            program = self._program((5000, 3), period_type=period, name=f"Bonus {len(counts)}")
            agreement = self._enrol(program)
            self._invoice(700, "2026-01-10")
            agreement.get_course()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            agreement.get_course()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    def test_baseline_and_target_are_asked_for_where_they_are_used(self):
        for measure, uses in (
            (False, (False, False)),
            ("growth_percent", (True, False)),
            ("target_percent", (False, True)),
        ):
            program = self._program(
                rules=[self._rule((10, 2), qualifier_measure=measure)], name=str(measure)
            )
            agreement = self._enrol(program, activate=False, target_amount=1000)
            self.assertEqual((agreement.uses_baseline, agreement.uses_target), uses)
