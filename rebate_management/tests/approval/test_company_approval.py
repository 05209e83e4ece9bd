"""Who approves works in the company whose payout it is, and neither proposed nor submitted it."""

from odoo import Command
from odoo.tests import tagged

from ..common_company import CompanyCommon
from ..common_kept import ROLE


@tagged("post_install", "-at_install")
class TestCompanyApproval(CompanyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level = cls.env.ref("rebate_management.approval_level_default")
        cls.proposer = cls._employee("manager", cls.a)
        cls.proposer.group_ids |= cls.env.ref(ROLE + "approver")
        cls.submitter = cls._employee("accountant", cls.a)
        cls.submitter.group_ids |= cls.env.ref(ROLE + "approver")

    def _proposed(self, user=None):
        runs = self.env["rebate.settlement.run"].with_user(user or self.proposer)
        return runs.create({"date_to": "2025-12-31"}).action_run()

    def _submitted(self):
        settlement = self._proposed()
        settlement.with_user(self.submitter).action_submit()
        return settlement.with_env(self.env)

    def test_who_began_the_run_does_not_approve_what_it_proposed(self):
        settlement = self._submitted()
        own = settlement.with_user(self.proposer)
        self.assertFalse(own.can_approve)
        with self.assertRefused(
            settlement.name,
            "began the run",
            "nobody approves what they proposed",
            self.approver.name,
        ):
            own.action_approve()
        with self.assertRefused("began the run"):
            own.sudo().action_approve()
        self.assertNotIn(self.proposer, settlement.approver_ids)
        self.assertNotIn(self.proposer, settlement.sudo().activity_ids.user_id)
        settlement.with_user(self.approver).action_approve()
        self.assertEqual(settlement.state, "approved")

    def test_who_submitted_does_not_either(self):
        settlement = self._submitted()
        with self.assertRefused(
            settlement.name, "nobody approves what they submitted", self.approver.name
        ):
            settlement.with_user(self.submitter).action_approve()

    def test_a_long_run_carried_on_by_the_job_was_proposed_by_who_began_it(self):
        runs = self.env["rebate.settlement.run"].with_user(self.proposer)
        batch = runs.create({"date_to": "2025-12-31"})._begin()
        batch.sudo()._as_starter()._step()
        settlement = batch.sudo().settlement_ids.with_env(self.env)
        self.assertEqual(settlement.create_uid, self.proposer)
        settlement.action_submit()
        with self.assertRefused("began the run"):
            settlement.with_user(self.proposer).action_approve()

    def test_what_the_calendar_proposed_was_proposed_by_nobody(self):
        """Whatever user the job has: a manager may approve what the calendar began."""
        jobs = self.env(user=self.proposer)
        batch = jobs["rebate.settlement.batch"]._begin(
            company_id=self.a.id, date_to="2025-12-31", kind="final", is_automatic=True
        )
        batch._as_starter()._step()
        settlement = batch.sudo().settlement_ids.with_env(self.env)
        settlement.action_submit()
        settlement.with_user(self.proposer).action_approve()
        self.assertEqual(settlement.state, "approved")

    def test_an_approver_of_the_branch_decides_on_nothing_of_the_parent(self):
        """Not even named on the level, nor in its group."""
        settlement = self._submitted()
        self.level.user_ids = [Command.link(self.of_b["approver"].id)]
        for user in (self.of_b["approver"], self.of_c["approver"]):
            own = settlement.with_user(user)
            for action in (own.action_approve, lambda own=own: own.action_reject("No")):
                with self.subTest(user.login), self.assertNoAccess():
                    action()
            self.assertNotIn(user, settlement.approver_ids)
        own = settlement.with_user(self.of_b["approver"])
        self.assertFalse(own.can_approve)
        self.assertFalse(own.can_reject)
        # With all rights of the system too, it is the user who decides.
        for action in (own.sudo().action_approve, lambda: own.sudo().action_reject("No")):
            with self.assertRefused(settlement.name, "approved on level"):
                action()
        self.assertEqual(settlement.state, "submitted")

    def _reader(self):
        """Somebody who reads what is not decided yet, and decides nothing."""
        reader = self._employee("user", self.a)
        reader.group_ids += self.env.ref("rebate_management.group_rebate_accountant")
        return reader

    def test_a_level_of_another_company_gives_no_right(self):
        reader = self._reader()
        self.env["rebate.approval.level"].create(
            {"name": "Of C", "company_id": self.c.id, "user_ids": [Command.link(reader.id)]}
        )
        settlement = self._submitted()
        for decide in ("action_approve", "action_reject"):
            with self.assertRefused(settlement.name, "approved on level"):
                getattr(settlement.with_user(reader), decide)()

    def test_a_level_of_the_branch_is_not_needed_by_its_parent(self):
        reader = self._reader()
        self.env["rebate.approval.level"].create(
            {"name": "Of B", "company_id": self.b.id, "user_ids": [Command.link(reader.id)]}
        )
        settlement = self._submitted()
        with self.assertRefused(settlement.name):
            settlement.with_user(reader).action_approve()
        settlement.with_user(self.approver).action_approve()
        self.assertEqual(settlement.state, "approved")

    def test_who_left_the_company_approves_no_more(self):
        settlement = self._submitted()
        self.approver.write({"company_ids": [Command.set(self.b.ids)], "company_id": self.b.id})
        with self.assertNoAccess():
            settlement.with_user(self.approver).action_approve()
