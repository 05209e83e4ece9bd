"""An approver sees what waits for him, and nothing else: in the menu, and under the clock."""

from odoo import Command, fields
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestToApprove(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default_level.write({"group_id": False, "user_ids": [Command.set(cls.approver.ids)]})
        cls.chief = cls._level("Chief", amount_from=500, user_ids=cls.second_approver.ids)

    def _waiting(self, user):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_to_approve_action"
        )
        domain = [("can_approve", "=", True)]
        self.assertEqual(action["domain"].replace('"', "'"), str(domain))
        return self.env["rebate.settlement"].with_user(user).search(domain)

    def test_what_waits_is_due_today_whatever_the_days_of_the_reminder(self):
        self.default_level.reminder_days = 9
        settlement = self._submitted()
        activity = settlement.activity_ids
        self.assertEqual(activity.date_deadline, fields.Date.today())
        self.assertEqual(activity.with_user(self.approver).read(["state"])[0]["state"], "today")

    def test_the_clock_counts_it_as_today_and_opens_it_alone(self):
        settlement = self._submitted()
        self._proposed("Other")
        groups = self.env["res.users"].with_user(self.approver)._get_activity_groups()
        group = next(group for group in groups if group["model"] == "rebate.settlement")
        self.assertEqual((group["today_count"], group["total_count"]), (1, 1))
        view = self.env["rebate.settlement"].get_view(view_type="search")["arch"]
        for name in ("filter_activities_my", "activities_today", "activities_overdue"):
            self.assertIn(f'name="{name}"', view)
        mine = (
            self.env["rebate.settlement"]
            .with_user(self.approver)
            .search(
                [
                    ("activity_user_id", "=", self.approver.id),
                    ("my_activity_date_deadline", "=", fields.Date.today()),
                ]
            )
        )
        self.assertEqual(mine, settlement)

    def test_the_menu_lists_what_the_user_may_approve_now(self):
        small, great = self._submitted("Small"), self._submitted("Great", amount=9000)
        self._proposed("Draft")
        self.assertEqual(self._waiting(self.approver), small | great)
        self.assertFalse(self._waiting(self.second_approver))
        great.with_user(self.approver).action_approve()
        self.assertEqual(self._waiting(self.approver), small)
        self.assertEqual(self._waiting(self.second_approver), great)
        # Who proposed and submitted it approves nothing of it.
        self.assertFalse(self._waiting(self.env.user))
        nobody = (
            self.env["rebate.settlement"]
            .with_user(self.second_approver)
            .search([("can_approve", "=", False)])
        )
        self.assertNotIn(great, nobody)
        self.assertIn(small, nobody)

    def test_it_lists_them_though_an_activity_was_taken_away(self):
        settlement = self._submitted()
        settlement.activity_ids.sudo().unlink()
        self.assertEqual(self._waiting(self.approver), settlement)

    def test_only_approvers_have_the_menu(self):
        menu = self.env.ref("rebate_management.rebate_to_approve_menu")
        self.assertEqual(menu.group_ids, self.env.ref("rebate_management.group_rebate_approver"))
