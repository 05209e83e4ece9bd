"""The back office in a real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import tagged

from ...tools.trust import trusted
from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        for name, *groups in (
            ("Manager", "rebate_manager", "rebate_approver"),
            ("Approver", "rebate_approver"),
            ("Accountant", "rebate_accountant"),
        ):
            login = f"tour_{name.lower()}"
            cls.env["res.users"].create(
                {
                    "name": f"Tour {name}",
                    "login": login,
                    "password": login,
                    "group_ids": [
                        Command.link(cls.env.ref(f"rebate_management.group_{group}").id)
                        for group in groups
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

    def test_a_manager_writes_enrols_and_submits_what_others_approve_and_post(self):
        self.start_tour("/odoo", "rebate_management_manager", login="tour_manager", timeout=120)
        settlement = self.env["rebate.settlement"].search(
            [("partner_id.name", "=", "Tour Distributor")]
        )
        self.assertEqual(settlement.state, "submitted")
        settlements = "/odoo/action-rebate_management.rebate_settlement_action"
        self.start_tour(settlements, "rebate_management_approver", login="tour_approver")
        self.start_tour(
            f"{settlements}/{settlement.id}",
            "rebate_management_accountant",
            login="tour_accountant",
        )
        move = self.env["account.move"].search(
            [("partner_id.name", "=", "Tour Distributor")], limit=1
        )
        self.assertRecordValues(
            move, [{"move_type": "out_refund", "state": "posted", "amount_total": 350}]
        )

    def test_the_page_of_a_run_follows_it(self):
        batch = trusted(self.env["rebate.settlement.batch"]).create(
            {
                "date_to": fields.Date.today(),
                "company_id": self.env.company.id,
                "user_id": self.env.uid,
                "kind": "final",
            }
        )
        batch.state = "running"
        action = "/odoo/action-rebate_management.rebate_settlement_batch_action"
        self.start_tour(
            f"{action}/{batch.id}", "rebate_management_run_progress", login="tour_manager"
        )
        self.assertEqual(batch.state, "stopped")
