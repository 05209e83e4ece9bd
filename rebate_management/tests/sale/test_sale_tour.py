"""A quotation and an invoice with their rebates, in a real browser; a console error fails it."""

from odoo import Command, fields
from odoo.tests import tagged

from ..common_pictures import PicturesCase


@tagged("post_install", "-at_install")
class TestSaleTour(PicturesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        groups = (
            *("base.group_user", "rebate_management.group_rebate_user"),
            *("sales_team.group_sale_salesman_all_leads", "account.group_account_invoice"),
        )
        cls.env["res.users"].create(
            {
                "name": "Tour Seller",
                "login": "tour_seller",
                "password": "tour_seller",
                "group_ids": [Command.link(cls.env.ref(group).id) for group in groups],
            }
        )
        cls.goods = cls.env["product.product"].create(
            {"name": "Tour Goods", "list_price": 1200, "taxes_id": False}
        )
        cls.partner = cls.env["res.partner"].create({"name": "Tour Buyer", "is_company": True})
        program = cls.env["rebate.program"].create(
            {
                "name": "Tour Bonus",
                "date_start": "2025-01-01",
                "rule_ids": [
                    Command.create(
                        {
                            "tier_ids": [
                                Command.create({"threshold": 1000, "rate": 1}),
                                Command.create({"threshold": 10000, "rate": 5}),
                            ]
                        }
                    )
                ],
            }
        )
        program.action_activate()
        cls.env["rebate.agreement"].create(
            {
                "program_id": program.id,
                "partner_id": cls.partner.id,
                "date_start": fields.Date.today().replace(month=1, day=1),
            }
        ).action_activate()
        cls.invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": cls.goods.id,
                            "price_unit": 8000,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        cls.invoice.action_post()

    def test_a_salesperson_sees_what_a_quotation_is_worth(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "product_uom_qty": 1,
                            "price_unit": 1200,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        self.start_tour(f"/odoo/sales/{order.id}", "rebate_management_sale", login="tour_seller")
        self.assertEqual(order.order_line.product_uom_qty, 2)
        self.assertEqual(order.rebate_expected_amount, 440)

    def test_an_invoice_tells_what_its_lines_earned(self):
        self.start_tour(
            f"/odoo/customer-invoices/{self.invoice.id}",
            "rebate_management_invoice_shares",
            login="tour_seller",
        )
