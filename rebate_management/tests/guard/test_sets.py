"""Every action works on a set: a record that a client names twice is acted on once."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestSets(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._program((0, 10))
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)

    @staticmethod
    def _twice(record):
        """As a client names it: ``browse([2, 2])``."""
        return record.browse([record.id, record.id])

    def test_a_settlement_named_twice_is_paid_once(self):
        settlement = self._settle(post=False)
        self._twice(settlement).action_submit()
        self.assertEqual(settlement.approval_ids.mapped("decision"), ["submitted"])
        asked = settlement.sudo().activity_ids.user_id
        self.assertEqual(len(settlement.sudo().activity_ids), len(asked))
        self._twice(settlement.with_user(self.approver)).action_approve()
        self.assertEqual(settlement.approval_ids.mapped("decision"), ["submitted", "approved"])
        self._twice(settlement).action_post()
        self.assertEqual(settlement.move_ids.mapped("amount_total"), [100])
        self.assertEqual(settlement.line_ids.accrual_id.settled_amount, 100)
        self._twice(settlement).action_cancel()
        self.assertEqual(len(settlement.move_ids), 2)
        self.assertEqual(sum(settlement.move_ids.mapped("amount_total_signed")), 0)

    def test_a_settlement_named_twice_is_rejected_once(self):
        settlement = self._settle(post=False)
        settlement.action_submit()
        self._twice(settlement.with_user(self.approver)).action_reject("No")
        self.assertEqual(settlement.approval_ids.mapped("decision"), ["submitted", "rejected"])

    def test_a_run_begun_twice_proposes_once(self):
        run = self.env["rebate.settlement.run"].create({"date_to": "2025-12-31"})
        self.assertEqual(self._twice(run).action_run().mapped("amount_total"), [100])
        self.assertFalse(run.action_run())

    def test_an_agreement_named_twice_is_enrolled_and_ended_once(self):
        agreement = self._enrol(self.program, self._company("Other"), activate=False)
        self._twice(agreement).action_activate()
        self.assertEqual(len(agreement.accrual_ids), 2)
        self._twice(agreement).action_end()
        self.assertEqual(agreement.state, "ended")

    def test_a_program_named_twice_is_amended_once(self):
        self._twice(self.program).action_amend()
        self.assertEqual(len(self.program.amendment_ids), 1)
        program = self._program((0, 10), activate=False)
        self._twice(program).action_activate()
        self._twice(program).action_close()
        self.assertEqual(program.state, "closed")

    def test_a_claim_named_twice_is_recorded_once(self):
        agreement = self._enrol(self._program((0, 10), claim_required=True))
        accrual = self._accrual(agreement)
        before = len(agreement.message_ids)
        self._twice(accrual).action_claim()
        self.assertEqual(len(agreement.message_ids), before + 1)
        self._twice(accrual).action_withdraw_claim()
        self.assertEqual(len(agreement.message_ids), before + 2)
