"""Whoever is to approve has it on their list, is reminded once a day, and nobody else is asked."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalActivity(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default_level.write({"group_id": False, "user_ids": [Command.set(cls.approver.ids)]})
        cls.chief = cls._level(
            "Chief", amount_from=500, user_ids=(cls.second_approver + cls.env.user).ids
        )

    def _asked(self, settlement):
        return settlement.activity_ids.user_id

    def test_the_next_level_is_asked_and_what_is_done_is_done(self):
        settlement = self._submitted(amount=5000)
        activity = settlement.activity_ids
        self.assertEqual(activity.user_id, self.approver)
        self.assertIn("Approval", activity.summary)
        self.assertIn(
            settlement,
            self.env["rebate.settlement"]
            .with_user(self.approver)
            .search([("activity_user_id", "=", self.approver.id)]),
        )
        settlement.with_user(self.approver).action_approve("Fine")
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, "Fine")
        # Who submitted it is not asked, although the level names them.
        self.assertEqual(self._asked(settlement), self.second_approver)
        settlement.with_user(self.second_approver).action_approve()
        self.assertFalse(self._asked(settlement))

    def test_of_several_approvers_the_others_are_asked_no_more(self):
        self.default_level.user_ids |= self.second_approver
        settlement = self._submitted()
        self.assertEqual(self._asked(settlement), self.approver | self.second_approver)
        settlement.with_user(self.second_approver).action_approve()
        self.assertFalse(self._asked(settlement))

    def test_a_cancelled_settlement_asks_nobody(self):
        settlement = self._submitted()
        settlement.action_cancel()
        self.assertFalse(self._asked(settlement))

    def test_a_change_of_approvers_reaches_what_waits(self):
        settlement = self._submitted()
        self.default_level.user_ids = self.second_approver
        self.env["rebate.settlement"]._cron_remind()
        self.assertEqual(self._asked(settlement), self.second_approver)
        settlement.with_user(self.second_approver).action_approve()
        self.assertEqual(settlement.state, "approved")

    def _reminders(self):
        return (
            self.env["mail.message"]
            .search([("partner_ids", "in", self.approver.partner_id.ids)], order="id")
            .filtered(lambda message: "wait for your approval" in (message.subject or ""))
        )

    def test_what_waits_too_long_is_recalled_once_a_day_in_one_message(self):
        settlements = self._submitted() | self._submitted("Other")
        remind = self.env["rebate.settlement"]._cron_remind
        for day, count in (
            ("2026-04-02", 0),
            ("2026-04-03", 1),
            ("2026-04-03", 1),
            ("2026-04-04", 2),
        ):
            with freeze_time(day):
                remind()
            self.assertEqual(len(self._reminders()), count, day)
        for settlement in settlements:
            self.assertIn(settlement.name, self._reminders()[0].body)
            self.assertIn(f"res_id={settlement.id}", self._reminders()[0].body)
        self.assertIn("100.00", self._reminders()[0].body)

    def test_each_level_waits_anew_and_may_recall_nobody(self):
        self.chief.reminder_days = 0
        settlement = self._submitted(amount=5000)
        with freeze_time("2026-04-02"):
            settlement.with_user(self.approver).action_approve()
        with freeze_time("2026-05-02"):
            self.env["rebate.settlement"]._cron_remind()
        self.assertFalse(
            self.env["mail.message"].search(
                [
                    ("partner_ids", "in", self.second_approver.partner_id.ids),
                    ("subject", "ilike", "wait for your approval"),
                ]
            )
        )

    def test_many_are_submitted_and_approved_in_few_statements(self):
        partners = [self._company(f"Customer {n}") for n in range(24)]
        for partner in partners:
            self._enrol(self.program, partner)
            self._invoice(1000, partner=partner)
        settlements = self._settle(post=False)
        self.assertEqual(len(settlements), 24)

        def submit(records):
            records.action_submit()

        def approve(records):
            records.with_user(self.approver).action_approve()

        for method in (submit, approve):
            self._statements(method, settlements[:2])
            few = self._statements(method, settlements[2:6])
            many = self._statements(method, settlements[6:])
            with self.subTest(method.__name__):
                self.assertLessEqual((many - few) / (18 - 4), 3)
        self.assertEqual(set(settlements.mapped("state")), {"approved"})
