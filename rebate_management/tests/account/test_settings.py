"""What a company decides once: found in its chart, added to it, set, and handed to its branches."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RebateCommon

EXPENSE, LIABILITY = "rebate_expense_account_id", "rebate_liability_account_id"


@tagged("post_install", "-at_install")
class TestSettings(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.sudo()[EXPENSE] = False

    def _account(self, name, kind="income", code=None, **vals):
        accounts = self.env["account.account"]
        return accounts.create(
            {
                "name": name,
                "code": code or accounts._search_new_account_code("481000"),
                "account_type": kind,
                **vals,
            }
        )

    # ------------------------------------------------------------------
    # Accounts of the chart
    # ------------------------------------------------------------------

    def test_an_account_for_rebates_is_found_by_what_charts_call_it(self):
        for name in (
            "Customer Rebates",
            "Volume discounts granted",
            "Gewährte Boni",
            "Rabais, remises et ristournes accordés",
            "“Rappels” sobre ventas",
            "Kundenbonus",
        ):
            with self.subTest(name):
                account = self._account(name)
                self.assertEqual(self.company._rebate_account(EXPENSE), account)
                account.active = False

    def test_what_suppliers_grant_or_employees_get_is_none(self):
        for name in (
            "Erhaltene Boni",
            "Rebates Received from Suppliers",
            "Rabais, remises et ristournes obtenus sur achats",
            "Rappel d’impôts",
            "Staff Bonus",
        ):
            self._account(name, "expense")
        self.assertFalse(self.company._rebate_account(EXPENSE))

    def test_among_several_one_without_taxes_and_from_revenue_comes_first(self):
        tax = self.company_data["default_tax_sale"]
        self._account("Rebates Granted, 15 % VAT", code="480001", tax_ids=[Command.set(tax.ids)])
        self._account("Rebates Expense", "expense", code="480002")
        plain = self._account("Rebates Granted", code="480003")
        self.assertEqual(self.company._rebate_account(EXPENSE), plain)

    def test_what_is_owed_stands_on_a_liability(self):
        self._account("Customer Rebates")
        owed = self._account("Rebates, Remises, Ristournes à accorder", "liability_current")
        self.assertEqual(self.company._rebate_account(LIABILITY), owed)

    def test_what_was_set_goes_before_what_is_found(self):
        self._account("Customer Rebates")
        other = self._account("Other Deductions")
        self.company.sudo()[EXPENSE] = other
        self.assertEqual(self.company._rebate_account(EXPENSE), other)

    def test_accounts_are_added_once_and_set(self):
        added = self.company._rebate_set_accounts(add=True)
        self.assertRecordValues(
            added,
            [
                {"name": "Rebates Granted", "account_type": "income"},
                {"name": "Rebates Owed to Customers", "account_type": "liability_current"},
            ],
        )
        self.assertEqual(self.company.sudo()[EXPENSE] + self.company.sudo()[LIABILITY], added)
        self.assertFalse(self.company._rebate_set_accounts(add=True))
        self.assertEqual(added.mapped("code"), list(dict.fromkeys(added.mapped("code"))))

    def test_without_a_chart_nothing_is_added(self):
        empty = self.env["res.company"].sudo().create({"name": "Without Books"})
        self.assertFalse(empty._rebate_set_accounts(add=True))
        self.assertFalse(empty[EXPENSE])

    def test_loading_a_chart_sets_the_accounts_that_it_has(self):
        chart = self.env["account.chart.template"].sudo()
        account = self._account("Customer Rebates")
        chart._post_load_data("generic_coa", self.company, {})
        self.assertEqual(self.company.sudo()[EXPENSE], account)

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------

    def test_a_new_company_accrues_what_is_earned_and_corrects_taxes(self):
        company = self.env["res.company"].sudo().create({"name": "New"})
        self.assertRecordValues(
            company,
            [
                {
                    "rebate_accrual_method": "earned",
                    "rebate_tax_policy": "origin",
                    "rebate_claim_reminder_days": 30,
                    "rebate_claim_last_reminder_days": 7,
                    "rebate_near_percent": 10,
                }
            ],
        )

    def test_a_branch_begins_as_its_parent(self):
        account = self._account("Customer Rebates")
        self.company.sudo().write({EXPENSE: account.id, "rebate_accrual_method": "expected"})
        branch = (
            self.env["res.company"]
            .sudo()
            .create({"name": "Branch", "parent_id": self.company.id, "rebate_tax_policy": "origin"})
        )
        self.assertRecordValues(
            branch,
            [
                {
                    EXPENSE: account.id,
                    "rebate_accrual_method": "expected",
                    "rebate_tax_policy": "origin",
                }
            ],
        )

    def test_what_makes_no_sense_is_refused(self):
        company = self.company.sudo()
        for vals, words in (
            ({"rebate_claim_reminder_days": 5}, "5 and 7 days"),
            ({"rebate_claim_last_reminder_days": 0}, "30 and 0 days"),
            ({"rebate_near_percent": 101}, "0 to 100 percent"),
            ({"rebate_tax_policy": "product"}, "Choose a product"),
        ):
            with self.subTest(vals), self.assertRefused(words):
                company.write(vals)

    # ------------------------------------------------------------------
    # The page of settings
    # ------------------------------------------------------------------

    def test_an_administrator_sets_them_on_the_page_of_settings(self):
        admin = self._user("admin_of_settings", "base.group_system")
        settings = self.env["res.config.settings"].with_user(admin)
        page = settings.create({"rebate_accrual_method": "expected", "rebate_near_percent": 5})
        self.assertTrue(page.rebate_lacks_accounts)
        page.action_rebate_add_accounts()
        page.set_values()
        self.assertFalse(settings.create({}).rebate_lacks_accounts)
        self.assertRecordValues(
            self.company.sudo(), [{"rebate_accrual_method": "expected", "rebate_near_percent": 5}]
        )
        self.assertEqual(self.company.sudo()[EXPENSE].name, "Rebates Granted")

    def test_nobody_else_may(self):
        for user in (self.manager, self.accountant, self.reader):
            with self.assertRaises(AccessError):
                self.env["res.config.settings"].with_user(user).create({})
            with self.assertRaises(AccessError):
                self.company.with_user(user).rebate_accrual_method = "earned"

    def test_an_addon_that_is_not_there_is_told_and_does_no_harm(self):
        admin = self._user("admin_of_addons", "base.group_system")
        page = self.env["res.config.settings"].with_user(admin).create({})
        missing = page.rebate_missing_addons.split()
        # Whichever is not on this server; the switch of one that is there stays as it is.
        for switch in missing:
            self.assertFalse(page[switch])
        known = self.env["ir.module.module"].sudo().search([("name", "=", "rebate_portal")])
        self.assertEqual(page.module_rebate_portal, known.state == "installed")
        self.assertEqual("module_rebate_portal" in missing, not known)
        for switch in missing:
            page[switch] = True
        page.execute()

    def test_it_tells_who_approves(self):
        admin = self._user("admin_of_levels", "base.group_system")
        level = self.env.ref("rebate_management.approval_level_default")
        level.sudo().copy(
            {"name": "Chief", "amount_from": 5000, "company_id": self.company.id, "sequence": 30}
        )
        page = self.env["res.config.settings"].with_user(admin).create({})
        lines = page.rebate_approval_summary.splitlines()
        self.assertIn("Approval, all payouts: ", lines[0])
        self.assertIn("Chief, from $\N{NO-BREAK SPACE}5,000.00: ", lines[1])

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    def test_distributors_are_reminded_on_the_days_of_the_company(self):
        self.company.sudo().write(
            {"rebate_claim_reminder_days": 80, "rebate_claim_last_reminder_days": 10}
        )
        program = self._program(
            (0, 10),
            period_type="quarter",
            date_start="2025-10-01",
            claim_required=True,
            claim_deadline_days=160,
        )
        agreement = self._enrol(program)
        self._invoice(1000, "2025-11-10")
        agreement.action_refresh()
        accrual = self._accrual(agreement, "2025-11-10")
        # 70 days before the deadline on 9 June: the first reminder is due, by default it is not.
        with self.enter_registry_test_mode():
            self.env.ref("rebate_management.ir_cron_claims").method_direct_trigger()
        self.assertEqual(accrual.claim_warned, 80)
