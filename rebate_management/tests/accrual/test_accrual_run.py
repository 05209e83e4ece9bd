"""The accrual run posts the change in what is owed, no more and no less."""

from odoo.tests import tagged

from ...tools.trust import trusted
from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualRun(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)

    def test_what_is_owed_becomes_an_expense_and_a_liability(self):
        self._invoice(1000)
        entry = self._run()
        accrual = self._accrual(self.agreement)
        self.assertRecordValues(
            entry,
            [
                {
                    "state": "posted",
                    "move_type": "entry",
                    "date": self._day("2025-12-31"),
                    "journal_id": self.program.accrual_journal_id.id,
                    "company_id": self.env.company.id,
                    "rebate_accrual_count": 1,
                }
            ],
        )
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.liability.id,
                    "balance": -100,
                    "partner_id": self.distributor.id,
                    "rebate_accrual_id": accrual.id,
                    "tax_ids": [],
                },
                {
                    "account_id": self.expense.id,
                    "balance": 100,
                    "partner_id": self.distributor.id,
                    "rebate_accrual_id": False,
                    "tax_ids": [],
                },
            ],
        )
        self.assertEqual(accrual.accrued_amount, 100)
        self._assert_books_agree(100)

    def test_a_second_run_posts_nothing(self):
        self._invoice(1000)
        self._run()
        self.assertFalse(self._run())
        self.assertFalse(self._run("2026-03-31"))
        with self.assertRefused("Nothing to post"):
            self._wizard().action_run_and_open()

    def test_the_next_run_posts_the_difference_only(self):
        self._invoice(1000)
        self._run()
        self._invoice(250)
        self.assertEqual(self._run().amount_total, 25)
        self._assert_books_agree(125)

    def test_less_is_posted_the_other_way_round(self):
        self._invoice(1000)
        self._run()
        self._invoice(400, refund=True)
        entry = self._run()
        self.assertEqual(entry.line_ids.mapped("balance"), [-40, 40])
        self.assertEqual(entry.line_ids.account_id, self.expense + self.liability)
        self._assert_books_agree(60)

    def test_no_more_is_taken_back_than_was_accrued(self):
        """What was paid before the program accrued never was a liability."""
        self.program.accrual_method = "none"
        self._invoice(1000)
        self._settle()
        self.program.accrual_method = "earned"
        self._invoice(400, refund=True)
        self.assertFalse(self._run())
        self._assert_books_agree(0)

    def test_too_much_paid_stands_against_what_is_owed_until_it_is_made_up(self):
        self._invoice(1000)
        self._run()
        self._settle()
        self._invoice(400, refund=True)
        self._run()
        self._assert_books_agree(-40)
        self.assertEqual(self._balance(self.expense), -60)
        self._invoice(900, "2026-02-01")
        self._run("2026-03-31")
        self._assert_books_agree(50)
        self.assertEqual(self._settle("2026-03-31", kind="interim").amount_total, 50)
        self._assert_books_agree(0)
        self.assertFalse(self._run("2026-03-31"))

    def test_only_purchases_up_to_the_day_are_owed(self):
        self._invoice(1000, "2025-03-01")
        self._invoice(1000, "2025-09-01")
        self._run("2025-06-30")
        self._assert_books_agree(100)
        self._run("2025-12-31")
        self._assert_books_agree(200)

    def test_a_run_for_an_earlier_day_is_refused(self):
        self._invoice(1000, "2025-03-01")
        self._invoice(1000, "2025-09-01")
        later = self._run("2025-12-31")
        with self.assertRefused("“Bonus”", "12/31/2025", "06/30/2025"):
            self._run("2025-06-30")
        later._reverse_moves(cancel=True)
        self._run("2025-06-30")
        self._assert_books_agree(100)

    def test_what_was_paid_for_later_is_not_taken_back_on_an_earlier_day(self):
        other = self._company("Other")
        self._enrol(self.program, other)
        for partner in (self.distributor, other):
            self._invoice(1000, "2025-06-15", partner)
            self._invoice(1000, "2025-09-15", partner)
        settlement = self._settle("2025-09-30", "interim", partner_ids=self.distributor.ids)
        wizard = self._wizard("2025-06-30")
        wizard.action_preview()
        for words in ("“Bonus – Distributor, 2025”", "paid up to 09/30/2025", settlement.name):
            self.assertIn(words, self._plain(wizard.left_out))
        entry = wizard.action_run()
        self.assertEqual(entry.line_ids.rebate_accrual_id.partner_id, other)
        self._assert_books_agree(100)
        self._invoice(1000, "2025-12-01")
        self._run("2025-12-31")
        self._assert_books_agree(300)

    def test_one_entry_has_every_program_partner_and_period(self):
        other = self._company("Other")
        again = self._enrol(self.program, other)
        monthly = self._accruing(name="Monthly", period_type="month")
        self._enrol(monthly)
        self._invoice(1000, "2025-06-15")
        self._invoice(1000, "2025-07-15")
        self._invoice(300, "2025-06-15", other)
        entry = self._run("2025-07-31")
        self.assertEqual(len(entry), 1)
        liabilities = entry.line_ids.filtered("rebate_accrual_id")
        self.assertEqual(sorted(liabilities.mapped("balance")), [-200, -100, -100, -30])
        expenses = entry.line_ids - liabilities
        self.assertEqual(sorted(expenses.mapped("balance")), [30, 200, 200])
        self.assertEqual(self._accrual(again).accrued_amount, 30)
        self.assertEqual(entry.rebate_accrual_count, 4)

    def test_each_journal_has_its_own_entry(self):
        journal = self.program.accrual_journal_id.copy({"code": "REB", "name": "Rebates"})
        self._enrol(self._accruing(name="Second", accrual_journal_id=journal.id))
        self._invoice(1000)
        entries = self._run()
        self.assertEqual(entries.journal_id, journal + self.program.accrual_journal_id)
        self.assertEqual(len(entries), 2)

    def test_only_chosen_programs_are_accrued(self):
        second = self._accruing(name="Second")
        self._enrol(second)
        self._invoice(1000)
        self._run(program_ids=second.ids)
        self.assertFalse(self._accrual(self.agreement).accrued_amount)
        self._assert_books_agree(100)

    def test_a_program_that_does_not_accrue_posts_nothing(self):
        self.program.accrual_method = "none"
        self._invoice(1000)
        self.assertFalse(self._run())

    def test_a_program_that_no_longer_accrues_gives_its_liability_back(self):
        self._invoice(1000)
        self._run()
        self.program.write({"accrual_method": "none", "liability_account_id": False})
        entry = self._run()
        self.assertEqual(entry.line_ids.mapped("balance"), [-100, 100])
        self._assert_books_agree(0)

    def test_another_liability_account_takes_the_balance_over(self):
        self._invoice(1000)
        self._run()
        account = self._liability(code="219001")
        self.program.liability_account_id = account
        entry = self._run()
        self.assertFalse(entry.line_ids.filtered(lambda line: line.account_id == self.expense))
        self.assertEqual(self._balance(), 0)
        self.assertEqual(self._balance(account), 100)
        self.assertEqual(self._accrual(self.agreement).accrued_amount, 100)
        self.assertFalse(self._run())

    def test_a_closed_program_is_still_accrued(self):
        self._invoice(1000)
        self.program.action_close()
        self._run()
        self._assert_books_agree(100)

    def test_what_is_settled_is_no_longer_owed(self):
        self._invoice(1000)
        self._run()
        self._settle()
        self.assertFalse(self._run())
        self._assert_books_agree(0)

    def test_the_expense_is_analysed_and_the_liability_is_not(self):
        plan = self.env["account.analytic.plan"].create({"name": "Markets"})
        north, south = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("North", "South")]
        )
        self.program.analytic_distribution = {north.id: 40, south.id: 60}
        self._invoice(1000)
        analysed = self._run().line_ids.analytic_line_ids
        self.assertEqual(sorted(analysed.mapped("amount")), [-60, -40])
        self.assertEqual(analysed.general_account_id, self.expense)
        self.assertFalse(self._settle().move_ids.line_ids.analytic_line_ids)

    def test_the_liability_is_of_who_is_paid(self):
        payee = self._company("Buying group")
        self.agreement.payout_partner_id = payee
        self._invoice(1000)
        self._run()
        self.assertEqual(self._balance(partner_id=payee.id), 100)
        self._settle()
        self.assertEqual(self._balance(partner_id=payee.id), 0)

    def test_what_cannot_be_computed_is_left_out_and_named(self):
        swiss = self.env.ref("base.CHF")
        swiss.active = True
        swiss.rate_ids.unlink()
        broken = self._accruing(name="Swiss bonus", currency_id=swiss.id)
        self._enrol(broken)
        self._invoice(1000)
        entry = self._run()
        self.assertEqual(entry.line_ids.rebate_accrual_id, self._accrual(self.agreement))
        self.assertIn("Swiss bonus", entry.message_ids[:1].body)
        self._invoice(100)
        action = self._wizard().action_run_and_open()
        self.assertIn("Swiss bonus", action["params"]["message"])

    def test_a_rule_that_breaks_leaves_out_its_program_alone(self):
        broken = self._accruing(name="Broken")
        self._enrol(broken)
        self._invoice(1000)
        self.env.cr.execute(
            "UPDATE rebate_rule SET product_domain = %s WHERE program_id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        wizard = self._wizard()
        wizard.action_preview()
        self.assertIn("Broken", wizard.left_out)
        self.assertEqual(self._run().line_ids.rebate_accrual_id, self._accrual(self.agreement))

    def test_two_lines_of_one_partner_make_no_difference_to_the_cent(self):
        program = self._accruing((0, 3.333), name="Odd", period_type="month")
        self._enrol(program)
        for month in range(1, 12):
            self._invoice(10.01, f"2025-{month:02}-10")
        self._run()
        self._assert_books_agree()

    def test_a_preview_shows_what_the_run_posts_and_posts_nothing(self):
        other = self._company("Other")
        self._enrol(self.program, other)
        self._enrol(self._accruing(name="Monthly", period_type="month"))
        self._invoice(1000)
        self._invoice(300, partner=other)
        self._run()
        self._invoice(500, refund=True)
        self._invoice(200, "2025-08-01", other)
        before = self.env["account.move"].search_count([])
        wizard = self._wizard()
        wizard.action_preview()
        self.assertEqual(self.env["account.move"].search_count([]), before)
        shown = {
            (line.program_id, line.partner_id): (
                line.owed_amount,
                line.accrued_amount,
                line.change_amount,
            )
            for line in wizard.line_ids
        }
        monthly = wizard.line_ids.program_id - self.program
        self.assertEqual(
            shown,
            {
                (self.program, self.distributor): (50, 100, -50),
                (self.program, other): (50, 30, 20),
                (monthly, self.distributor): (50, 100, -50),
            },
        )
        posted = {}
        for line in wizard.action_run().line_ids.filtered("rebate_accrual_id"):
            key = line.rebate_accrual_id.program_id, line.rebate_accrual_id.partner_id
            posted[key] = posted.get(key, 0) - line.balance
        self.assertEqual(posted, {key: change for key, (_o, _a, change) in shown.items()})

    def test_the_expected_rate_is_owed_on_what_was_bought_so_far(self):
        """30 of 120 thousand that the run rate foresees reach 5 %, of which a quarter is owed."""
        program = self._accruing((0, 1), (100000, 5), accrual_method="expected")
        agreement = self._enrol(program, self._company("Forecast"), date_start="2026-01-01")
        self._invoice(30000, "2026-02-10", agreement.partner_id)
        accrual = self._accrual(agreement, "2026-02-10")
        self._run("2026-03-31", program_ids=program.ids)
        self.assertEqual(accrual.earned_amount, 300)
        self.assertEqual(accrual.accrued_amount, 1500)
        wizard = self._wizard("2026-03-31", program_ids=program.ids)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.owed_amount, 1500)

    def test_the_forecast_is_as_of_the_day_of_the_run(self):
        program = self._accruing((0, 1), (100000, 5), accrual_method="expected")
        agreement = self._enrol(program, self._company("Forecast"), date_start="2026-01-01")
        self._invoice(10000, "2026-01-10", agreement.partner_id)
        self._invoice(1, "2026-03-10", agreement.partner_id)
        # As of January, 365 / 31 x 10,000 are foreseen and reach 5 %; today 1 % is all.
        self._run("2026-01-31", program_ids=program.ids)
        self.assertEqual(self._accrual(agreement, "2026-01-31").accrued_amount, 500)
        self._run("2026-03-31", program_ids=program.ids)
        self.assertEqual(self._accrual(agreement, "2026-01-31").accrued_amount, 100.01)

    def test_a_period_that_is_over_owes_what_it_earned(self):
        self.program.accrual_method = "expected"
        self._invoice(1000)
        self._run()
        self._assert_books_agree(100)

    def test_a_period_that_fell_away_keeps_its_entries_until_they_are_reversed(self):
        self._invoice(1000)
        self._run()
        accrual = self._accrual(self.agreement)
        self.agreement.date_start = "2026-01-01"
        self.assertTrue(accrual.exists())
        self.assertEqual(accrual.earned_amount, 0)
        self._run()
        self.assertEqual(accrual.accrued_amount, 0)
        with self.assertRefused("journal entries"):
            trusted(accrual.sudo()).unlink()

    def test_twenty_agreements_are_accrued_in_the_statements_of_two(self):
        agreements = [
            self._enrol(self.program, self._company(f"Customer {number}")) for number in range(20)
        ]

        def count(few):
            for agreement in few:
                self._invoice(100, partner=agreement.partner_id)
            return self._statements(self._run)

        count(agreements)
        few = count(agreements[:2])
        many = count(agreements)
        # Odoo itself looks for an analytic distribution partner by partner.
        self.assertLessEqual(many - few, 18)

    def test_a_copied_entry_is_explained_as_a_manual_one(self):
        self._invoice(1000)
        entry = self._run()
        entry.copy().action_post()
        self.assertEqual(self._accrual(self.agreement).accrued_amount, 100)
        row = self.env["rebate.liability"].search([("difference", "!=", 0)])
        self.assertEqual(row.difference, 100)
