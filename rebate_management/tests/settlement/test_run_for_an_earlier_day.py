"""A run for an earlier day never takes back what was paid for later days."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestRunForAnEarlierDay(RebateCommon):
    today = "2026-05-31"

    def setUp(self):
        super().setUp()
        self.program = self._program((0, 10), settlement_period="quarter")
        self.agreement = self._enrol(self.program)
        self._invoice(1000, "2026-02-01")
        self._invoice(2000, "2026-05-10")

    def test_what_is_due_after_an_interim_payout_is_nothing(self):
        self.assertEqual(self._settle("2026-05-31", "interim").amount_total, 300)
        self.assertFalse(self._settle("2026-03-31"))
        self.assertFalse(self._settle("2026-03-31", "interim"))

    def test_the_nightly_job_after_an_interim_payout_proposes_nothing(self):
        self._settle("2026-05-31", "interim")
        with self.enter_registry_test_mode():
            for job in ("ir_cron_propose_settlements", "ir_cron_settlement_run"):
                self.env.ref(f"rebate_management.{job}").method_direct_trigger()
        self.assertEqual(self.env["rebate.settlement"].search_count([]), 1)

    def test_one_partner_early_then_all(self):
        other = self._company("Other")
        self._enrol(self.program, other)
        self._invoice(500, "2026-02-01", other)
        self._settle("2026-05-31", "interim", partner_ids=self.distributor.ids)
        self.assertRecordValues(
            self._settle("2026-03-31"), [{"partner_id": other.id, "amount_total": 50}]
        )

    def test_a_longer_settlement_period_takes_nothing_back(self):
        self._settle("2026-05-31", "interim")
        self.program.action_amend()
        amendment = self.program.amendment_ids
        amendment.reason = "Paid by month"
        amendment.draft_id.settlement_period = "month"
        amendment.action_preview()
        amendment.action_apply()
        for day in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"):
            self.assertFalse(self._settle(day))

    def test_a_correction_of_the_time_paid_for_comes_out_with_its_cause(self):
        paid = self._settle("2026-05-31", "interim")
        late = self._invoice(100, "2026-04-01")
        line = self._settle("2026-03-31").line_ids
        self.assertRecordValues(line, [{"amount": 10, "adjustment_amount": 10}])
        self.assertEqual(str(line.date_until), "2026-05-31")
        self.assertIn(paid.name, line.cause)
        self.assertIn(late.name, line.cause)
        self.assertNotIn("no longer counted", line.cause)
