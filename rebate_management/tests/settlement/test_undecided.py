"""A payout that is not decided is no word to give a distributor: who only sells does not see it."""

from odoo.tests import tagged

from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestUndecided(ApprovalCommon):
    def _seen(self, user, settlement):
        self.env.invalidate_all()
        own = self.env["rebate.settlement"].with_user(user)
        lines = self.env["rebate.settlement.line"].with_user(user)
        details = self.env["rebate.settlement.detail"].with_user(user)
        found = {
            bool(own.search([("id", "=", settlement.id)])),
            bool(lines.search([("settlement_id", "=", settlement.id)])),
            bool(details.search([("settlement_line_id", "in", settlement.line_ids.ids)])),
        }
        self.assertEqual(len(found), 1, "the payout without its lines, or the other way round")
        return found.pop()

    def test_a_salesperson_sees_it_when_it_is_approved(self):
        settlement = self._proposed("Customer")
        self.assertFalse(self._seen(self.seller, settlement))
        settlement.action_submit()
        self.assertFalse(self._seen(self.seller, settlement))
        settlement.with_user(self.approver).action_approve()
        self.assertTrue(self._seen(self.seller, settlement))

    def test_who_works_on_payouts_sees_all(self):
        settlement = self._proposed("Customer")
        for user in (self.manager, self.accountant, self.approver):
            self.assertTrue(self._seen(user, settlement), user.name)

    def test_who_is_named_on_the_level_sees_what_waits_for_him(self):
        level = self.default_level
        level.sudo().write({"user_ids": [(4, self.reader.id)]})
        settlement = self._proposed("Customer")
        self.assertFalse(self._seen(self.reader, settlement))
        settlement.action_submit()
        self.assertTrue(self._seen(self.reader, settlement))
        settlement.with_user(self.reader).action_reject("No")
        self.assertTrue(self._seen(self.reader, settlement))
        self.assertFalse(self._seen(self.seller, settlement))

    def test_a_rejected_or_cancelled_one_is_gone(self):
        settlement = self._proposed("Customer")
        settlement.action_cancel()
        self.assertFalse(self._seen(self.seller, settlement))
