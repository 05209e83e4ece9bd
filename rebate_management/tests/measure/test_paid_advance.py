"""On the paid basis goods are paid by the advance that is deducted from their invoice."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestPaidAdvance(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._enrol(cls._program((0, 10), basis="paid", period_type="quarter"))
        cls.goods.invoice_policy = "delivery"

    def _bill(self, order, day, post=True, **vals):
        before = order.invoice_ids
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(vals or {"advance_payment_method": "delivered"}).create_invoices()
        move = order.invoice_ids - before
        move.invoice_date = day
        if post:
            move.action_post()
        return move

    def _advance(self, order, percent, day="2025-02-01"):
        return self._bill(order, day, advance_payment_method="percentage", amount=percent)

    def _deliver(self, order, day="2025-04-10", quantity=10):
        goods = order.order_line.filtered(
            lambda line: line.product_id == self.goods and not line.is_downpayment
        )
        goods.qty_delivered = quantity
        return self._bill(order, day)

    def _assert_quarters(self, first, second, third=0):
        """What three quarters have earned once the queue is drained."""
        self._drain()
        earned = [
            self._accrual(self.agreement, f"2025-{month}-15").earned_amount
            for month in ("02", "05", "08")
        ]
        self.assertEqual(earned, [first, second, third])

    def test_a_final_invoice_over_nothing_is_paid_by_the_advance(self):
        order = self._order(price=100)
        advance = self._advance(order, 100)
        final = self._deliver(order)
        self.assertEqual(final.amount_total, 0)
        self._assert_quarters(0, 0)
        self._pay(advance, "2025-05-20")
        self._assert_quarters(0, 100)

    def test_an_advance_paid_before_pays_the_goods_when_they_are_invoiced(self):
        order = self._order(price=100)
        self._pay(self._advance(order, 80), "2025-02-20")
        self._assert_quarters(0, 0)
        final = self._deliver(order)
        self._assert_quarters(0, 80)
        self._pay(final, "2025-07-05")
        self._assert_quarters(0, 80, 20)

    def test_an_advance_paid_after_delivery_and_in_parts(self):
        order = self._order(price=100)
        advance = self._advance(order, 80)
        final = self._deliver(order)
        self._pay(final, "2025-04-20")
        self._assert_quarters(0, 20)
        self._pay(advance, "2025-05-20", 200)
        self._assert_quarters(0, 40)
        self._pay(advance, "2025-07-20")
        self._assert_quarters(0, 40, 60)

    def test_a_payment_of_the_advance_taken_back_undoes_it(self):
        order = self._order(price=100)
        payment = self._pay(self._advance(order, 80), "2025-02-20")
        self._deliver(order)
        self._assert_quarters(0, 80)
        payment.action_draft()
        self._assert_quarters(0, 0)

    def test_what_was_written_off_of_the_advance_is_not_paid(self):
        order = self._order(price=100)
        advance = self._advance(order, 80)
        expense = self.company_data["default_account_expense"]
        self._pay(advance, "2025-02-20", 600, write_off=expense)
        self._deliver(order)
        self._assert_quarters(0, 60)

    def test_several_advances(self):
        order = self._order(price=100)
        first, second = self._advance(order, 30), self._advance(order, 20, "2025-03-01")
        self._deliver(order)
        self._pay(first, "2025-04-20")
        self._assert_quarters(0, 30)
        self._pay(second, "2025-07-20")
        self._assert_quarters(0, 30, 20)

    def test_taxes_of_several_rates(self):
        low, high = self.env["account.tax"].create(
            [{"name": "7 %", "amount": 7}, {"name": "19 %", "amount": 19}]
        )
        order = self._order(low, high, price=100)
        advance = self._advance(order, 50)
        final = self._deliver(order)
        self.assertEqual(len(final.invoice_line_ids.filtered("is_downpayment")), 2)
        self._assert_quarters(0, 0)
        self._pay(advance, "2025-04-20")
        self._assert_quarters(0, 100, 0)
        self._pay(final, "2025-07-20")
        self._assert_quarters(0, 100, 100)

    def test_more_advanced_than_delivered_is_paid_once_and_no_more(self):
        order = self._order(price=100)
        advance = self._advance(order, 100)
        final = self._deliver(order, quantity=7)
        self.assertEqual(final.move_type, "out_refund")
        self._assert_quarters(0, 0)
        self._pay(advance, "2025-05-20")
        self._assert_quarters(0, 70)
        self._pay(final, "2025-07-20")
        self._assert_quarters(0, 70, 0)

    def test_more_advanced_than_delivered_and_offset(self):
        order = self._order(price=100)
        advance = self._advance(order, 100)
        final = self._deliver(order, quantity=7)
        (advance | final).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._assert_quarters(0, 0)
        self._pay(advance, "2025-05-20")
        self._assert_quarters(0, 70)

    def test_a_refunded_advance_pays_nothing(self):
        order = self._order(price=100)
        advance = self._advance(order, 80)
        self._pay(advance, "2025-02-20")
        self._deliver(order)
        self._assert_quarters(0, 80)
        refund = advance._reverse_moves([{"invoice_date": "2025-05-01", "date": "2025-05-01"}])
        refund.action_post()
        self._assert_quarters(0, 80)
        self._pay(refund, "2025-07-20")
        self._assert_quarters(0, 80, 0)
        self.assertEqual(self._accrual(self.agreement, "2025-08-15").measured_amount, -800)

    def test_an_advance_refunded_before_delivery_is_deducted_from_nothing(self):
        order = self._order(price=100)
        advance = self._advance(order, 80)
        self._pay(advance, "2025-02-20")
        advance._reverse_moves([{"invoice_date": "2025-03-01", "date": "2025-03-01"}], cancel=True)
        final = self._deliver(order)
        self.assertEqual(final.amount_total, 1000)
        self._assert_quarters(0, 0)
        self._pay(final, "2025-05-20", 500)
        self._assert_quarters(0, 50)

    def test_a_part_of_the_advance_refunded_after_delivery(self):
        order = self._order(price=100)
        advance = self._advance(order, 80)
        self._pay(advance, "2025-02-20")
        self._deliver(order)
        refund = advance._reverse_moves([{"invoice_date": "2025-05-01", "date": "2025-05-01"}])
        refund.invoice_line_ids.filtered("is_downpayment").price_unit = 300
        refund.action_post()
        self._pay(refund, "2025-05-20")
        self._assert_quarters(0, 50)

    def test_a_final_invoice_reversed_takes_back_what_was_paid(self):
        order = self._order(price=100)
        self._pay(self._advance(order, 80), "2025-02-20")
        final = self._deliver(order)
        final._reverse_moves([{"invoice_date": "2025-05-10", "date": "2025-05-10"}], cancel=True)
        self._assert_quarters(0, 0)
        self.assertEqual(self._accrual(self.agreement, "2025-05-15").measured_amount, 0)

    def test_a_return_after_the_end_comes_off_what_the_advance_paid(self):
        order = self._order(price=100)
        self._pay(self._advance(order, 100), "2025-02-20")
        final = self._deliver(order)
        self.assertEqual(final.amount_total, 0)
        self.agreement.date_end = "2025-06-30"
        self._assert_quarters(0, 100)
        note = final._reverse_moves([{"invoice_date": "2025-07-10", "date": "2025-07-10"}])
        note.invoice_line_ids.filtered("is_downpayment").unlink()
        note.invoice_line_ids.filtered(lambda line: line.product_id == self.goods).quantity = 3
        note.action_post()
        self._pay(note, "2025-07-20")
        self._drain()
        self.assertEqual(self._accrual(self.agreement, "2025-05-15").earned_amount, 70)

    def test_an_invoice_over_nothing_without_advance_is_paid_when_it_is_made(self):
        self._invoice([(self.goods, 100), (None, -100)], "2025-04-10")
        self._drain()
        accrual = self._accrual(self.agreement, "2025-05-15")
        self.assertIn("one invoice", accrual.line_ids.explanation)

    def test_the_lines_of_the_goods_share_what_was_paid(self):
        order = self._order(None, None, price=100)
        self._pay(self._advance(order, 80), "2025-02-20")
        final = self._deliver(order)
        self._drain()
        shares = self._accrual(self.agreement, "2025-05-15").line_ids._share_out()
        self.assertEqual([share.amount for share in shares], [800, 800])
        self.assertEqual(
            {share.line_id for share in shares},
            set(final.invoice_line_ids.filtered(lambda line: line.quantity > 0).ids),
        )
