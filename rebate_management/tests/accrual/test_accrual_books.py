"""Whatever happens to entries and payouts, the liability on the account is that of the accruals."""

from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualBooks(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)

    def _accrued(self):
        accrual = self._accrual(self.agreement)
        accrual.invalidate_recordset()
        return accrual.accrued_amount

    def test_books_follow_every_step(self):
        accrual = self._accrual(self.agreement)

        def check():
            accrual.refresh()
            self._assert_books_agree(accrual.earned_amount - accrual.settled_amount)

        self._run()
        check()
        self._invoice(1000)
        self._run()
        check()
        settlement = self._settle()
        check()
        self._invoice(300, refund=True)
        self._run()
        check()
        self.assertEqual(self._accrued(), -30)
        settlement.action_cancel()
        self._assert_books_agree(70)
        self._run()
        check()
        self._settle()
        check()
        self._invoice(500)
        self._run()
        check()
        self.assertEqual(self._accrued(), 50)
        self.assertEqual(-self._balance(self.expense), 120)

    def test_a_payout_debits_the_liability_in_full(self):
        self._invoice(1000)
        self._run()
        self._invoice(500)
        credit_note = self._settle().move_ids
        line = credit_note.invoice_line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "account_id": self.liability.id,
                    "balance": 150,
                    "rebate_accrual_id": self._accrual(self.agreement).id,
                }
            ],
        )
        self._assert_books_agree(0)
        self.assertEqual(-self._balance(self.expense), 150)

    def test_what_payouts_lack_is_accrued_in_one_entry(self):
        other = self._company("Other")
        self._enrol(self.program, other)
        self._invoice(1000)
        self._invoice(300, partner=other)
        self._settle()
        missing = self.env["account.move"].search(
            [("move_type", "=", "entry"), ("line_ids.rebate_accrual_id", "!=", False)]
        )
        self.assertEqual(len(missing), 1)
        self.assertEqual(missing.amount_total, 130)
        self._assert_books_agree(0)

    def test_a_payout_takes_only_its_own_part(self):
        self._invoice(1000, "2026-01-15")
        self._invoice(1000, "2026-02-15")
        self._run("2026-03-31")
        self._settle("2026-01-31", kind="interim")
        self._assert_books_agree(100)
        self.assertFalse(self._run("2026-03-31"))

    def test_a_program_that_does_not_accrue_pays_from_the_rebate_account(self):
        self.program.accrual_method = "none"
        self._invoice(1000)
        credit_note = self._settle().move_ids
        self.assertEqual(credit_note.invoice_line_ids.account_id, self.expense)
        self.assertFalse(credit_note.invoice_line_ids.rebate_accrual_id)
        self._assert_books_agree(0)

    def test_cancelling_a_payout_gives_the_liability_back(self):
        self._invoice(1000)
        self._run()
        settlement = self._settle()
        self.assertEqual(self._accrued(), 0)
        settlement.action_cancel()
        self.assertEqual(self._accrued(), 100)
        self._assert_books_agree(100)
        self.assertFalse(self._run())

    def test_an_entry_reversed_by_hand_is_posted_again(self):
        self._invoice(1000)
        entry = self._run()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id, "date": "2026-01-01"})
        )
        reversal = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
        reversal.filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(self._accrued(), 0)
        self._assert_books_agree(0)
        self._run()
        self._assert_books_agree(100)

    def test_an_entry_back_in_draft_counts_no_more(self):
        self._invoice(1000)
        entry = self._run()
        entry.button_draft()
        self._assert_books_agree(0)
        entry.action_post()
        self._assert_books_agree(100)

    def test_a_cancelled_entry_counts_no_more(self):
        self._invoice(1000)
        entry = self._run()
        entry.button_draft()
        entry.button_cancel()
        self._assert_books_agree(0)
        self._run()
        self._assert_books_agree(100)

    def test_a_deleted_entry_is_posted_again(self):
        self._invoice(1000)
        entry = self._run()
        entry.button_draft()
        entry.with_context(force_delete=True).unlink()
        self._assert_books_agree(0)
        self.assertFalse(self._accrual(self.agreement).move_line_ids)
        self._run()
        self._assert_books_agree(100)

    def test_a_copy_of_an_entry_is_of_no_accrual(self):
        self._invoice(1000)
        self._run().copy().action_post()
        self.assertEqual(self._accrued(), 100)

    def test_what_will_not_be_paid_is_released(self):
        self._invoice(1000)
        self._run()
        accrual = self._accrual(self.agreement)
        entry = accrual._release({accrual: 30}, self._day("2026-01-15"), "Unclaimed")
        self.assertEqual(entry.ref, "Unclaimed")
        self.assertEqual(entry.date, self._day("2026-01-15"))
        self._assert_books_agree(70)
        self.assertEqual(accrual._release({accrual: 500}, entry.date, "Unclaimed").amount_total, 70)
        self._assert_books_agree(0)
        self.assertFalse(accrual._release({accrual: 1}, entry.date, "Unclaimed"))

    def test_entries_and_accruals_lead_to_each_other(self):
        self._invoice(1000)
        accrual = self._accrual(self.agreement)
        entry = self._run()
        self.assertEqual(accrual.action_view_moves()["res_id"], entry.id)
        self.assertEqual(entry.action_view_rebate_accruals()["res_id"], accrual.id)
        settlement = self._settle()
        moves = self.env["account.move"].search(accrual.action_view_moves()["domain"])
        self.assertEqual(moves, entry + settlement.move_ids)

    def test_posting_other_entries_touches_no_accrual(self):
        self._invoice(1000)
        self._run()
        accrual = self._accrual(self.agreement)
        written = accrual.write_date
        self.env.flush_all()
        self._invoice(1)
        self.env.flush_all()
        self.assertEqual(accrual.write_date, written)

    def test_what_many_payouts_lack_is_booked_in_the_statements_of_two(self):
        """The liability of a batch is read, lacked and booked at once."""
        agreements = [
            self._enrol(self.program, self._company(f"Customer {number}")) for number in range(10)
        ]

        def count(few):
            amounts = {self._accrual(agreement): paid for agreement in few}
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            entry = self.env["rebate.accrual"]._accrue_for_payout(amounts, self._day(self.today))
            self.env.flush_all()
            self.assertEqual(len(entry.line_ids.rebate_accrual_id), len(few))
            return self.env.cr.sql_log_count - before

        paid = 10
        count(agreements)
        paid = 20
        few = count(agreements[:2])
        paid = 30
        many = count(agreements)
        # Odoo itself looks for an analytic distribution partner by partner.
        self.assertLessEqual(many - few, 8 + 1)
