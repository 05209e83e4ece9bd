"""A settlement run of its own accord, of many partners, and what it tells of those not paid."""

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon
from ..common_kept import ROLE

BATCH = "rebate.settlement.batch"


@tagged("post_install", "-at_install")
class TestSettlementBatch(RebateCommon):
    def _many(self, count, program=None):
        """So many distributors who have earned 10 each last year."""
        program = program or self._program((0, 10))
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "is_company": True} for n in range(count)]
        )
        agreements = self.env["rebate.agreement"].create(
            [{"program_id": program.id, "partner_id": partner.id} for partner in partners]
        )
        agreements.action_activate()
        for partner in partners:
            self._invoice(100, partner=partner)
        return partners

    def _run_job(self, xml_id="ir_cron_settlement_run"):
        with self.enter_registry_test_mode():
            self.env.ref(f"rebate_management.{xml_id}").method_direct_trigger()
        self.env.invalidate_all()

    def _wizard(self, user=None, **vals):
        return (
            self.env["rebate.settlement.run"]
            .with_user(user or self.env.user)
            .create({"date_to": "2025-12-31", **vals})
        )

    # --- progress ---

    def test_many_are_left_to_the_job_which_tells_how_far_it_is(self):
        partners = self._many(105)
        action = self._wizard(self.accountant).action_run_and_open()
        self.assertEqual(action["res_model"], BATCH)
        batch = self.env[BATCH].browse(action["res_id"])
        self.assertRecordValues(batch, [{"state": "waiting", "total": 105, "done": 0}])
        batch._as_starter()._step(100)
        self.assertRecordValues(
            batch,
            [{"state": "running", "progress_text": "100 of 105", "settlement_count": 100}],
        )
        self._run_job()
        self.assertRecordValues(
            batch, [{"state": "done", "done": 105, "progress": 100, "settlement_count": 105}]
        )
        self.assertEqual(batch.settlement_ids.partner_id, partners)
        self.assertEqual(set(batch.settlement_ids.mapped("amount_total")), {10})
        self.assertEqual(batch.settlement_ids.create_uid, self.accountant)

    def test_a_stopped_run_goes_on_with_the_next_partner(self):
        partners = self._many(3)
        batch = self._wizard()._begin()
        batch._step(2)
        batch.action_stop()
        self._run_job()
        self.assertRecordValues(batch, [{"state": "stopped", "done": 2}])
        # What is earned meanwhile by who is done is for the next run.
        self._invoice(100, partner=partners.sorted("id")[0])
        batch.action_continue()
        self._run_job()
        self.assertRecordValues(batch, [{"state": "done", "done": 3}])
        self.assertEqual(batch.settlement_ids.mapped("amount_total"), [10, 10, 10])

    def test_a_run_that_fails_says_why_and_goes_on_when_it_is_mended(self):
        self._many(2)
        batch = self._wizard()._begin()
        journals = self.env["account.journal"].search(
            [("company_id", "=", self.env.company.id), ("type", "=", "sale")]
        )
        journals.active = False
        self._run_job()
        self.assertEqual(batch.state, "failed")
        self.assertIn("has no journal", batch.problem)
        self.assertFalse(batch.settlement_ids)
        journals.active = True
        batch.action_continue()
        self._run_job()
        self.assertRecordValues(batch, [{"state": "done", "problem": False}])
        self.assertEqual(len(batch.settlement_ids), 2)

    def test_agreements_paid_to_one_partner_stay_together(self):
        bank = self._company("Purchasing association")
        partners = self._many(3)
        agreements = self.env["rebate.agreement"].search([("partner_id", "in", partners.ids)])
        agreements[:2].payout_partner_id = bank
        batch = self._wizard()._begin()
        self.assertEqual(batch.total, 2)
        while batch.state != "done":
            batch._step(1)
        self.assertEqual(sorted(batch.settlement_ids.mapped("amount_total")), [10, 20])

    # --- carried over ---

    def test_it_says_who_was_carried_over_and_how_much(self):
        poor, overpaid, paid = self._many(3, self._program((0, 10), min_payout=20))
        self._invoice(400, partner=paid)
        self._invoice(1000, partner=overpaid)
        self._settle(partner_ids=overpaid.ids)
        self._invoice(500, partner=overpaid, refund=True)
        action = self._wizard().action_run_and_open()
        batch = self.env[BATCH].browse(action["res_id"])
        self.assertEqual(batch.settlement_ids.partner_id, paid)
        self.assertRecordValues(
            batch.carryover_ids.sorted("amount"),
            [
                {"partner_id": overpaid.id, "amount": -50, "reason": "negative"},
                {"partner_id": poor.id, "amount": 10, "reason": "minimum"},
            ],
        )

    def test_what_cannot_be_computed_is_named(self):
        program = self._program(
            rules=[self._rule((0, 1), name="Pieces")],
            measure="quantity",
            uom_id=self.env.ref("uom.product_uom_kgm").id,
        )
        self._enrol(program)
        self._invoice(100)
        batch = self._wizard()._begin()
        batch._step()
        self.assertRecordValues(
            batch.carryover_ids, [{"partner_id": self.distributor.id, "reason": "problem"}]
        )

    # --- by the calendar ---

    def test_the_job_proposes_each_settlement_period_once(self):
        self._enrol(self._program((0, 10), period_type="quarter", name="Quarterly"))
        self._enrol(self._program((0, 1), name="Yearly"))
        self._invoice(100, "2026-02-01")
        self._propose("2026-03-31")
        self.assertFalse(self.env["rebate.settlement"].search([("amount_total", "=", 10)]))
        self._propose("2026-04-01")
        settlement = self.env["rebate.settlement"].search([("amount_total", "=", 10)])
        self.assertTrue(settlement.batch_id.is_automatic)
        self.assertEqual(settlement.batch_id.program_ids.mapped("name"), ["Quarterly"])
        # Late news wait for the next period.
        self._invoice(50, "2026-03-01")
        self._propose("2026-04-02")
        self.assertEqual(self.env["rebate.settlement"].search([], limit=1), settlement)
        self._propose("2026-07-01")
        latest = self.env["rebate.settlement"].search([], order="id desc", limit=1)
        self.assertEqual(latest.amount_total, 5)
        self.assertTrue(latest.line_ids.is_adjustment)

    def _propose(self, day):
        with freeze_time(day):
            self._run_job("ir_cron_propose_settlements")
            self._run_job()

    def test_a_program_that_ended_is_proposed_after_its_end(self):
        program = self._program((0, 10), date_end="2026-05-15")
        self._enrol(program)
        self._invoice(100, "2026-02-01")
        self._propose("2026-05-15")
        self.assertFalse(self.env["rebate.settlement"].search([]))
        self._propose("2026-05-16")
        self.assertEqual(self.env["rebate.settlement"].search([]).amount_total, 10)

    # --- rights ---

    def test_only_a_run_writes_a_run(self):
        self._many(1)
        batch = self._wizard()._begin()
        for user in (self.reader, self.manager, self.accountant, self.approver):
            for name in (BATCH, "rebate.settlement.carryover"):
                model = self.env[name].with_user(user)
                self.assertTrue(model.has_access("read"))
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(model.has_access(operation), (user.login, name))
        for user in (self.reader, self.approver):
            for step in ("action_stop", "action_continue"):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    getattr(batch.with_user(user), step)()
        batch.with_user(self.manager).action_stop()
        self.assertEqual(batch.state, "stopped")
        batch.with_user(self.accountant).action_continue()
        self.assertEqual(batch.state, "waiting")

    def test_no_company_sees_anothers_runs(self):
        other = self.setup_other_company()["company"]
        poor = self._many(1, self._program((0, 10), min_payout=20))
        self._settle(post=False)
        foreigner = self._user("foreigner", ROLE + "manager", companies=other)
        for name in (BATCH, "rebate.settlement.carryover"):
            self.assertTrue(self.env[name].search([]), poor)
            self.assertFalse(self.env[name].with_user(foreigner).search([]))

    # --- speed ---

    def test_a_step_takes_as_many_statements_for_many_as_for_few(self):
        self._many(26)
        batch = self._wizard()._begin()

        def statements(count):
            return self._statements(batch._step, count)

        statements(1)
        few, many = statements(5), statements(20)
        # Each settlement draws its number from a sequence.
        self.assertLessEqual((many - few) / (20 - 5), 6)
