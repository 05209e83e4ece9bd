"""One bad filter spoils the figures of its own program and of no other, wherever they are shown."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RebateCommon

# Bad in three ways: a field that is gone, and two that only the database notices.
BAD = (
    "[('gone', '=', 1)]",
    "[('list_price', '>', 1e24)]",
    "[('message_ids.body', '!=', False)]",
)


@tagged("post_install", "-at_install")
class TestScopeApart(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls._enrol(cls._program((0, 10), name="Good"))
        cls.bad = cls._enrol(cls._program((0, 10), name="Bad"))
        cls._invoice(1000, "2026-02-01")
        cls._invoice(1000, "2025-06-01")

    def _break(self, domain=BAD[0], program=None):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_rule SET product_domain = %s, is_limited = TRUE WHERE program_id = %s",
            [domain, (program or self.bad.program_id).id],
        )
        self.env.invalidate_all()

    def test_live_figures_of_other_programs_are_shown(self):
        for domain in BAD:
            with self.subTest(domain):
                self._break(domain)
                agreements = self.good | self.bad
                self.assertEqual(agreements.mapped("current_earned_amount"), [100, 0])
                self.assertFalse(self.good.current_problem)
                self.assertIn("Bad", self.bad.current_problem)
                self.assertIn("Purchases", self.bad.current_problem)
                self.assertFalse(self.bad.current_period)

    def test_a_tier_out_of_range_spoils_its_own_program_alone(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_tier SET threshold = 1e30 WHERE rule_id = %s",
            [self.bad.program_id.rule_ids.id],
        )
        self.env.invalidate_all()
        agreements = self.good | self.bad
        self.assertEqual(agreements.mapped("current_earned_amount"), [100, 0])

    def test_the_customer_shows_what_is_known_and_says_what_is_not(self):
        self._break()
        self.assertEqual(self._plain(self.distributor.rebate_summary), "$ 100.00")
        self.assertIn("Bad", self.distributor.rebate_problem)
        self._break(program=self.good.program_id)
        self.assertEqual(self.distributor.rebate_summary, "–")

    def test_what_is_edited_is_not_lost_when_figures_fail(self):
        self._break()
        self.distributor.ref = "Typed"
        self.assertIn("Bad", self.distributor.rebate_problem)
        self.env.invalidate_all()
        self.assertEqual(self.distributor.ref, "Typed")

    def test_a_settlement_run_pays_the_others(self):
        self._break()
        with self.assertLogs("odoo.addons.rebate_management", "WARNING"):
            settlement = self._settle("2025-12-31")
        self.assertEqual(settlement.line_ids.program_id, self.good.program_id)
        self.assertEqual(settlement.amount_total, 100)
        self.assertIn("Bad", self.bad.program_id.problem)

    def test_what_fails_in_the_run_alone_is_flagged_and_not_paid(self):
        batch = self.env["rebate.settlement.batch"]._begin(
            company_id=self.env.company.id, date_to="2025-12-31", kind="final"
        )
        (self.good | self.bad).action_refresh()
        until = {
            accrual: accrual.date_to
            for accrual in self._accrual(self.good) | self._accrual(self.bad)
        }
        self._break()
        [payable] = batch._payable(until)
        self.assertEqual(payable.accrual.agreement_id, self.good)
        self.assertIn("Bad", self._accrual(self.bad).problem)

    def test_an_accrual_list_shows_the_shares_of_the_others(self):
        (self.good | self.bad).action_refresh()
        accruals = self._accrual(self.good) | self._accrual(self.bad)
        self._break()
        action = accruals.action_view_invoice_lines()
        lines = (
            self.env["account.move.line"].with_context(**action["context"]).search(action["domain"])
        )
        self.assertEqual(lines.mapped("rebate_share"), [100])
        with self.assertRefused("Bad", "gone"):
            self._accrual(self.bad).action_view_invoice_lines()

    def test_an_amendment_is_simulated_beside_a_program_that_fails(self):
        group = self.env["rebate.stacking.group"].create({"name": "Best", "method": "best"})
        first, second = (
            self._enrol(self._program((0, rate), name=name, stacking_group_id=group.id))
            for rate, name in ((10, "First"), (20, "Second"))
        )
        (first | second).action_refresh()
        program = first.program_id
        program.action_amend()
        amendment = program.amendment_ids
        amendment.draft_id.rule_ids.tier_ids.rate = 30
        self._break(program=second.program_id)
        amendment.action_preview()
        kept = amendment.line_ids.filtered("is_kept")
        self.assertTrue(kept)

    def test_the_daily_job_computes_the_others(self):
        self._break()
        with (
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.rebate_management", "WARNING"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("rebate_management.ir_cron_refresh_accruals").method_direct_trigger()
        self.assertEqual(self._accrual(self.good).earned_amount, 100)
        self.assertIn("Bad", self.bad.program_id.problem)

    def test_a_sentence_tells_no_statement_of_the_database(self):
        self._break(BAD[1])
        self.assertNotIn("SELECT", self.bad.current_problem)
        self.assertNotIn("LINE 1", self.bad.current_problem)
