"""Returns: a negative line, not a document."""

from odoo.tests import tagged

from ..common import RebateCommon


@tagged("post_install", "-at_install")
class TestReturns(RebateCommon):
    def _kept(self, **vals):
        """An agreement in a program that does not deduct returns."""
        return self._enrol(self._program((0, 10), include_refunds=False, **vals))

    def _bill(self, order, day, **vals):
        """A posted invoice of an order: an advance, or what is delivered less the advance."""
        before = order.invoice_ids
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(vals or {"advance_payment_method": "delivered"}).create_invoices()
        move = order.invoice_ids - before
        move.invoice_date = day
        move.action_post()
        return move

    def _over_advanced(self):
        self.goods.invoice_policy = "delivery"
        order = self._order()
        self._bill(order, "2025-03-01", advance_payment_method="percentage", amount=100)
        order.order_line.filtered(lambda line: not line.is_downpayment).qty_delivered = 7
        return self._bill(order, "2025-04-01")

    def test_what_is_sold_on_a_credit_note_counts_where_returns_are_not_deducted(self):
        agreement = self._kept()
        final = self._over_advanced()
        self.assertEqual(final.move_type, "out_refund", "more was advanced than delivered")
        self.assertEqual(self._earned(agreement), 7)

    def test_what_is_sold_on_a_credit_note_counts_where_returns_are_deducted(self):
        agreement = self._enrol(self._program((0, 10)))
        self._over_advanced()
        self.assertEqual(self._earned(agreement), 7)

    def test_a_return_on_an_invoice_is_a_return(self):
        kept, deducted = self._kept(), self._enrol(self._program((0, 10)))
        move = self._invoice([(self.goods, 100), (self.goods, 30)], post=False)
        move.invoice_line_ids[1].quantity = -1
        move.action_post()
        self.assertEqual(move.amount_untaxed, 70)
        self.assertEqual(self._earned(kept), 10)
        self.assertEqual(self._earned(deducted), 7)

    def test_a_discount_is_no_return(self):
        agreement = self._kept()
        self._invoice([(self.goods, 100), (None, -10)])
        self.assertEqual(self._earned(agreement), 9)

    def test_the_discount_of_what_is_returned_goes_with_it(self):
        agreement = self._kept()
        sale = self._invoice([(self.goods, 100), (None, -10)])
        sale._reverse_moves([{"invoice_date": "2025-06-20"}]).action_post()
        self.assertEqual(self._earned(agreement), 9)

    def test_a_price_allowance_is_no_return(self):
        agreement = self._kept()
        self._invoice(100)
        allowance = self._invoice(5, refund=True, post=False)
        allowance.invoice_line_ids.rebate_exclusion = "quantity"
        allowance.action_post()
        self.assertEqual(self._earned(agreement), 9.5)

    def test_two_programs_share_only_what_both_count_of_an_invoice_with_a_return(self):
        """The first pays on 100, the second on 100 - 30, and is lowered by what the first pays on
        what both count."""
        first = self._program((0, 10), name="First", include_refunds=False)
        second = self._program(
            (0, 10), name="Second", reduced_by_program_ids=first.ids, sequence=20
        )
        agreements = self._enrol(first), self._enrol(second)
        move = self._invoice([(self.goods, 100), (self.goods, 30)], post=False)
        move.invoice_line_ids[1].quantity = -1
        move.action_post()
        self.assertEqual(self._earned(agreements[0]), 10)
        self.assertEqual(self._earned(agreements[1]), 6)

    def test_on_the_paid_basis_a_return_on_an_invoice_is_a_return_too(self):
        agreement = self._kept(basis="paid")
        move = self._invoice([(self.goods, 100), (self.goods, 30)], post=False)
        move.invoice_line_ids[1].quantity = -1
        move.action_post()
        self._pay(move, amount=35)
        self.assertEqual(self._earned(agreement), 5)

    def test_a_return_is_not_among_the_lines_where_it_is_not_deducted(self):
        agreement = self._kept()
        move = self._invoice([(self.goods, 100), (self.goods, 30)], post=False)
        move.invoice_line_ids[1].quantity = -1
        move.action_post()
        agreement.action_refresh()
        shares = self._accrual(agreement).line_ids._share_out()
        self.assertEqual(
            [(share.line_id, share.amount) for share in shares],
            [(move.invoice_line_ids[0].id, 100)],
        )
