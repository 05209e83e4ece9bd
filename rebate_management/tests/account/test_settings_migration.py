"""What a database of the version before is given: settings that say what its programs did."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import RebateCommon

SCRIPT = Path(__file__).parents[2] / "migrations" / "19.0.2.1.0" / "post-settings.py"


@tagged("post_install", "-at_install")
class TestSettingsMigration(RebateCommon):
    def _migrate(self):
        """Upgrade a database in which each company was just given the settings of a new one."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_company
                   SET rebate_accrual_method = 'earned', rebate_tax_policy = 'origin',
                       rebate_expense_account_id = NULL, rebate_liability_account_id = NULL
                """
            )
        )
        spec = spec_from_file_location("post_settings", SCRIPT)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.2.0.0")
        self.env.invalidate_all()

    def test_a_company_proposes_what_its_newest_program_does(self):
        accounts = self.env["account.account"].create(
            [
                {"name": "A", "code": "480900", "account_type": "income"},
                {"name": "B", "code": "218900", "account_type": "liability_current"},
            ]
        )
        journals = self.env["account.journal"].create(
            [
                {"name": "Rebates", "code": "RBN", "type": "sale"},
                {"name": "Accruals", "code": "RBA", "type": "general"},
            ]
        )
        self._program((0, 5), name="Old")
        program = self._program(
            (0, 5),
            accrual_method="expected",
            expense_account_id=accounts[0].id,
            liability_account_id=accounts[1].id,
            journal_id=journals[0].id,
            accrual_journal_id=journals[1].id,
        )
        self._program((0, 5), name="Draft", activate=False, accrual_method="none")
        before = program.read()[0]
        self._migrate()
        self.assertRecordValues(
            self.env.company.sudo(),
            [
                {
                    "rebate_accrual_method": "expected",
                    "rebate_tax_policy": "none",
                    "rebate_expense_account_id": accounts[0].id,
                    "rebate_liability_account_id": accounts[1].id,
                    "rebate_payout_journal_id": journals[0].id,
                    "rebate_accrual_journal_id": journals[1].id,
                }
            ],
        )
        # Programs keep all they have.
        self.assertEqual(program.read()[0], before)

    def test_a_bill_journal_and_taxes_of_no_product_are_not_proposed(self):
        bills = self.env["account.journal"].create(
            {"name": "Bills", "code": "RBB", "type": "purchase"}
        )
        self._program((0, 5), payout_method="vendor_bill", journal_id=bills.id)
        program = self._program((0, 5), activate=False, tax_policy="product")
        program._write({"state": "active"})
        self._migrate()
        self.assertRecordValues(
            self.env.company.sudo(),
            [{"rebate_tax_policy": "none", "rebate_payout_journal_id": False}],
        )

    def test_a_company_without_programs_is_like_a_new_one(self):
        other = self.setup_other_company()["company"]
        account = self.env["account.account"].create(
            {
                "name": "Customer Rebates",
                "code": "480900",
                "account_type": "income",
                "company_ids": [(6, 0, other.ids)],
            }
        )
        self._migrate()
        self.assertRecordValues(
            other.sudo(),
            [{"rebate_accrual_method": "earned", "rebate_expense_account_id": account.id}],
        )

    def test_a_level_for_all_payouts_is_in_each_companys_currency(self):
        levels = self.env["rebate.approval.level"]
        level = self.env.ref("rebate_management.approval_level_default")
        vals = {"user_ids": self.approver.ids, "currency_id": self.eur.id}
        chief = levels.create({"name": "Chief", "amount_from": 500, **vals})
        level.currency_id = self.usd
        self._migrate()
        self.assertFalse(level.currency_id)
        self.assertEqual(chief.currency_id, self.eur)

    def test_who_has_programs_needs_no_first_steps(self):
        panel = self.env["onboarding.onboarding"].with_user(self.manager)
        self.assertTrue(panel.rebate_panel())
        self._program((0, 5))
        self._migrate()
        self.assertFalse(panel.rebate_panel())
