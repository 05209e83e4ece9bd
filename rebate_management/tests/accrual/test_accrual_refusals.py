"""Locked days move the entry; whatever cannot be posted is refused in a sentence."""

from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualRefusals(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)

    def test_a_locked_day_moves_the_entry_to_the_first_open_one(self):
        self.env.company.fiscalyear_lock_date = "2026-01-31"
        entry = self._run()
        self.assertEqual(entry.date, self._day("2026-02-01"))
        for text in (entry.narration, entry.message_ids[:1].body):
            for word in ("12/31/2025", "02/01/2026", "locked up to 01/31/2026"):
                self.assertIn(word, text)
        self.assertIn("12/31/2025", entry.ref)
        self.assertFalse(self._run())
        self._assert_books_agree(100)

    def test_the_latest_of_several_locks_counts(self):
        self.env.company.fiscalyear_lock_date = "2026-01-31"
        self.env.company.hard_lock_date = "2026-02-15"
        self.assertEqual(self._run().date, self._day("2026-02-16"))

    def test_an_open_day_needs_no_words(self):
        self.env.company.fiscalyear_lock_date = "2025-11-30"
        entry = self._run()
        self.assertEqual(entry.date, self._day("2025-12-31"))
        self.assertFalse(entry.narration)

    def test_a_program_cannot_accrue_without_a_liability_account(self):
        for name, label in (
            ("liability_account_id", "Liability Account"),
            ("accrual_journal_id", "Accrual Journal"),
        ):
            program = self._accruing(name="Incomplete", activate=False, **{name: False})
            with self.assertRefused("“Incomplete”", label, "“Accounting”"):
                program.action_activate()
            with self.assertRefused("“Bonus”", label):
                self.program[name] = False
            self.program.invalidate_recordset()

    def test_rebate_and_liability_are_two_accounts(self):
        with self.assertRefused("“Bonus”", "two accounts"):
            self.program.liability_account_id = self.expense

    def test_an_archived_journal_is_refused(self):
        self.program.accrual_journal_id = self.program.accrual_journal_id.copy({"code": "REB"})
        self.program.accrual_journal_id.active = False
        with self.assertRefused("“Bonus”", "Accrual Journal", "archived", "Unarchive"):
            self._run()
        self.assertFalse(self.env["account.move.line"].search([("rebate_accrual_id", "!=", False)]))

    def test_an_archived_account_is_refused(self):
        self.liability.active = False
        with self.assertRefused("“Bonus”", "Rebates owed", "archived"):
            self._run()

    def test_a_missing_rebate_account_is_refused(self):
        self.program.expense_account_id = False
        with self.assertRefused("“Bonus”", "Rebate Account", "Choose one"):
            self._run()

    def test_a_payout_is_refused_as_a_run_is(self):
        self.liability.active = False
        with self.assertRefused("“Bonus”", "Rebates owed", "archived"):
            self._settle()

    def test_a_preview_names_what_would_be_refused(self):
        self.liability.active = False
        wizard = self._wizard()
        wizard.action_preview()
        self.assertIn("Rebates owed", wizard.left_out)

    def test_changing_the_question_clears_the_answer(self):
        wizard = self._wizard()
        wizard.action_preview()
        self.assertTrue(wizard.line_ids)
        shown = wizard.new(origin=wizard)
        shown._onchange_question()
        self.assertFalse(shown.line_ids)
        self.assertFalse(shown.is_previewed)

    def test_a_program_without_change_needs_nothing(self):
        """An archived account of one program stops no other that is chosen."""
        self._run()
        self.liability.active = False
        self.assertFalse(self._run())
