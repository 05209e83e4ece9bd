"""What an amendment may not do, and what its draft is not: each refusal says what to do."""

from odoo import Command
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common_amendment import AmendmentCommon


@tagged("post_install", "-at_install")
class TestAmendmentRefusals(AmendmentCommon):
    def setUp(self):
        super().setUp()
        self.program = self._program((0, 5), (10000, 6))
        self.agreement = self._enrol(self.program)
        self._invoice(12000)

    def test_a_reason_is_needed(self):
        draft = self._draft(self.program, self._rate(0, 1))
        draft.action_preview_amendment()
        amendment = self.program.amendment_ids
        for reason in (False, "", " \n"):
            amendment.reason = reason
            with self.assertRefused("Bonus", "no reason"):
                amendment.action_apply()

    def test_a_preview_of_these_very_terms_is_needed(self):
        draft = self._draft(self.program, self._rate(0, 1))
        amendment = self.program.amendment_ids
        amendment.reason = "Because"
        with self.assertRefused("Bonus", "Preview"):
            amendment.action_apply()
        draft.action_preview_amendment()
        self._tier(draft.rule_ids, 0).rate = 2
        with self.assertRefused("Bonus", "Preview"):
            amendment.action_apply()
        amendment.invalidate_recordset(["is_previewed"])
        self.assertFalse(amendment.is_previewed)
        amendment.action_preview()
        amendment.action_apply()
        self.assertEqual(self._tier(self.program.rule_ids, 0).rate, 2)

    def test_an_amendment_that_changes_nothing(self):
        draft = self._draft(self.program)
        with self.assertRefused("changes nothing"):
            draft.action_preview_amendment()

    def test_terms_that_are_incomplete(self):
        draft = self._draft(self.program)
        draft.rule_ids.unlink()
        with self.assertRefused("Bonus", "no rule"):
            draft.action_preview_amendment()

    def test_terms_that_contradict_each_other(self):
        draft = self._draft(self.program, self._rate(0, 1))
        group = self.env["rebate.stacking.group"].create({"name": "Group", "method": "best"})
        self._program((0, 1), name="Monthly", period_type="month", stacking_group_id=group.id)
        draft.stacking_group_id = group
        with self.assertRefused("Group", "one period"):
            draft.action_preview_amendment()
        self.assertFalse(self.program.stacking_group_id)

    def test_company_and_currency_stay(self):
        self.eur.active = True
        draft = self._draft(self.program)
        draft.currency_id = self.eur
        with self.assertRefused("Bonus", "Currency", "USD"):
            draft.action_preview_amendment()

    def test_paid_periods_stay_and_the_preview_shows_those_that_follow(self):
        self._settle()
        draft = self._draft(self.program)
        draft.period_type = "quarter"
        draft.action_preview_amendment()
        amendment = self.env["rebate.amendment"].search([("draft_id", "=", draft.id)])
        self.assertIn("2025", amendment.line_ids.mapped("period"))
        self.assertIn("Q1 2026", amendment.line_ids.mapped("period"))
        self.assertNotIn("Q1 2025", amendment.line_ids.mapped("period"))

    def test_a_closed_program_keeps_its_last_day(self):
        self.program.action_close()
        draft = self._draft(self.program, self._rate(10000, 7))
        draft.date_end = "2027-12-31"
        with self.assertRefused("Bonus", "Until", "03/31/2026"):
            draft.action_preview_amendment()
        draft.date_end = self.program.date_end
        self._apply(draft)
        self.assertEqual(self._accrual(self.agreement).earned_amount, 840)
        self.assertEqual(self.program.state, "closed")

    def test_a_program_that_changed_meanwhile(self):
        draft = self._draft(self.program, self._rate(0, 1))
        draft.action_preview_amendment()
        amendment = self.program.amendment_ids
        amendment.reason = "Because"
        self.program.action_close()
        with self.assertRefused("Bonus", "changed since", "Discard"):
            amendment.action_apply()
        draft.action_discard_amendment()
        self._amend(self.program, self._rate(0, 1))

    def test_renaming_is_no_change_of_terms(self):
        draft = self._draft(self.program, self._rate(10000, 7))
        self.program.name = "Renamed"
        self._apply(draft)
        self.assertEqual(self.program.name, "Renamed")

    def test_an_amendment_is_applied_once(self):
        amendment = self._amend(self.program, self._rate(10000, 7))
        for call in (amendment.action_apply, amendment.action_preview):
            with self.assertRefused("Amendment 1 of Bonus", "is applied"):
                call()

    def test_a_draft_needs_no_amendment(self):
        draft = self._program((0, 1), name="Free", activate=False)
        with self.assertRefused("Free", "directly"):
            draft.action_amend()
        with self.assertRefused("Free", "Amend"):
            draft.action_preview_amendment()

    def test_the_draft_of_an_amendment_is_no_program(self):
        draft = self._draft(self.program, self._rate(0, 1))
        for name, call in {
            "activated": draft.action_activate,
            "put into use": lambda: draft.write({"active": True}),
            "amended": draft.action_amend,
            "deleted": draft.unlink,
            "enrolled in": lambda: self._enrol(draft, activate=False),
            "enrolled in later": lambda: self._enrol(self._program((0, 1)), activate=False).write(
                {"program_id": draft.id}
            ),
        }.items():
            with self.subTest(name), self.assertRefused("Bonus", "discard"):
                call()
        with self.assertRefused("buttons"):
            draft.write({"amends_id": False})
        with self.assertRefused("buttons"):
            self._program((0, 1), name="Hidden", activate=False).amends_id = self.program

    def test_the_draft_of_an_amendment_shows_nowhere(self):
        draft = self._draft(self.program)
        programs = self.env["rebate.program"]
        self.assertEqual(draft.name, "Bonus")
        self.assertNotIn(draft, programs.search([]))
        self.assertNotIn(draft.id, [found for found, _name in programs.name_search("Bonus")])
        action = self.env.ref("rebate_management.rebate_program_action")
        archived = "[('active', '=', False), ('amends_id', '=', False)]"
        self.assertIn(archived, self.env.ref("rebate_management.rebate_program_view_search").arch)
        self.assertNotIn(
            draft,
            programs.with_context(active_test=False).search(Domain(safe_eval(action.domain))),
        )
        self.assertEqual(self.agreement.program_id, self.program)
        draft.rule_ids.tier_ids = [Command.create({"threshold": 1, "rate": 99})]
        self.agreement.action_refresh()
        self.assertEqual(self._accrual(self.agreement).earned_amount, 720)
        self.assertEqual(self._settle(post=False).amount_total, 720)
