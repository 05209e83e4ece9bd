"""The preview of an accrual run is what the run posts: by distributor, currency and account; and
what would be refused is told, and not shown as to post."""

from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualPreview(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)

    def _previewed(self, day="2025-12-31", **vals):
        wizard = self._wizard(day, **vals)
        wizard.action_preview()
        return wizard

    def test_what_was_accrued_to_a_later_day_is_told_and_not_shown_as_to_post(self):
        self._invoice(1000, "2025-03-01")
        self._invoice(1000, "2025-09-01")
        self._run("2025-12-31")
        wizard = self._previewed("2025-06-30")
        self.assertIn("accrued up to 12/31/2025 already", self._plain(wizard.left_out))
        self.assertEqual(wizard.left_out.count("Bonus"), 1)
        self.assertFalse(wizard.line_ids)
        self.assertRecordValues(
            wizard, [{"can_post": False, "to_post_value": 0, "is_previewed": True}]
        )
        # Without a look at the preview it is refused as ever.
        with self.assertRefused("“Bonus”"):
            self._wizard("2025-06-30").action_run_and_open()

    def test_after_a_preview_the_others_are_posted(self):
        self._invoice(1000, "2025-03-01")
        self._invoice(1000, "2025-09-01")
        self._run("2025-12-31")
        other = self._accruing(name="Second")
        self._enrol(other)
        wizard = self._previewed("2025-06-30")
        self.assertIn("“Bonus”", wizard.left_out)
        self.assertEqual(wizard.line_ids.program_id, other)
        self.assertTrue(wizard.can_post)
        action = wizard.action_run_and_open()
        # What was left out was told before, and is not told again.
        self.assertEqual(action["res_model"], "account.move")
        entry = (
            self.env["account.move"].browse(action["res_id"])
            if action.get("res_id")
            else self.env["account.move"].search(action["domain"])
        )
        self.assertEqual(entry.line_ids.rebate_accrual_id.program_id, other)
        self.assertEqual(entry.amount_total, 100)
        # What was shown is no preview any more.
        self.assertRecordValues(wizard, [{"is_previewed": False, "can_post": False}])

    def test_nothing_to_post_is_said_before(self):
        self._invoice(1000)
        self._run()
        wizard = self._previewed()
        self.assertFalse(wizard.can_post)
        self.assertFalse(wizard.left_out)
        self.assertEqual(wizard.line_ids.mapped("accrued_amount"), [100])

    def test_a_line_tells_its_method_and_accounts(self):
        self._invoice(1000)
        self.assertRecordValues(
            self._previewed().line_ids,
            [
                {
                    "accrual_method": "earned",
                    "expense_account_id": self.expense.id,
                    "liability_account_id": self.liability.id,
                    "owed_amount": 100,
                    "accrued_amount": 0,
                    "change_amount": 100,
                    "change_value": 100,
                }
            ],
        )

    def test_totals_and_accounts_are_those_of_the_entries(self):
        self.eur.active = True
        self.eur.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": self.eur.id, "name": "2025-01-01", "rate": 0.5}
        )
        euros = self._accruing(name="Euros", currency_id=self.eur.id)
        for name in ("First", "Second"):
            partner = self._company(name)
            self._enrol(euros, partner)
            self._invoice(300, partner=partner, currency_id=self.eur.id)
        self._invoice(1000)
        wizard = self._previewed()
        self.assertRecordValues(
            wizard.total_ids.sorted("change_value"),
            [
                {
                    "currency_id": self.usd.id,
                    "owed_amount": 100,
                    "accrued_amount": 0,
                    "change_amount": 100,
                    "change_value": 100,
                },
                {
                    "currency_id": self.eur.id,
                    "owed_amount": 60,
                    "accrued_amount": 0,
                    "change_amount": 60,
                    "change_value": 120,
                },
            ],
        )
        self.assertEqual(wizard.to_post_value, 220)
        moves_before = self.env["account.move"].search_count([])
        shown = {
            (item.journal_id, item.date, item.account_id, item.currency_id): (
                item.amount_currency,
                item.debit,
                item.credit,
            )
            for item in wizard.item_ids
        }
        self.assertEqual(self.env["account.move"].search_count([]), moves_before)
        posted = {}
        for line in wizard.action_run().line_ids:
            key = line.journal_id, line.date, line.account_id, line.currency_id
            amounts = posted.get(key, (0, 0, 0))
            posted[key] = tuple(
                round(one + other, 2)
                for one, other in zip(
                    amounts, (line.amount_currency, line.debit, line.credit), strict=True
                )
            )
        self.assertEqual(shown, posted)

    def test_a_locked_day_is_moved_in_the_preview_too(self):
        self.env.company.fiscalyear_lock_date = "2025-12-31"
        self._invoice(1000, "2026-01-15")
        self.assertEqual(set(self._previewed("2025-12-31").item_ids.mapped("date")), set())
        self.env.company.fiscalyear_lock_date = False
        self._invoice(1000)
        self.env.company.fiscalyear_lock_date = "2025-12-31"
        self.assertEqual(
            set(self._previewed("2025-12-31").item_ids.mapped("date")), {self._day("2026-01-01")}
        )
