"""Who approves a payout, and who may not: nobody what they submitted, nobody two levels."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_kept import ROLE
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApproval(ApprovalCommon):
    def test_whoever_submits_cannot_approve_and_is_told_whom_to_ask(self):
        settlement = self._submitted()
        with self.assertRefused(settlement.name, "nobody approves what they submitted", "second"):
            settlement.action_approve()
        with self.assertRefused("nobody approves what they submitted"):
            settlement.sudo().action_approve()
        self.assertFalse(settlement.can_approve)
        self.assertEqual(settlement.state, "submitted")

    def test_an_administrator_cannot_either(self):
        admin = self.env.ref("base.user_admin")
        admin.company_ids |= self.env.company
        settlement = self._proposed().with_user(admin)
        settlement.action_submit()
        with self.assertRefused("nobody approves what they submitted"):
            settlement.action_approve()

    def test_one_own_among_many_keeps_all_from_being_approved(self):
        both = self._proposed() | self._proposed("Other")
        both[0].action_submit()
        both[1].with_user(self.accountant).action_submit()
        with self.assertRefused(both[0].name):
            both.action_approve()
        self.assertEqual(both.mapped("state"), ["submitted", "submitted"])

    def test_who_is_alone_is_told_to_have_another_named(self):
        self.default_level.write({"group_id": False, "user_ids": [Command.set(self.env.user.ids)]})
        with self.assertRefused("Have an administrator name another approver", "Approval"):
            self._submitted().action_approve()

    def test_whoever_has_no_right_is_told_who_has(self):
        settlement = self._submitted()
        for user in (self.accountant, self.manager):
            with self.assertRefused(settlement.name, "Rebate Approval / Approver"):
                settlement.with_user(user).action_approve()
            with self.assertRefused(settlement.name, "Rebate Approval / Approver"):
                settlement.with_user(user).action_reject("No")

    def test_a_named_approver_needs_no_group(self):
        self.default_level.write({"group_id": False, "user_ids": [Command.set(self.reader.ids)]})
        settlement = self._submitted()
        with self.assertRefused("reader"):
            settlement.with_user(self.approver).action_approve()
        settlement.with_user(self.reader).action_approve()
        self.assertEqual(settlement.state, "approved")
        with self.assertRaises(AccessError):
            settlement.with_user(self.reader).write({"date": "2026-01-01"})

    def test_without_a_level_nothing_is_submitted(self):
        self.default_level.active = False
        settlement = self._proposed()
        with self.assertRefused(
            settlement.name, self.env.company.name, "Configuration › Approval Levels"
        ):
            settlement.action_submit()
        self.assertEqual(settlement.state, "draft")

    def test_each_level_is_approved_by_somebody_else(self):
        self._level("Chief", group_id=self.default_level.group_id.id)
        settlement = self._submitted()
        settlement.with_user(self.approver).action_approve()
        self.assertEqual(settlement.state, "submitted")
        with self.assertRefused("nobody approves two levels", self.second_approver.name):
            settlement.with_user(self.approver).action_approve()
        settlement.with_user(self.second_approver).action_approve()
        self.assertRecordValues(
            settlement.approval_ids,
            [
                {"decision": "submitted", "level_name": False, "user_id": self.env.uid},
                {"decision": "approved", "level_name": "Approval", "user_id": self.approver.id},
                {"decision": "approved", "level_name": "Chief", "user_id": self.second_approver.id},
            ],
        )
        self.assertEqual(settlement.state, "approved")

    def test_rejecting_tells_why(self):
        settlement = self._proposed().with_user(self.accountant)
        settlement.action_submit()
        decision = self._decision(settlement, "reject")
        with self.assertRefused("Comment"):
            decision.action_decide()
        decision.comment = "The return of March is missing."
        decision.action_decide()
        self.assertRecordValues(
            settlement, [{"state": "rejected", "reject_reason": "The return of March is missing."}]
        )
        self.assertIn("return of March", "".join(settlement.message_ids.mapped("body")))
        todo = settlement.sudo().activity_ids
        self.assertEqual(todo.user_id, self.accountant)
        self.assertIn("return of March", todo.note)
        self.assertEqual(settlement.approval_ids[-1].comment, "The return of March is missing.")

    def test_a_comment_is_kept_with_the_approval(self):
        settlement = self._submitted()
        decision = self._decision(settlement, "approve")
        decision.comment = "As agreed with sales."
        decision.action_decide()
        self.assertRecordValues(
            settlement.approval_ids[-1],
            [{"comment": "As agreed with sales.", "amount": 100, "user_id": self.approver.id}],
        )
        self.assertIn("As agreed with sales.", "".join(settlement.message_ids.mapped("body")))

    def _decision(self, settlement, decision):
        return (
            self.env["rebate.settlement.decision"]
            .with_user(self.approver)
            .with_context(active_ids=settlement.ids, rebate_decision=decision)
            .create({})
        )

    # --- the record ---

    def test_nobody_changes_the_record(self):
        settlement = self._submitted()
        settlement.with_user(self.approver).action_approve()
        approval = settlement.approval_ids[-1]
        for env in (self.env, self.env(su=True), self.env(user=self.env.ref("base.user_root"))):
            record = approval.with_env(env).sudo()
            with self.assertRefused("on record", settlement.name):
                record.comment = "Never mind"
            with self.assertRefused("on record", settlement.name):
                record.unlink()
            with self.assertRefused("on record, not typed"):
                record.create(
                    {
                        "settlement_id": settlement.id,
                        "company_id": self.env.company.id,
                        "currency_id": self.usd.id,
                        "decision": "approved",
                        "user_id": self.second_approver.id,
                    }
                )
        settlement.action_cancel()
        with self.assertRefused("on record"):
            settlement.unlink()

    def test_nobody_writes_past_the_buttons(self):
        settlement = self._proposed()
        for name, value in (
            ("state", "approved"),
            ("state", "posted"),
            ("submitted_by_id", self.second_approver.id),
            ("approval_level_id", self.default_level.id),
        ):
            with self.subTest(name), self.assertRefused(settlement.name, "follows from"):
                settlement[name] = value
        with self.assertRefused("written by its run"):
            settlement.copy({"state": "approved"})
        settlement.action_submit()
        with self.assertRefused(settlement.name, "frozen"):
            settlement.line_ids.amount = 1000
        with self.assertRefused(settlement.name, "frozen"):
            settlement.line_ids.cause = "Because"
        with self.assertRefused(settlement.name, "frozen"):
            settlement.line_ids.unlink()
        with self.assertRefused(settlement.name, "Partner"):
            settlement.partner_id = self.env.user.partner_id

    def test_a_level_that_approved_is_archived_not_deleted(self):
        self._submitted().with_user(self.approver).action_approve()
        with self.assertRefused("Approval", "Archive"):
            self.default_level.unlink()

    # --- rights ---

    def test_who_reads_and_who_sets_up(self):
        settlement = self._submitted()
        for user in (self.reader, self.manager, self.accountant, self.approver):
            for name in ("rebate.approval", "rebate.approval.level"):
                model = self.env[name].with_user(user)
                self.assertTrue(model.has_access("read"))
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(model.has_access(operation), (user.login, name))
            self.assertEqual(settlement.approval_ids.with_user(user).decision, "submitted")
        security = self._user("security", "base.group_erp_manager")
        self.assertTrue(self.env["rebate.approval.level"].with_user(security).has_access("write"))
        with self.assertRaises(UserError):
            settlement.with_user(self.reader).action_submit()

    def test_a_stranger_neither_reads_nor_approves(self):
        settlement = self._submitted()
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", ROLE + "approver", companies=other)
        foreign = settlement.with_user(stranger)
        self.assertFalse(foreign.search_count([]))
        self.assertFalse(self.env["rebate.approval"].with_user(stranger).search_count([]))
        with self.assertRaises(AccessError):
            foreign.action_approve()
        self.assertNotIn(stranger, settlement.approver_ids)
        self.assertNotIn(stranger, settlement.activity_ids.user_id)
