"""The salesperson's day in a real browser: his customers, one agreement, the watch list."""

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import tagged

from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestWatchTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", cls.env.company, install_demo=False
            )
        cls.seller = cls.env["res.users"].create(
            {
                "name": "Tour Seller",
                "login": "tour_seller",
                "password": "tour_seller",
                "email": "seller@example.com",
                "group_ids": [
                    Command.link(cls.env.ref("rebate_management.group_rebate_user").id),
                    Command.link(cls.env.ref("sales_team.group_sale_salesman").id),
                ],
            }
        )
        cls.distributor, other = cls.env["res.partner"].create(
            [
                {"name": "Tour Distributor", "is_company": True, "user_id": cls.seller.id},
                {"name": "Tour Other", "is_company": True},
            ]
        )
        program = cls.env["rebate.program"].create(
            {
                "name": "Tour Bonus",
                "date_start": fields.Date.today().replace(month=1, day=1),
                "rule_ids": [
                    Command.create(
                        {
                            "name": "Purchases",
                            "tier_ids": [
                                Command.create({"threshold": 1000, "rate": 2}),
                                Command.create({"threshold": 5000, "rate": 3}),
                            ],
                        }
                    )
                ],
            }
        )
        program.action_activate()
        cls.env["rebate.agreement"].create(
            [
                {"program_id": program.id, "partner_id": partner.id}
                for partner in (cls.distributor, other)
            ]
        ).action_activate()
        cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": 4700, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
                for partner in (cls.distributor, other)
            ]
        ).action_post()
        cls.env["rebate.watch"]._refresh(Domain.TRUE)

    def test_a_salesperson_finds_his_customers_and_plans_a_call(self):
        self.start_tour(
            "/odoo/action-rebate_management.rebate_agreement_action",
            "rebate_watch_salesperson",
            login="tour_seller",
            timeout=180,
        )
        watch = self.env["rebate.watch"].search([("partner_id", "=", self.distributor.id)])
        self.assertEqual(watch.activity_ids.user_id, self.seller)

    def test_the_customer_form_says_what_is_worth_saying(self):
        self.start_tour(
            f"/odoo/contacts/{self.distributor.id}"
            if self.env["ir.actions.act_window"].search([("path", "=", "contacts")], limit=1)
            else f"/odoo/res.partner/{self.distributor.id}",
            "rebate_watch_customer",
            login="tour_seller",
            timeout=180,
        )
