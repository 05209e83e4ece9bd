"""Payouts with taxes take from the liability what was accrued, and no tax."""

from odoo import Command
from odoo.tests import tagged

from .common import AccrualCommon


@tagged("post_install", "-at_install")
class TestAccrualTax(AccrualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without an account of its own, as a tax that cannot be deducted.
        cls.sale_tax, cls.purchase_tax = cls.env["account.tax"].create(
            [
                {"name": f"20 % {use}", "amount": 20, "type_tax_use": use}
                for use in ("sale", "purchase")
            ]
        )
        cls.service = cls.env["product.product"].create(
            {
                "name": "Bonus",
                "type": "service",
                "taxes_id": [Command.set(cls.sale_tax.ids)],
                "supplier_taxes_id": [Command.set(cls.purchase_tax.ids)],
            }
        )

    def _paid(self, **vals):
        """A payout of 100 and 20 tax, accrued before."""
        self._enrol(self._accruing(**vals))
        self._invoice(
            [],
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.goods.id,
                        "price_unit": 1000,
                        "tax_ids": [Command.set(self.sale_tax.ids)],
                    }
                )
            ],
        )
        self._run()
        settlement = self._settle()
        self.assertEqual(settlement.move_ids.amount_tax, 20)
        return settlement

    def _assert_nothing_but_accruals(self, settlement):
        self._assert_books_agree(0)
        tax = settlement.move_ids.line_ids.filtered("tax_line_id")
        self.assertEqual(tax.mapped("account_id"), self.expense)
        settlement.action_cancel()
        self._assert_books_agree(100)

    def test_a_tax_of_the_invoices_without_account_is_on_the_rebate_account(self):
        self._assert_nothing_but_accruals(self._paid(tax_policy="origin"))

    def test_a_tax_of_the_product_without_account_is_on_the_rebate_account(self):
        self._assert_nothing_but_accruals(
            self._paid(tax_policy="product", payout_product_id=self.service.id)
        )

    def test_a_tax_of_a_bill_that_is_not_deducted_is_on_the_rebate_account(self):
        self._assert_nothing_but_accruals(
            self._paid(
                tax_policy="product",
                payout_product_id=self.service.id,
                payout_method="vendor_bill",
            )
        )

    def test_a_tax_with_an_account_is_booked_there(self):
        account = self._liability(code="251900")
        self.sale_tax.repartition_line_ids.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = account
        settlement = self._paid(tax_policy="origin")
        self._assert_books_agree(0)
        # 200 of the invoice, less those of the payout
        self.assertEqual(self._balance(account), 180)
        settlement.action_cancel()
        self.assertEqual(self._balance(account), 200)
