"""What an agreement takes in when it begins is shown before; what it leaves out is hinted at."""

from odoo.tests import Form, tagged

from ..common import RebateCommon
from ..common_company import CompanyCommon


@tagged("post_install", "-at_install")
class TestActivation(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10), claim_required=True, claim_deadline_days=30)
        cls._invoice(5000, "2025-05-05")
        cls._invoice(700, "2026-02-02")

    def test_periods_that_are_over_are_shown_before(self):
        draft = self._enrol(self.program, activate=False)
        self.assertTrue(draft.takes_in_past)
        action = draft.action_ask_activation()
        self.assertEqual(action["res_model"], "rebate.activation")
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.accrual_ids)
        wizard = self.env["rebate.activation"].browse(action["res_id"])
        self.assertRecordValues(
            wizard.line_ids,
            [
                {"period": "2025", "purchases_amount": 5000, "earned_amount": 500},
                {"period": "2026", "purchases_amount": 700, "earned_amount": 70},
            ],
        )
        self.assertIn("01/30/2026", wizard.line_ids[0].note)
        self.assertRecordValues(wizard, [{"earned_amount": 570, "past_amount": 500}])
        self.assertIn("500.00", self._plain(wizard.hint))
        wizard.action_activate()
        self.assertEqual(draft.state, "active")
        self.assertEqual(draft.accrual_ids.mapped("earned_amount"), [70, 500])

    def test_otherwise_it_stays_one_click(self):
        for vals in (
            {"date_start": "2026-01-01"},
            {"partner_id": self._company("New").id},
        ):
            with self.subTest(vals):
                draft = self.env["rebate.agreement"].create(
                    {"program_id": self.program.id, "partner_id": self.distributor.id, **vals}
                )
                self.assertEqual(draft.takes_in_past, "date_start" not in vals)
                self.assertIs(draft.action_ask_activation(), True)
                self.assertEqual(draft.state, "active")

    def test_activating_by_a_call_asks_nothing(self):
        draft = self._enrol(self.program, activate=False)
        self.assertIs(draft.action_activate(), True)
        self.assertEqual(draft.state, "active")

    def test_several_at_once(self):
        other = self._company("Other")
        self._invoice(1000, "2025-05-05", other)
        drafts = self._enrol(self.program, activate=False) | self._enrol(
            self.program, other, activate=False
        )
        action = drafts.action_ask_activation()
        wizard = self.env["rebate.activation"].browse(action["res_id"])
        self.assertEqual(wizard.past_amount, 600)
        wizard.action_activate()
        self.assertEqual(set(drafts.mapped("state")), {"active"})

    def test_from_the_list_drafts_are_activated_and_others_left(self):
        active = self._enrol(self.program, self._company("Active"), date_start="2026-01-01")
        draft = self._enrol(
            self.program, self._company("Draft"), date_start="2026-01-01", activate=False
        )
        action = self.env.ref("rebate_management.rebate_agreement_action_activate")
        context = {"active_model": "rebate.agreement", "active_ids": (active | draft).ids}
        self.assertFalse(action.with_user(self.manager).with_context(**context).run())
        self.assertEqual(draft.state, "active")

    def test_a_program_that_is_not_active_is_refused_as_ever(self):
        draft = self._enrol(self._program((0, 1), activate=False), activate=False)
        with self.assertRefused("not active"):
            draft.action_ask_activation()

    def test_a_program_with_distributors_asks_too(self):
        agreement = self._enrol(self._program((0, 5)), self._company("Empty"))
        program = agreement.program_id
        self.assertFalse(program.activates_agreements)
        program.action_reset()
        self._invoice(100, "2025-05-05", agreement.partner_id)
        self.assertTrue(program.activates_agreements)
        action = program.action_ask_activation()
        wizard = self.env["rebate.activation"].browse(action["res_id"])
        self.assertEqual(wizard.past_amount, 5)
        wizard.action_activate()
        self.assertEqual(program.state, "active")
        self.assertEqual(agreement.earned_amount, 5)


@tagged("post_install", "-at_install")
class TestReset(RebateCommon):
    def test_back_to_draft_is_offered_where_it_is_accepted(self):
        program = self._program((0, 10))
        agreement = self._enrol(program)
        self.assertTrue(agreement.can_reset)
        self.assertTrue(program.can_reset)
        self._invoice(100)
        agreement.action_refresh()
        (agreement | program.agreement_ids).invalidate_recordset()
        program.invalidate_recordset()
        self.assertFalse(agreement.can_reset)
        self.assertFalse(program.can_reset)
        with self.assertRefused("cannot go back to draft"):
            agreement.action_reset()
        with self.assertRefused("cannot go back to draft"):
            program.action_reset()

    def test_a_draft_has_nowhere_to_go_back_to(self):
        program = self._program((0, 10), activate=False)
        self.assertFalse(program.can_reset)
        self.assertFalse(self._enrol(program, activate=False).can_reset)

    def test_a_new_agreement_has_no_name_that_ends_in_a_dash(self):
        self.assertFalse(self.env["rebate.agreement"].new({}).display_name)
        program = self._program((0, 10))
        new = self.env["rebate.agreement"].new({"program_id": program.id})
        self.assertFalse(new.display_name)
        self.assertEqual(self._enrol(program).display_name, "Bonus – Distributor")


@tagged("post_install", "-at_install")
class TestSubsidiariesHint(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.below = cls._company("Below", parent_id=cls.distributor.id)
        cls.program = cls._program((0, 10), date_start="2026-01-01")
        cls._invoice(400, "2026-02-02")
        cls._invoice(65000, "2026-02-02", cls.below)

    def test_what_is_not_counted_is_told_and_counted_by_one_click(self):
        draft = self._enrol(self.program, activate=False)
        self.assertEqual(draft.not_counted_amount, 65000)
        self.assertIn("65,000.00", self._plain(draft.not_counted_hint))
        draft.action_include_children()
        self.assertFalse(draft.not_counted_hint)
        draft.action_activate()
        self.assertEqual(draft.earned_amount, 6540)

    def test_of_a_running_agreement_too(self):
        self.assertEqual(self._enrol(self.program).not_counted_amount, 65000)

    def test_what_a_nearer_agreement_counts_is_none_of_it(self):
        self._enrol(self.program, self.below)
        self.assertFalse(self._enrol(self.program).not_counted_hint)

    def test_nothing_is_told_where_there_is_nothing(self):
        self.assertFalse(self._enrol(self.program, self._company("Alone")).not_counted_hint)
        self.assertFalse(
            self._enrol(self.program, include_children=True, activate=False).not_counted_hint
        )

    def test_in_the_form_it_goes_as_soon_as_the_box_is_ticked(self):
        draft = self._enrol(self.program, activate=False)
        with Form(draft) as form:
            self.assertTrue(form.not_counted_hint)
            form.include_children = True
            self.assertFalse(form.not_counted_hint)

    def test_many_are_as_few_statements(self):
        def read(agreements):
            return self._statements(agreements.mapped, "not_counted_hint")

        read(self._drafts(1))
        self.assertAlmostEqual(read(self._drafts(2)), read(self._drafts(20)), delta=3)

    def _drafts(self, count):
        partners = self.env["res.partner"].create(
            [{"name": f"{count} {place}", "is_company": True} for place in range(count)]
        )
        below = self.env["res.partner"].create(
            [
                {"name": f"below {partner.name}", "is_company": True, "parent_id": partner.id}
                for partner in partners
            ]
        )
        self._invoice(10, "2026-02-02", below[0])
        return self.env["rebate.agreement"].create(
            [{"program_id": self.program.id, "partner_id": partner.id} for partner in partners]
        )


@tagged("post_install", "-at_install")
class TestActivationAccess(CompanyCommon):
    def test_only_a_manager_of_the_company_is_asked(self):
        draft = self._enrol(self.program, self._company("Draft"), activate=False)
        for user in (
            *(self.reader, self.seller, self.accountant, self.approver),
            *(self.of_b["manager"], self.of_c["manager"]),
        ):
            own = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
            for name in ("action_ask_activation", "action_include_children"):
                with self.subTest(user.login, name=name), self.assertNoAccess():
                    getattr(draft.with_env(own), name)()
            with self.subTest(user.login), self.assertNoAccess():
                self.program.with_env(own).action_ask_activation()
        self.assertTrue(draft.with_user(self.manager).action_ask_activation())
