"""The life of an agreement: what its buttons allow, and what nobody may do."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestAgreementLife(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10), period_type="quarter")
        cls.other = cls._company("Other")

    def test_the_status_is_not_written_by_hand(self):
        agreement = self._enrol(self.program, activate=False)
        for env in (self.env, self.env(su=True)):
            with self.assertRefused("Status", "Activate", "Back to Draft"):
                agreement.with_env(env).state = "active"
        with self.assertRefused("Status"):
            self._enrol(self.program, self.other, activate=False, state="active")
        born = self.env["rebate.agreement"].with_context(default_state="ended")
        born = born.create({"program_id": self.program.id, "partner_id": self.other.id})
        self.assertEqual(born.state, "draft")
        born.unlink()
        with self.assertRefused("Status"):
            self.program.agreement_ids = [
                Command.create({"partner_id": self.other.id, "state": "active"})
            ]
        agreement.action_activate()
        for state in ("draft", "ended"):
            with self.assertRefused("Status"):
                agreement.state = state

    def test_there_is_no_way_back_once_something_was_earned(self):
        agreement = self._enrol(self.program)
        self._invoice(1000, "2025-02-01")
        with self.assertRefused("Bonus", "Distributor", "cannot go back to draft"):
            agreement.action_reset()
        self.assertEqual(agreement.state, "active")

    def test_there_is_no_way_back_once_something_was_paid(self):
        agreement = self._enrol(self.program)
        move = self._invoice(1000, "2025-02-01")
        self._settle("2025-03-31")
        move.button_draft()
        move.button_cancel()
        with self.assertRefused("cannot go back to draft"):
            agreement.action_reset()

    def test_a_mistake_is_taken_back_and_stays_with_its_distributor(self):
        agreement = self._enrol(self.program)
        agreement.action_reset()
        self.assertEqual((agreement.state, len(agreement.accrual_ids)), ("draft", 0))
        for vals in ({"partner_id": self.other.id}, {"program_id": self._program((0, 1)).id}):
            with self.assertRefused("cannot change once it has been active"):
                agreement.write(vals)
        agreement.action_activate()
        agreement.action_reset()
        agreement.unlink()

    def test_what_was_active_is_not_deleted(self):
        agreement = self._enrol(self.program)
        self._invoice(1000, "2025-02-01")
        self._settle("2025-03-31")
        with self.assertRefused("part of the record"):
            agreement.unlink()
        agreement.action_end()
        with self.assertRaises(UserError):
            agreement.unlink()

    def test_only_in_an_active_program(self):
        draft = self._program((0, 10), activate=False)
        with self.assertRefused("not active", "Distributor"):
            self._enrol(draft)

    def test_a_draft_is_not_ended(self):
        with self.assertRefused("draft", "nothing to end"):
            self._enrol(self.program, activate=False).action_end()

    def test_a_customer_who_became_a_contact_is_not_enrolled(self):
        agreement = self._enrol(self.program, activate=False)
        self.distributor.write({"is_company": False, "parent_id": self.other.id})
        with self.assertRefused("is a contact of Other"):
            agreement.action_activate()

    # --- ended and enrolled anew ---

    def _open(self, agreements):
        agreements.action_refresh()
        return sum(agreements.accrual_ids.mapped("open_amount"))

    def test_days_paid_by_an_agreement_that_is_ended_before_are_not_paid_again(self):
        first = self._enrol(self.program)
        self._invoice(1000, "2025-02-01")
        self._invoice(500, "2025-03-01")
        self._settle("2025-03-31")
        first.date_end = "2025-02-15"
        first.action_end()
        second = self._enrol(self.program, date_start="2025-02-16")
        self.assertEqual(self._open(first), -50)
        self.assertEqual(self._open(second), 50)
        lines = [
            set(self.env["rebate.measure"]._line_ids(a.accrual_ids._windows()))
            for a in (first, second)
        ]
        self.assertFalse(lines[0] & lines[1])
        self.assertEqual(sum(self._settle("2025-03-31").mapped("amount_total")), 0)
        self.assertEqual(self._open(first), 0)
        self._invoice(300, "2025-05-01")
        self.assertEqual(self._settle("2025-06-30").mapped("amount_total"), [30])
        self.assertEqual(self._open(first | second), 0)

    def test_days_paid_to_one_payee_are_not_paid_to_another(self):
        first = self._enrol(self.program)
        self._invoice(1000, "2025-02-01")
        settlement = self._settle("2025-03-31")
        first.date_end = "2025-01-31"
        second = self._enrol(
            self.program,
            date_start="2025-02-01",
            payout_partner_id=self.other.id,
            activate=False,
        )
        words = ("Distributor", "Bonus", "03/31/2025", settlement.name)
        with self.assertRefused(*words):
            second.action_activate()
        second.date_start = "2025-04-01"
        second.action_activate()
        with self.assertRefused(*words):
            second.date_start = "2025-03-01"
        second.payout_partner_id = False
        second.date_start = "2025-03-01"
        with self.assertRefused(*words):
            second.payout_partner_id = self.other
