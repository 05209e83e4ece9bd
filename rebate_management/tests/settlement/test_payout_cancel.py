"""Paid, unpaid, taken back: what becomes of a settlement after it was posted."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPayoutCancel(RebateCommon):
    def _paid(self, **vals):
        self._enrol(self._program((0, 10), **vals))
        self._invoice(1000)
        settlement = self._settle()
        return settlement, self._pay(settlement.move_ids, self.today)

    # ------------------------------------------------------------------
    # Paid
    # ------------------------------------------------------------------

    def test_a_settlement_is_paid_when_its_credit_note_is(self):
        settlement, payments = self._paid()
        accrual = settlement.line_ids.accrual_id
        self.assertEqual((settlement.state, settlement.line_ids.state), ("paid", "paid"))
        self.assertEqual((accrual.settled_amount, accrual.state), (100, "settled"))
        self.assertFalse(self._settle(), "what is paid is not proposed again")
        payments.move_id.line_ids.remove_move_reconcile()
        self.assertEqual((settlement.state, settlement.line_ids.state), ("posted", "posted"))
        self.assertEqual(accrual.settled_amount, 100)

    def test_a_vendor_bill_is_paid_too(self):
        settlement, _payments = self._paid(payout_method="vendor_bill")
        self.assertEqual(settlement.state, "paid")

    def test_a_part_is_not_all(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        self._pay(settlement.move_ids, day=self.today, amount=99)
        self.assertEqual(settlement.state, "posted")

    def test_an_invoice_back_is_paid_when_it_was_offset(self):
        self._enrol(self._program((0, 10), clawback_policy="invoice"))
        self._invoice(1000)
        self._settle()
        self._invoice(300, refund=True)
        back = self._settle()
        self.assertEqual((back.amount_total, back.state), (-30, "posted"))
        returned = self._invoice(30, "2026-03-01", refund=True)
        (back.move_ids | returned).line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).reconcile()
        self.assertEqual((back.move_ids.payment_state, back.state), ("reversed", "paid"))

    # ------------------------------------------------------------------
    # Taken back
    # ------------------------------------------------------------------

    def test_only_the_latest_settlement_of_an_accrual_is_cancelled(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice(1000)
        first = self._settle()
        self._invoice(500)
        second = self._settle()
        self._invoice(10)
        third = self._settle(post=False)
        with self.assertRefused(third.name, first.name, "Cancel"):
            first.action_cancel()
        third.action_cancel()
        with self.assertRefused(second.name, first.name, "Bonus"):
            first.action_cancel()
        second.action_cancel()
        first.action_cancel()
        self.assertRecordValues(
            self._accrual(agreement), [{"settled_amount": 0, "open_amount": 151}]
        )
        self.assertEqual(self._settle().amount_total, 151)

    def test_all_of_an_accrual_are_cancelled_together(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        first = self._settle()
        self._invoice(500)
        (first | self._settle()).action_cancel()
        self.assertEqual(self._settle().amount_total, 150)

    def test_a_later_settlement_of_another_period_is_no_obstacle(self):
        self._enrol(self._program((0, 10), period_type="quarter"))
        self._invoice(1000, "2025-01-15")
        first = self._settle("2025-03-31")
        self._invoice(500, "2025-05-01")
        self._settle("2025-06-30")
        first.action_cancel()
        self.assertEqual(first.state, "cancelled")

    def test_a_proposal_is_cancelled_without_any_document(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle(post=False)
        settlement.action_submit()
        settlement.action_cancel()
        self.assertFalse(settlement.move_ids)
        self.assertEqual(self._settle().amount_total, 100)

    def _take_back_after_payment(self, **vals):
        settlement, payments = self._paid(**vals)
        with self.assertRefused(
            settlement.name, settlement.move_ids.name, payments.move_id.name, "payment"
        ):
            settlement.action_cancel()
        payments.action_draft()
        settlement.action_cancel()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(sum(settlement.move_ids.mapped("amount_total_signed")), 0)

    def test_what_was_paid_out_is_not_taken_back_before_the_payment(self):
        self._take_back_after_payment()

    def test_a_bill_that_was_paid_is_not_taken_back_before_the_payment(self):
        self._take_back_after_payment(payout_method="vendor_bill")

    def test_a_credit_note_that_was_offset_is_taken_back_and_the_invoice_is_open_again(self):
        self._enrol(self._program((0, 10), reconcile_payouts=True))
        invoice = self._invoice(1000)
        settlement = self._settle()
        self.assertEqual(invoice.amount_residual, 900)
        settlement.action_cancel()
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(set(settlement.move_ids.mapped("payment_state")), {"paid", "reversed"})

    def test_an_invoice_back_is_reversed_by_a_credit_note(self):
        self._enrol(self._program((0, 10), clawback_policy="invoice"))
        self._invoice(1000)
        self._settle()
        self._invoice(300, refund=True)
        back = self._settle()
        back.action_cancel()
        self.assertEqual(sorted(back.move_ids.mapped("move_type")), ["out_invoice", "out_refund"])
        self.assertEqual(self._settle().amount_total, -30)

    def test_a_reversal_in_a_locked_period_is_dated_the_first_open_day(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        self.env.company.fiscalyear_lock_date = "2026-04-30"
        settlement.action_cancel()
        reversal = settlement.move_ids.filtered("reversed_entry_id")
        self.assertEqual(str(reversal.date), "2026-05-01")
        self.assertIn("05/01/2026", reversal.narration)

    def test_a_document_is_taken_back_with_its_settlement_only(self):
        self._enrol(self._program((0, 10)))
        self._invoice(1000)
        settlement = self._settle()
        note = settlement.move_ids
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=note.ids
        )
        for refused in (
            note.button_draft,
            note.button_cancel,
            lambda: reversal.create({"journal_id": note.journal_id.id}).refund_moves(),
        ):
            with self.assertRefused(settlement.name, "Cancel the settlement"):
                refused()
        self.assertEqual((note.state, settlement.state), ("posted", "posted"))
