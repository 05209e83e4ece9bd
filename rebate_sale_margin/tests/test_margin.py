"""The margin of orders and their lines after rebates: expected ones, and those earned."""

from odoo.tests import tagged

from odoo.addons.rebate_management.tests.common import RebateCommon


@tagged("post_install", "-at_install")
class TestMargin(RebateCommon):
    def test_margin_after_rebate_stays_when_the_order_is_invoiced(self):
        self.goods.standard_price = 6
        self._enrol(self._program((0, 5)))
        order = self._order(quantity=10, price=10)
        self.assertEqual(order.margin, 40)
        self.assertEqual(order.rebate_margin, 35)
        self.assertEqual(order.order_line.rebate_margin, 35)
        self.assertEqual(order.order_line.rebate_margin_percent, 0.35)
        self.assertEqual(order.rebate_margin_percent, 0.35)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 4
        invoice.invoice_date = self.today
        invoice.action_post()
        self.env.invalidate_all()
        self.assertEqual(order.order_line.rebate_earned_amount, 2)
        self.assertEqual(order.rebate_expected_amount, 3)
        self.assertEqual(order.rebate_margin, 35)

    def test_only_who_sees_rebates_sees_it(self):
        order = self._order()
        order.user_id = self.seller
        self.nobody.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        with self.assertNoAccess():
            order.with_user(self.nobody).read(["rebate_margin"])
        self.assertEqual(
            order.with_user(self.seller).read(["rebate_margin"])[0]["rebate_margin"], 100
        )
