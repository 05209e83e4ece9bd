"""A discount on a line of its own lowers the lines that it discounts."""

from odoo import Command
from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestDiscount(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.saw = cls.env["product.product"].create({"name": "Saw", "taxes_id": False})
        cls.discount = cls.env["product.product"].create(
            {"name": "Discount", "type": "service", "taxes_id": False}
        )

    def _of_saws(self, **vals):
        """An agreement in a program that counts saws alone."""
        return self._enrol(
            self._program(rules=[self._rule((0, 10), product_ids=self.saw.ids)], **vals)
        )

    def _measured(self, agreement):
        agreement.action_refresh()
        return self._accrual(agreement).measured_amount

    def _assert_adds_up(self, agreement):
        """The lines of a figure add up to it, in the list and as frozen."""
        accrual = self._accrual(agreement)
        lines = self.env["account.move.line"].search(accrual.action_view_invoice_lines()["domain"])
        self.assertAlmostEqual(
            sum(lines.mapped("rebate_net_amount")), accrual.measured_amount, places=1
        )
        details = self._settle(program_ids=agreement.program_id.ids).line_ids.detail_ids
        self.assertAlmostEqual(sum(details.mapped("amount")), accrual.measured_amount)
        self.assertAlmostEqual(sum(details.mapped("rebate_amount")), accrual.earned_amount)

    def test_a_rule_on_products_counts_them_at_the_price_that_was_paid(self):
        agreement = self._of_saws()
        self._invoice([(self.saw, 100), (self.discount, -10)])
        self.assertEqual(self._measured(agreement), 90)
        self._assert_adds_up(agreement)

    def test_a_discount_by_text_alone(self):
        agreement = self._of_saws()
        self._invoice([(self.saw, 100), (None, -10)])
        self.assertEqual(self._measured(agreement), 90)

    def test_a_discount_product_that_is_no_service_is_marked_as_one(self):
        goods = self.env["product.product"].create(
            {"name": "Our Discount", "taxes_id": False, "rebate_exclusion": "quantity"}
        )
        agreement = self._of_saws()
        self._invoice([(self.saw, 100), (goods, -10)])
        self.assertEqual(self._measured(agreement), 90)

    def test_odoos_discount_on_a_whole_order(self):
        agreement = self._of_saws()
        (self.saw | self.goods).invoice_policy = "order"
        order = self.env["sale.order"].create(
            {
                "partner_id": self.distributor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for product, price in ((self.saw, 100), (self.goods, 300))
                ],
            }
        )
        self.env["sale.order.discount"].create(
            {"sale_order_id": order.id, "discount_type": "amount", "discount_amount": 40}
        ).action_apply_discount()
        order.action_confirm()
        move = order._create_invoices()
        move.invoice_date = "2025-06-15"
        move.action_post()
        self.assertEqual(move.amount_untaxed, 360)
        self.assertEqual(self._measured(agreement), 90)

    def test_it_is_shared_in_proportion_and_no_cent_is_lost(self):
        saws = self._of_saws()
        everything = self._enrol(self._program((0, 10), name="Everything"))
        self._invoice(
            [(self.saw, 33.33), (self.goods, 33.33), (self.goods, 0.01), (self.discount, -10)]
        )
        self.assertEqual(self._measured(everything), 56.67)
        self.assertEqual(self._measured(saws), 28.33, "33.33 - 10 * 33.33 / 66.67")
        self._assert_adds_up(everything)

    def test_rules_side_by_side_add_up_to_the_invoice(self):
        agreement = self._enrol(
            self._program(
                rules=[
                    self._rule((0, 10), name="Saws", product_ids=self.saw.ids),
                    self._rule((0, 10), name="Goods", product_ids=self.goods.ids),
                ]
            )
        )
        self._invoice([(self.saw, 100), (self.goods, 200), (self.discount, -10)])
        self.assertEqual(self._measured(agreement), 290)
        lines = self._accrual(agreement).line_ids
        self.assertEqual(lines.mapped("measured_amount"), [96.67, 193.33])

    def test_a_discount_for_a_set_of_taxes_lies_on_what_bears_them(self):
        agreement = self._of_saws()
        reduced, full = self.env["account.tax"].create(
            [{"name": "7 %", "amount": 7}, {"name": "19 %", "amount": 19}]
        )
        move = self._invoice(
            [(self.saw, 100), (self.goods, 100), (self.discount, -10), (self.discount, -4)],
            post=False,
        )
        for line, tax in zip(move.invoice_line_ids, (reduced, full, reduced, full), strict=True):
            line.tax_ids = tax
        move.action_post()
        self.assertEqual(self._measured(agreement), 90)

    def test_a_discount_on_what_never_earns_lowers_nothing_that_does(self):
        agreement = self._enrol(self._program((0, 10)))
        move = self._invoice([(self.saw, 90), (self.goods, 10), (self.discount, -10)], post=False)
        move.invoice_line_ids[1].rebate_exclusion = "all"
        move.action_post()
        self.assertEqual(self._measured(agreement), 81)

    def test_an_allowance_on_goods_lies_on_these_goods(self):
        agreement = self._of_saws()
        self._invoice([(self.saw, 100), (self.goods, -10)])
        self.assertEqual(self._measured(agreement), 100)
        self._invoice([(self.saw, -7), (self.goods, 200)])
        self.assertEqual(self._measured(agreement), 93)

    def test_a_service_that_is_sold_beside_keeps_its_own_discount(self):
        agreement = self._of_saws()
        self._invoice([(self.saw, 100), (self.discount, 50), (self.discount, -5)])
        self.assertEqual(self._measured(agreement), 100)

    def test_a_discount_with_nothing_to_discount_stands_for_itself(self):
        saws = self._of_saws()
        everything = self._enrol(self._program((0, 10), name="Everything"))
        self._invoice(100)
        self._invoice([(self.discount, 5)], refund=True, post=False).action_post()
        self.assertEqual(self._measured(saws), 0)
        self.assertEqual(self._measured(everything), 95)

    def test_the_credit_note_of_a_discounted_invoice_takes_all_of_it_back(self):
        agreement = self._of_saws()
        sale = self._invoice([(self.saw, 100), (self.discount, -10)])
        sale._reverse_moves([{"invoice_date": "2025-06-20"}]).action_post()
        self.assertEqual(self._measured(agreement), 0)

    def test_a_discount_is_paid_with_the_invoice(self):
        agreement = self._of_saws(basis="paid")
        move = self._invoice([(self.saw, 100), (self.discount, -10)])
        self._pay(move, amount=45)
        self.assertEqual(self._measured(agreement), 45)

    def test_in_another_currency_the_shares_are_converted_like_the_lines(self):
        self.eur.active = True
        self.env["res.currency.rate"].create(
            {"name": "2025-01-01", "rate": 0.5, "currency_id": self.eur.id}
        )
        agreement = self._of_saws()
        self._invoice([(self.saw, 100), (self.discount, -10)], currency_id=self.eur.id)
        self.assertEqual(self._measured(agreement), 180)

    def test_the_invoices_of_a_figure_are_counted_once(self):
        agreement = self._enrol(self._program((0, 10)))
        self._invoice([(self.saw, 100), (self.goods, 50), (self.discount, -10)])
        self._earned(agreement)
        explanation = self._accrual(agreement).line_ids.explanation
        self.assertIn("140.00 on one invoice", self._plain(explanation))
