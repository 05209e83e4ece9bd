"""Accountants accrue; nobody else does, and nobody in another company's books."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_kept import ROLE
from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualAccess(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookkeeper = cls._user("bookkeeper_", "account.group_account_user")
        cls.program = cls._accruing()
        cls.agreement = cls._enrol(cls.program)
        cls._invoice(1000)

    def test_an_accountant_previews_accrues_and_pays(self):
        runs = self.env["rebate.accrual.run"].with_user(self.accountant)
        form = Form(runs)
        form.date = "2025-12-31"
        run = form.save()
        run.action_preview()
        self.assertEqual(run.line_ids.change_amount, 100)
        entry = run.action_run()
        self.assertEqual(entry.create_uid, self.accountant)
        self.assertEqual(entry.state, "posted")
        accrual = self._accrual(self.agreement).with_user(self.accountant)
        self.assertEqual(accrual.accrued_amount, 100)
        self.assertEqual(accrual.move_line_ids.move_id, entry)
        self.assertEqual(entry.rebate_accrual_count, 1)
        settlement = self._settle(post=False)
        settlement.action_submit()
        self._approve(settlement)
        settlement.with_user(self.accountant).action_post()
        self._assert_books_agree(0)
        settlement.with_user(self.accountant).action_cancel()
        self._assert_books_agree(100)
        rows = self.env["rebate.liability"].with_user(self.accountant).search([])
        self.assertEqual(rows.mapped("account_amount"), [100])
        self.assertEqual(rows.mapped("explanation"), [""])

    def test_an_accountant_pays_in_a_foreign_currency(self):
        self.eur.active = True
        self.eur.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.eur.id, "name": day, "rate": rate}
                for day, rate in (("2025-01-01", 0.5), ("2026-02-01", 0.25))
            ]
        )
        self._enrol(self._accruing(currency_id=self.eur.id), self._company("Euro"))
        self._invoice(1000, partner=self._company("Euro 2"))
        agreement = self._enrol(self._accruing(currency_id=self.eur.id), self._company("Euro 3"))
        self._invoice(1000, partner=agreement.partner_id, currency_id=self.eur.id)
        runs = self.env["rebate.accrual.run"].with_user(self.accountant)
        runs.create({"date": "2025-12-31"}).action_run()
        settlements = self._settle(post=False)
        settlements.action_submit()
        self._approve(settlements)
        settlements.with_user(self.accountant).action_post()
        self._assert_books_agree(0)

    def test_nobody_else_accrues_or_reconciles(self):
        for user in (self.nobody, self.seller, self.manager, self.approver, self.bookkeeper):
            for model in ("rebate.accrual.run", "rebate.accrual.run.line", "rebate.liability"):
                with self.subTest(user=user.login, model=model):
                    for operation in ("read", "create", "write", "unlink"):
                        self.assertFalse(self.env[model].with_user(user).has_access(operation))
            with self.assertRaises(AccessError):
                self.env["rebate.accrual.run"].with_user(user).create({})

    def test_nobody_writes_what_is_in_the_books(self):
        self._run()
        accrual = self._accrual(self.agreement)
        for user in (self.seller, self.manager, self.accountant, self.approver):
            with self.assertRaises(AccessError):
                accrual.with_user(user).accrued_amount = 5

    def test_a_seller_opens_an_accrual_without_its_entries(self):
        self._run()
        accrual = self._accrual(self.agreement).with_user(self.seller)
        self.assertEqual(accrual.accrued_amount, 100)
        with Form(accrual) as form:
            self.assertEqual(form.accrued_amount, 100)
        self.assertNotIn("move_line_ids", accrual.get_view(view_type="form")["arch"])

    def test_a_bookkeeper_without_rebates_takes_an_entry_back(self):
        entry = self._run()
        entry.with_user(self.bookkeeper).button_draft()
        self.env.invalidate_all()
        self.assertEqual(self._accrual(self.agreement).accrued_amount, 0)

    def test_no_company_accrues_for_another(self):
        other = self.setup_other_company()["company"]
        foreigner = self._user("foreigner", ROLE + "accountant", companies=other)
        runs = self.env["rebate.accrual.run"].with_user(foreigner)
        run = runs.create({"date": "2025-12-31"})
        self.assertFalse(run.action_run())
        with self.assertRaises(UserError):
            runs.create({"date": "2025-12-31", "program_ids": self.program.ids}).action_run()
        self._run()
        self.assertFalse(self.env["rebate.liability"].with_user(foreigner).search([]))

    def test_a_branchs_purchases_are_accrued_by_its_company(self):
        branch = self._branch()
        self._invoice(500, company=branch)
        entry = self._run()
        self.assertEqual(entry.company_id, self.env.company)
        self._assert_books_agree(150)

    def test_a_branchs_program_is_accrued_in_the_branch(self):
        branch = self._branch()
        self.accountant.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        agreement = self._enrol(self._accruing(name="Branch", company_id=branch.id))
        self._invoice(500, company=branch)
        runs = self.env["rebate.accrual.run"].with_user(self.accountant).with_company(branch)
        entry = runs.create({"date": "2025-12-31"}).action_run()
        self.assertEqual(entry.company_id, branch)
        self.assertEqual(self._accrual(agreement).accrued_amount, 50)
        self.assertFalse(self._accrual(self.agreement).accrued_amount)
