"""A payout's document is taken back or changed with its settlement, and in no other way."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPayoutKept(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._enrol(cls._program((0, 10)))
        cls._invoice(1000)
        cls.settlement = cls._settle()
        cls.note = cls.settlement.move_ids
        cls.bookkeeper = cls._user("bookkeeper", "account.group_account_manager")

    def _assert_refused(self, action, *words):
        with self.assertRefused(self.settlement.name, *(words or ("Cancel the settlement",))):
            action()

    def _assert_untouched(self):
        self.env.invalidate_all()
        self.assertRecordValues(
            self.note,
            [
                {
                    "state": "posted",
                    "rebate_settlement_id": self.settlement.id,
                    "amount_total": 100,
                    "partner_id": self.distributor.id,
                }
            ],
        )
        self.assertEqual(self.settlement.state, "posted")

    def _reversal_wizard(self, note):
        return (
            self.env["account.move.reversal"]
            .with_user(self.bookkeeper)
            .with_context(active_model="account.move", active_ids=note.ids)
            .create({"journal_id": note.journal_id.id})
        )

    # ------------------------------------------------------------------
    # Ways to take it back
    # ------------------------------------------------------------------

    def test_no_button_and_no_call_of_accounting_takes_a_payout_back(self):
        """By a bookkeeper, by whoever may do all here, and by the system itself."""
        for env in (self.note.with_user(self.bookkeeper).env, self.env, self.env(su=True)):
            note = self.note.with_env(env)
            for action in (
                note.button_draft,
                note.button_cancel,
                note.button_request_cancel,
                note.action_reverse,
                note._reverse_moves,
                lambda note=note: note._reverse_moves(cancel=True),
                note.unlink,
                note.with_context(force_delete=True).unlink,
                note._unlink_or_reverse,
                note.action_duplicate,
                note.copy,
                note.with_context(include_business_fields=True).copy,
            ):
                self._assert_refused(action)
        self._assert_untouched()
        self.assertFalse(self.note.show_reset_to_draft_button)

    def test_the_reversal_wizard_is_refused_in_each_of_its_ways(self):
        for way in ("refund_moves", "modify_moves", "reverse_moves"):
            self._assert_refused(getattr(self._reversal_wizard(self.note), way))
        self._assert_untouched()

    def test_a_payout_among_others_keeps_all_from_being_taken_back(self):
        invoice = self._invoice(5, "2026-03-01")
        self._assert_refused((invoice | self.note).button_draft)
        self.assertEqual(invoice.state, "posted")

    # ------------------------------------------------------------------
    # Ways to change it
    # ------------------------------------------------------------------

    def test_what_it_pays_to_whom_is_not_written(self):
        other = self._company("Other")
        another = self._proposal()
        other_invoice = self._invoice(100)
        for name, value in (
            ("state", "draft"),
            ("state", "cancel"),
            ("partner_id", other.id),
            ("currency_id", self.eur.id),
            ("date", "2025-01-01"),
            ("invoice_date", "2025-01-01"),
            ("reversed_entry_id", other_invoice.id),
            ("amount_total", 1),
            ("payment_state", "paid"),
        ):
            for note in (self.note, self.note.with_context(skip_readonly_check=True)):
                with self.subTest(name, value=value):
                    self._assert_refused(lambda n=note, name=name, v=value: n.write({name: v}))
        for value in (False, another.id):
            with self.assertRefused(self.note.name, "cancel the settlement"):
                self.note.write({"rebate_settlement_id": value})
        self._assert_untouched()

    def _proposal(self):
        partner = self._company("Another")
        self._enrol(self.settlement.line_ids.program_id, partner)
        self._invoice(100, partner=partner)
        return self._settle(post=False, partner_ids=partner.ids)

    def test_its_items_are_neither_changed_nor_moved_nor_removed(self):
        item = self.note.invoice_line_ids
        account = item.account_id.copy({"code": "REBX"})
        open_invoice = self._invoice(5, "2026-03-01", post=False)
        for vals in (
            {"price_unit": 1},
            {"quantity": 2},
            {"account_id": account.id},
            {"move_id": open_invoice.id},
            {"partner_id": self._company("Other").id},
            {"debit": 1},
        ):
            with self.subTest(vals):
                self._assert_refused(lambda vals=vals: item.write(vals))
        self._assert_refused(item.with_context(dynamic_unlink=True).unlink)
        self._assert_refused(lambda: open_invoice.invoice_line_ids.write({"move_id": self.note.id}))
        for context in ({}, {"skip_readonly_check": True}):
            with self.assertRefused():
                self.note.with_context(**context).write(
                    {"invoice_line_ids": [Command.update(item.id, {"price_unit": 1})]}
                )
            with self.assertRefused():
                self.note.with_context(**context).write(
                    {"invoice_line_ids": [Command.create({"name": "More", "price_unit": 1})]}
                )
        self._assert_untouched()

    def test_no_other_entry_passes_for_its_reversal(self):
        """Else the settlement could be cancelled, and paid again, without taking anything back."""
        invoice = self._invoice(100, "2026-03-01")
        self._assert_refused(lambda: invoice.write({"reversed_entry_id": self.note.id}))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET reversed_entry_id = %s WHERE id = %s",
            [self.note.id, invoice.id],
        )
        self.env.invalidate_all()
        self.settlement.action_cancel()
        reversal = self.settlement.move_ids - self.note
        self.assertEqual((reversal.reversed_entry_id, reversal.state), (self.note, "posted"))

    def test_what_changes_nothing_of_it_is_written(self):
        note = self.note.with_user(self.bookkeeper)
        note.write({"payment_reference": "Thank you", "narration": "See the statement"})
        note.action_toggle_block_payment()
        self.assertEqual(note.payment_state, "blocked")
        note.action_toggle_block_payment()
        note.invoice_line_ids.write({"name": "Rebate"})
        payments = (
            self.env["account.payment.register"]
            .with_user(self.bookkeeper)
            .with_context(active_model="account.move", active_ids=note.ids)
            .create({})
            ._create_payments()
        )
        self.assertEqual(self.settlement.state, "paid")
        payments.move_id.line_ids.remove_move_reconcile()
        self.assertEqual((note.payment_state, self.settlement.state), ("not_paid", "posted"))

    # ------------------------------------------------------------------
    # Once it is cancelled
    # ------------------------------------------------------------------

    def test_a_reversal_stays_with_the_cancelled_settlement(self):
        """Deleting it would put the payout in force again, and the next run pays once more."""
        self.settlement.action_cancel()
        self.assertEqual(self._settle(post=False).amount_total, 100)
        reversal = self.settlement.move_ids - self.note
        for document in (reversal, self.note):
            for action in (
                document.button_draft,
                document.button_cancel,
                document.with_context(force_delete=True).unlink,
                document._reverse_moves,
                lambda document=document: document.write({"state": "draft"}),
            ):
                self._assert_refused(action, "cancelled", "next settlement run")
            with self.assertRefused(document.name, "cannot be typed"):
                document.write({"rebate_settlement_id": False})

    def test_a_draft_that_was_left_is_deleted_once_its_settlement_is_cancelled(self):
        """Of a database in which a payout was set to draft before it was refused."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET state = 'draft' WHERE id = %s", self.note.ids)
        self.env.cr.execute(
            "UPDATE account_move_line SET parent_state = 'draft' WHERE move_id = %s", self.note.ids
        )
        self.env.invalidate_all()
        for action in (self.note.action_post, self.note.unlink):
            self._assert_refused(action)
        self.settlement.action_cancel()
        self._assert_refused(self.note.action_post, "cancelled")
        note = self.note.with_context(force_delete=True)
        note.unlink()
        self.assertFalse(self.settlement.move_ids)

    # ------------------------------------------------------------------
    # Accrual entries
    # ------------------------------------------------------------------

    def test_no_item_changes_the_accrual_it_is_of(self):
        program = self._program(
            (0, 10),
            name="Accruing",
            accrual_method="earned",
            liability_account_id=self._liability_account().id,
        )
        partner = self._company("Accrued")
        agreement = self._enrol(program, partner)
        self._invoice(1000, partner=partner)
        entry = self.env["rebate.accrual.run"].create({"date": "2025-12-31"}).action_run()
        item = entry.line_ids.filtered("rebate_accrual_id")[:1]
        other = agreement.accrual_ids - item.rebate_accrual_id
        for value in (other[:1].id, False):
            with self.assertRefused(entry.name, "cannot be typed"):
                item.write({"rebate_accrual_id": value})
        self.assertEqual(self._accrual(agreement).accrued_amount, 100)
        copy = entry.with_context(include_business_fields=True).copy()
        self.assertFalse(copy.line_ids.rebate_accrual_id, "a copy accrues nothing")

    def _liability_account(self):
        return self.env["account.account"].create(
            {"name": "Rebates owed", "code": "REBLIA", "account_type": "liability_current"}
        )
