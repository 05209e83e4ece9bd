"""The back office in a real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestTour(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        groups = (
            "rebate_management.group_rebate_manager",
            "rebate_management.group_rebate_accountant",
            "rebate_management.group_rebate_approver",
        )
        cls.env["res.users"].create(
            {
                "name": "Tour Manager",
                "login": "tour_manager",
                "password": "tour_manager",
                "group_ids": [
                    Command.link(cls.env.ref(group).id) for group in ("base.group_user", *groups)
                ],
            }
        )
        distributor = cls.env["res.partner"].create(
            {"name": "Tour Distributor", "is_company": True}
        )
        cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": distributor.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 2000, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        ).action_post()

    def test_a_manager_writes_enrols_and_settles(self):
        self.start_tour("/odoo", "rebate_management_manager", login="tour_manager", timeout=120)
        move = self.env["account.move"].search(
            [("partner_id.name", "=", "Tour Distributor")], limit=1
        )
        self.assertRecordValues(
            move, [{"move_type": "out_refund", "state": "posted", "amount_total": 350}]
        )
