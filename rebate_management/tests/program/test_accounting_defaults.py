"""A new program takes what its company has decided, and says what an accountant will ask."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_template import TemplateCommon


@tagged("post_install", "-at_install")
class TestAccountingDefaults(TemplateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings = cls.env.company.sudo()
        # As a new company has them.
        cls.settings.write(
            {
                "rebate_expense_account_id": False,
                "rebate_accrual_method": "earned",
                "rebate_tax_policy": "origin",
            }
        )
        accounts = cls.env["account.account"]
        cls.granted, cls.owed = accounts.create(
            [
                {"name": "Granted", "code": "480900", "account_type": "income"},
                {"name": "Owed", "code": "218900", "account_type": "liability_current"},
            ]
        )

    def _set_accounts(self):
        self.settings.write(
            {
                "rebate_expense_account_id": self.granted.id,
                "rebate_liability_account_id": self.owed.id,
            }
        )

    def test_a_template_takes_the_settings_of_the_company(self):
        self._set_accounts()
        journals = self.env["account.journal"].create(
            [
                {"name": "Rebates", "code": "RBN", "type": "sale"},
                {"name": "Accruals", "code": "RBA", "type": "general"},
            ]
        )
        product = self.env["product.product"].create({"name": "Rebate", "type": "service"})
        self.settings.write(
            {
                "rebate_payout_journal_id": journals[0].id,
                "rebate_accrual_journal_id": journals[1].id,
                "rebate_payout_product_id": product.id,
                "rebate_accrual_method": "expected",
            }
        )
        program = self._start(self._template("volume"))
        self.assertRecordValues(
            program,
            [
                {
                    "expense_account_id": self.granted.id,
                    "liability_account_id": self.owed.id,
                    "accrual_method": "expected",
                    "tax_policy": "origin",
                    "journal_id": journals[0].id,
                    "accrual_journal_id": journals[1].id,
                    "payout_product_id": product.id,
                }
            ],
        )
        self.assertFalse(program.accounting_notice)
        program.action_activate()
        self.assertEqual(program.state, "active")

    def test_an_account_of_the_chart_goes_before_the_expenses(self):
        rebates = self.env["account.account"].create(
            {"name": "Customer Rebates", "code": "480901", "account_type": "income"}
        )
        self.assertEqual(self._start(self._template("volume")).expense_account_id, rebates)

    def test_a_later_change_of_the_settings_leaves_programs_alone(self):
        self._set_accounts()
        program = self._start(self._template("volume"))
        self.settings.write(
            {
                "rebate_expense_account_id": self.settings.expense_account_id.id,
                "rebate_accrual_method": "none",
                "rebate_tax_policy": "none",
            }
        )
        self.env.invalidate_all()
        self.assertRecordValues(
            program,
            [
                {
                    "expense_account_id": self.granted.id,
                    "accrual_method": "earned",
                    "tax_policy": "origin",
                }
            ],
        )

    def test_a_bill_of_the_partner_corrects_no_taxes(self):
        self._set_accounts()
        sales = self.env["account.journal"].create(
            {"name": "Rebates", "code": "RBN", "type": "sale"}
        )
        self.settings.rebate_payout_journal_id = sales
        program = self._program((0, 5), payout_method="vendor_bill", activate=False)
        self.assertEqual(program.tax_policy, "none")
        self.assertFalse(program.journal_id)
        other = self._program((0, 5), activate=False)
        self.assertEqual((other.tax_policy, other.journal_id), ("origin", sales))
        other.payout_method = "vendor_bill"
        self.assertEqual(other.tax_policy, "none")
        self.assertFalse(other.journal_id)

    def test_a_journal_that_was_chosen_stays_when_terms_are_written(self):
        self._set_accounts()
        journals = self.env["account.journal"].create(
            [
                {"name": "Rebates", "code": "RBN", "type": "sale"},
                {"name": "Own", "code": "RBO", "type": "sale"},
            ]
        )
        self.settings.rebate_payout_journal_id = journals[0]
        program = self._program((0, 5), activate=False, journal_id=journals[1].id)
        program.payout_method = "credit_note"
        self.env.flush_all()
        self.assertEqual(program.journal_id, journals[1])

    def test_what_was_chosen_stays_in_a_copy(self):
        self._set_accounts()
        chosen = {
            "expense_account_id": self.settings.expense_account_id.id,
            "accrual_method": "none",
            "tax_policy": "none",
            "liability_account_id": False,
        }
        program = self._program((0, 5), **chosen)
        self.assertRecordValues(program.copy(), [chosen])

    # ------------------------------------------------------------------
    # Where the chart has no account for rebates
    # ------------------------------------------------------------------

    def test_activating_adds_the_accounts_and_says_so(self):
        program = self._start(self._template("volume")).with_user(self.manager)
        self.assertFalse(program.expense_account_id)
        self.assertIn("activating adds one", program.accounting_notice)
        program.action_activate()
        self.assertRecordValues(
            program.expense_account_id + program.liability_account_id,
            [
                {"name": "Rebates Granted", "account_type": "income"},
                {"name": "Rebates Owed to Customers", "account_type": "liability_current"},
            ],
        )
        self.assertEqual(self.settings.rebate_expense_account_id, program.expense_account_id)
        self.assertEqual(self.settings.rebate_liability_account_id, program.liability_account_id)
        messages = self.env["mail.message"].search([("res_id", "=", program.id)])
        told = "".join(messages.mapped("body"))
        self.assertIn("Rebates Granted and", told)
        second = self._start(self._template("tiered"))
        self.assertEqual(second.expense_account_id, program.expense_account_id)
        second.action_activate()
        self.assertEqual(
            self.env["account.account"].search_count([("name", "like", "Rebates ")]), 2
        )

    def test_what_is_not_accrued_needs_no_account_for_it(self):
        self.settings.rebate_accrual_method = "none"
        program = self._start(self._template("volume"))
        program.action_activate()
        self.assertTrue(program.expense_account_id)
        self.assertFalse(program.liability_account_id)

    def test_what_was_emptied_although_there_is_an_account_is_refused(self):
        self._set_accounts()
        for name, words in (
            ("expense_account_id", "has no rebate account"),
            ("liability_account_id", "“Liability Account” is empty"),
        ):
            program = self._program((0, 5), activate=False, **{name: False})
            with self.subTest(name), self.assertRaisesRegex(UserError, words):
                program.action_activate()

    # ------------------------------------------------------------------
    # What an accountant will ask
    # ------------------------------------------------------------------

    def test_a_draft_says_what_an_accountant_will_ask(self):
        self._set_accounts()
        expenses = self.settings.expense_account_id
        program = self._program(
            (0, 5),
            activate=False,
            expense_account_id=expenses.id,
            accrual_method="none",
            tax_policy="none",
        )
        accounts, accruals, taxes = program.accounting_notice.splitlines()
        self.assertIn(f"“{expenses.display_name}”, where all kinds", accounts)
        self.assertIn(f"choose “{self.granted.display_name}”", accounts)
        self.assertIn("Nothing is accrued", accruals)
        self.assertIn(self.settings.account_sale_tax_id.name, taxes)
        # Nothing of it is refused, and afterwards nothing is said.
        program.action_activate()
        self.assertFalse(program.accounting_notice)

    def test_where_nothing_bears_tax_none_is_missed(self):
        self._set_accounts()
        self.settings.account_sale_tax_id = False
        program = self._program((0, 5), activate=False, tax_policy="none")
        self.assertFalse(program.accounting_notice)

    def test_expenses_that_were_set_on_purpose_are_not_asked_about(self):
        self._set_accounts()
        self.settings.rebate_expense_account_id = self.settings.expense_account_id
        program = self._program((0, 5), activate=False)
        self.assertFalse(program.accounting_notice)
