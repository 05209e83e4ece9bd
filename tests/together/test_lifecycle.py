"""Installing, updating and uninstalling both addons, each in a process of its own, as an
administrator does it: nothing is logged, and nothing is left behind."""

import odoo
from odoo.tools import config

from ..process import ProcessCase

ADDONS = "rebate_management,rebate_portal,rebate_sale_margin"
UNINSTALL = """
env["ir.module.module"].search(
    [("name", "in", ["rebate_management", "rebate_portal", "rebate_sale_margin"])]
).button_immediate_uninstall()
env.cr.commit()
"""
PAY = """
from odoo import Command
env["account.chart.template"].try_loading("generic_coa", env.company)
buyer = env["res.partner"].create({"name": "Buyer", "is_company": True})
program = env["rebate.program"].create({
    "name": "Bonus", "date_start": "2025-01-01",
    "rule_ids": [Command.create({"tier_ids": [Command.create({"rate": 10})]})],
})
program.action_activate()
agreement = env["rebate.agreement"].create({"program_id": program.id, "partner_id": buyer.id})
agreement.action_activate()
env["account.move"].create({
    "move_type": "out_invoice", "partner_id": buyer.id, "invoice_date": "2025-06-15",
    "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 1000, "tax_ids": False})],
}).action_post()
settlement = env["rebate.settlement.run"].create({"date_to": "2025-12-31"}).action_run()
settlement.action_submit()
approver = env["res.users"].create({
    "name": "Second", "login": "second",
    "group_ids": [Command.set(env.ref("rebate_management.group_rebate_approver").ids)],
})
settlement.with_user(approver).action_approve()
settlement.action_post()
env.cr.commit()
print("PAID", settlement.amount_total)
"""
MEASURE = """
from odoo import Command
buyer = env["res.partner"].search([("name", "=", "Buyer")])
program = env["rebate.program"].create({
    "name": "Bonus again", "date_start": "2025-01-01",
    "rule_ids": [Command.create({"tier_ids": [Command.create({"rate": 10})]})],
})
program.action_activate()
agreement = env["rebate.agreement"].create({"program_id": program.id, "partner_id": buyer.id})
agreement.action_activate()
agreement.action_refresh()
notes = env["account.move"].search_count([("move_type", "=", "out_refund")])
print("MEASURED", notes, sum(agreement.accrual_ids.mapped("measured_amount")))
"""
# What an addon may add to a database, as one list of names.
EVERYTHING = """
    SELECT 'table ' || table_name FROM information_schema.tables WHERE table_schema = 'public'
    UNION ALL
    SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
     WHERE table_schema = 'public'
    UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint ' || conname FROM pg_constraint
    UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences
    UNION ALL SELECT 'model ' || model FROM ir_model
    UNION ALL SELECT 'field ' || model || '.' || name FROM ir_model_fields
    UNION ALL SELECT 'xml id ' || module || '.' || name FROM ir_model_data
    UNION ALL SELECT 'view ' || name FROM ir_ui_view
    UNION ALL SELECT 'action ' || type || ' ' || (name->>'en_US') FROM ir_actions
    UNION ALL SELECT 'menu ' || (name->>'en_US') FROM ir_ui_menu
    UNION ALL SELECT 'group ' || (name->>'en_US') FROM res_groups
    UNION ALL SELECT 'privilege ' || (name->>'en_US') FROM res_groups_privilege
    UNION ALL SELECT 'rule ' || name FROM ir_rule
    UNION ALL SELECT 'access ' || name FROM ir_model_access
    UNION ALL SELECT 'number ' || name FROM ir_sequence
    UNION ALL SELECT 'job ' || cron_name FROM ir_cron
    UNION ALL SELECT 'parameter ' || key FROM ir_config_parameter
    UNION ALL SELECT 'default ' || id FROM ir_default
    UNION ALL SELECT 'user ' || login FROM res_users
    UNION ALL SELECT 'partner ' || id FROM res_partner
    UNION ALL SELECT 'file ' || name FROM ir_attachment WHERE res_model IS NOT NULL
"""


class TestLifecycle(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What the addons depend on, and what those bring along by themselves.
        cls._odoo("-i", "sale_management,portal,sale_margin")

    def _inventory(self):
        with odoo.sql_db.db_connect(self.database).cursor() as cr:
            cr.execute(EVERYTHING)
            names = {name for (name,) in cr.fetchall() if name}
        odoo.sql_db.close_db(self.database)
        return names

    def test_install_update_uninstall(self):
        self.assertTrue(config["data_dir"])
        before = self._inventory()
        self.assertEqual(self._odoo("-i", ADDONS), [])
        installed = self._inventory()
        self.assertIn("table rebate_agreement", installed)
        self.assertEqual(self._odoo("-u", ADDONS), [])
        self.assertEqual(self._inventory(), installed)
        self.assertEqual(self._odoo("shell", stdin=UNINSTALL), [])
        after = self._inventory()
        self.assertEqual(after - before, set())
        self.assertEqual(before - after, set())

    def test_installed_again_old_payouts_are_no_returns(self):
        self._odoo("-i", ADDONS)
        self._odoo("shell", stdin=PAY)
        self.assertIn("PAID 100.0", self.printed)
        (warning,) = self._odoo("shell", stdin=UNINSTALL)
        self.assertIn("Rebates were paid by 1 documents", warning)
        self.assertIn("parameter rebate_management.former_payouts", self._inventory())
        self.assertEqual(self._odoo("-i", ADDONS), [])
        self.assertNotIn("parameter rebate_management.former_payouts", self._inventory())
        self._odoo("shell", stdin=MEASURE)
        self.assertIn("MEASURED 1 1000.0", self.printed)
