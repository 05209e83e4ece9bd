"""Nobody begins a run for a company in which they do not work, nor stops another's."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...tools.trust import trusted
from ..common_company import CompanyCommon


@tagged("post_install", "-at_install")
class TestCompanyRuns(CompanyCommon):
    def _assert_nothing_proposed(self):
        lines = self.env["rebate.settlement.line"].sudo()
        self.assertFalse(lines.search_count([("program_id", "=", self.program.id)]))

    def test_nobody_of_another_company_begins_a_run(self):
        for user in (
            self.of_b["manager"],
            self.of_b["accountant"],
            self.of_c["manager"],
            self.of_c["accountant"],
        ):
            runs = self.env["rebate.settlement.run"].with_user(user)
            for way in ("action_run", "action_run_and_open"):
                with self.subTest(way, user=user.login), self.assertRefused(self.a.name):
                    run = runs.create({"company_id": self.a.id, "date_to": "2025-12-31"})
                    getattr(run, way)()
        self._assert_nothing_proposed()
        batches = self.env["rebate.settlement.batch"].sudo()
        self.assertFalse(batches.search_count([("company_id", "=", self.a.id)]))

    def test_nobody_names_programs_or_distributors_of_another_company(self):
        distributor = self._company("Of A", company_id=self.a.id)
        runs = self.env["rebate.settlement.run"].with_user(self.of_b["manager"])
        with self.assertRaises(UserError), self.env.cr.savepoint():
            runs.create({"date_to": "2025-12-31", "program_ids": self.program.ids}).action_run()
        runs = self.env["rebate.settlement.run"].with_user(self.of_c["manager"])
        with self.assertRaises(UserError), self.env.cr.savepoint():
            runs.create({"date_to": "2025-12-31", "partner_ids": distributor.ids}).action_run()
        self._assert_nothing_proposed()

    def test_who_has_chosen_the_branch_begins_no_run_for_the_parent(self):
        both = self._employee("manager", self.b, self.a)
        runs = self.env["rebate.settlement.run"].with_user(both)
        run = runs.create({"company_id": self.a.id, "date_to": "2025-12-31"})
        with self.assertRefused(self.a.name, "Choose that company"):
            run.with_context(allowed_company_ids=self.b.ids).action_run()
        settlement = run.with_context(allowed_company_ids=self.a.ids).action_run()
        self.assertEqual(settlement.amount_total, 100)

    def test_nobody_of_another_company_stops_or_continues_a_run(self):
        self._settle(post=False)
        batch = self.env["rebate.settlement.batch"].search([], limit=1)
        trusted(batch.sudo()).state = "waiting"
        for role in ("manager", "accountant"):
            for user in (self.of_b[role], self.of_c[role]):
                for way in ("action_stop", "action_continue"):
                    with self.subTest(way, user=user.login), self.assertNoAccess():
                        getattr(batch.with_user(user), way)()
        self.assertEqual(batch.state, "waiting")

    def test_nobody_of_another_company_accrues(self):
        for user in (self.of_b["accountant"], self.of_c["accountant"]):
            runs = self.env["rebate.accrual.run"].with_user(user)
            for way in ("action_preview", "action_run", "action_run_and_open"):
                with self.subTest(way, user=user.login), self.assertRefused(self.a.name):
                    getattr(runs.create({"company_id": self.a.id, "date": "2025-12-31"}), way)()
