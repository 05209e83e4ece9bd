"""What an amendment changes beside what is earned: deadlines, payouts, periods, each with its
amount."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...tools.trust import trusted
from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestAmendmentConsequences(AmendmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # By quarters, 10 % of everything; today is the last day of March 2026.
        cls.program = cls._program((0, 10), period_type="quarter", settlement_period="quarter")
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000, "2025-05-10")
        cls._invoice(2000, "2025-11-10")
        cls.program.action_refresh()

    def _preview(self, **vals):
        """The consequences of an amendment of some terms, by code."""
        draft = self._draft(self.program)
        draft.write(vals)
        draft.action_preview_amendment()
        amendment = self.env["rebate.amendment"].search([("draft_id", "=", draft.id)])
        self.amendment = amendment
        return {row["code"]: (row["periods"], row["amount"]) for row in amendment.consequences}

    def test_what_falls_past_a_new_deadline_is_named(self):
        found = self._preview(claim_required=True, claim_deadline_days=30)
        self.assertEqual(self.amendment.difference, 0)
        # The second quarter and the fourth of 2025, 30 days after which are over.
        self.assertEqual(found["expires_soon"], (2, 300))
        self.assertEqual(found["agreements"], (1, 0))
        self.assertIn("Past the new deadline for claims", self.amendment.consequences_table)
        self.assertIn("300.00", self.amendment.consequences_table)

    def test_who_was_reminded_loses_it_at_once(self):
        trusted(self.agreement.accrual_ids.sudo()).claim_warned = 7
        found = self._preview(claim_required=True, claim_deadline_days=30)
        self.assertEqual(found["expires"], (2, 300))

    def test_what_can_still_be_claimed_is_told_apart(self):
        found = self._preview(claim_required=True, claim_deadline_days=120)
        # Until the end of April 2026: the fourth quarter only.
        self.assertEqual(found["to_be_claimed"], (1, 200))
        self.assertEqual(found["expires_soon"], (1, 100))

    def test_claims_given_up_free_what_was_to_be_claimed(self):
        draft = self._draft(self.program)
        draft.write({"claim_required": True, "claim_deadline_days": 120})
        self._apply(draft)
        found = self._preview(claim_required=False)
        self.assertEqual(found["free_of_claim"], (2, 300))
        found = self._preview(claim_required=True, claim_deadline_days=400)
        self.assertEqual(found["later"], (1, 200))
        self.assertEqual(found["claimable_again"], (1, 100))

    def test_a_later_payout_is_told(self):
        found = self._preview(payout_delay_days=45)
        self.assertEqual(found["due_later"], (2, 300))
        self.assertIn("first by", self.amendment.consequences_table)

    def test_a_smallest_payout_carries_over(self):
        found = self._preview(min_payout=150)
        self.assertEqual(found["too_little"], (1, 100))

    def test_periods_that_are_cut_anew_are_told(self):
        found = self._preview(period_type="year", settlement_period="quarter")
        # Two years instead of five quarters.
        self.assertIn("gone_periods", found)
        self.assertTrue({"recut", "new_periods"} & found.keys())

    def test_who_earns_more_and_who_less(self):
        draft = self._draft(self.program, self._rate(0, 5))
        draft.action_preview_amendment()
        amendment = self.env["rebate.amendment"].search([("draft_id", "=", draft.id)])
        [less] = [row for row in amendment.consequences if row["code"] == "less"]
        self.assertEqual((less["periods"], less["amount"]), (2, -150))

    def test_it_is_asked_only_once_it_can_be_applied(self):
        self._preview(payout_delay_days=45)
        with self.assertRaisesRegex(UserError, "has no reason"):
            self.amendment.action_ask_apply()
        self.amendment.reason = "Agreed"
        asked = self.amendment.action_ask_apply()
        self.assertIn("Paid later than before", asked["params"]["body"])
        self.assertEqual(self.amendment.state, "draft")
        self.assertIs(self.amendment.action_apply(), True)
        self.assertEqual(self.amendment.state, "applied")
        self.assertEqual(self.amendment.consequences[0]["code"], "due_later")

    def test_what_was_open_is_replaced_where_one_came_from_the_program(self):
        draft = self.program.browse(self.program.action_amend()["res_id"])
        self.assertTrue(self.program.action_amend()["context"]["rebate_in_place"])
        draft.write({"payout_delay_days": 1})
        action = draft.with_context(rebate_in_place=True).action_preview_amendment()
        self.assertEqual(action["tag"], "rebate_open_in_place")
        self.assertEqual(draft.action_preview_amendment()["res_model"], "rebate.amendment")
        action = draft.with_context(rebate_in_place=True).action_discard_amendment()
        self.assertEqual(action["tag"], "rebate_leave")
