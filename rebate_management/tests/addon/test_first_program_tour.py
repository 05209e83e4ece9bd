"""From the app's icon to an active program with three distributors, in a database with nothing but
a chart of accounts, in under two minutes."""

import time

from odoo import Command
from odoo.tests import tagged

from ..common_pictures import PicturesCase

# Seconds that a manager gives it; the issue says so.
PATIENCE = 120


@tagged("post_install", "-at_install")
class TestFirstProgramTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Just Begun"})
        cls.env["account.chart.template"].try_loading(
            "generic_coa", cls.company, install_demo=False
        )
        cls.env["res.users"].create(
            {
                "name": "First Manager",
                "login": "first_manager",
                "password": "first_manager",
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [
                    Command.link(cls.env.ref("base.group_user").id),
                    Command.link(cls.env.ref("rebate_management.group_rebate_manager").id),
                ],
            }
        )
        cls.env["res.partner"].create(
            [
                {"name": f"First Distributor {name}", "is_company": True}
                for name in ("North", "South", "West")
            ]
        )

    def test_a_first_program_in_under_two_minutes(self):
        begun = time.monotonic()
        self.start_tour(
            "/odoo", "rebate_management_first_program", login="first_manager", timeout=PATIENCE
        )
        took = time.monotonic() - begun
        program = self.env["rebate.program"].search([("company_id", "=", self.company.id)])
        self.assertRecordValues(
            program, [{"state": "active", "accrual_method": "earned", "tax_policy": "origin"}]
        )
        self.assertEqual(program.expense_account_id.name, "Rebates Granted")
        self.assertEqual(program.agreement_ids.mapped("state"), ["active"] * 3)
        self.assertLess(took, PATIENCE)
