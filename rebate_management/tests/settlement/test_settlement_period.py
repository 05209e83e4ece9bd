"""Programs that pay more often than they count."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSettlementPeriod(RebateCommon):
    def test_by_default_a_program_pays_each_period(self):
        self.assertEqual(self._program((0, 1), period_type="quarter").settlement_period, "quarter")

    def test_a_year_paid_by_quarter_pays_the_difference(self):
        agreement = self._enrol(
            self._program((0, 1), (5000, 2), settlement_period="quarter"),
        )
        self._invoice(4000, "2025-02-01")
        self._invoice(2000, "2025-05-01")
        self._invoice(100, "2025-07-01")
        for day, amount in (
            ("2025-03-30", []),
            ("2025-03-31", [40]),
            ("2025-06-15", []),
            ("2025-06-30", [80]),
            ("2025-12-31", [2]),
        ):
            with self.subTest(day=day):
                self.assertEqual(self._settle(day).mapped("amount_total"), amount)
        self.assertEqual(self._accrual(agreement).state, "settled")

    def test_it_pays_up_to_the_end_of_the_settlement_period_only(self):
        self._enrol(self._program((0, 1), settlement_period="quarter"))
        self._invoice(4000, "2025-02-01")
        self._invoice(2000, "2025-04-10")
        self.assertEqual(self._settle("2025-05-15").amount_total, 40)

    def test_the_whole_run_of_a_program_paid_by_year(self):
        self._enrol(
            self._program(
                (0, 1),
                date_end="2026-12-31",
                period_type="program",
                settlement_period="year",
            )
        )
        self._invoice(4000, "2025-02-01")
        self._invoice(1000, "2026-02-01")
        self.assertEqual(self._settle("2026-03-31").amount_total, 40)

    def test_longer_than_the_period_is_refused(self):
        with self.assertRefused("Bonus", "Quarter", "Year"):
            self._program((0, 1), period_type="quarter", settlement_period="year")
