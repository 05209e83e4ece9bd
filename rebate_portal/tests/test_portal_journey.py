"""A distributor's day in a real browser: looks, buys, sees the news, takes the credit note."""

from odoo import Command
from odoo.tests import tagged

from .common import RebatePortalCommon, prints


@tagged("post_install", "-at_install", "is_tour")
class TestPortalJourney(RebatePortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._user(
            "seller",
            "sales_team.group_sale_salesman",
            "account.group_account_invoice",
            "rebate_management.group_rebate_user",
        )
        cls.agreement = cls._enrol(cls._program((0, 1.5), (10000, 4)))
        cls._invoice(1000)
        cls._settle()
        cls._invoice(7513.58, "2026-02-01")

    @prints
    def test_a_distributor_follows_its_rebate(self):
        self.start_tour("/web/login?redirect=/my", "rebate_portal_progress")
        self._sell(2486.42)
        with self._printing():
            self.start_tour(self.agreement.access_url, "rebate_portal_news", login=self.dana.login)

    def _sell(self, amount):
        """The salesperson invoices the distributor."""
        self.env["account.move"].with_user(self.seller).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.distributor.id,
                "invoice_date": "2026-03-31",
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": self.goods.id, "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        ).action_post()
