"""Quotations and what becomes of them."""

from odoo import Command

from ..common import RebateCommon


class SaleCommon(RebateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["product.product"].create({"name": "Other", "taxes_id": False})

    @classmethod
    def _quote(cls, *lines, **vals):
        """A quotation of ``(product, quantity, price)``."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.distributor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for product, quantity, price in lines
                ],
                **vals,
            }
        )

    def _bill(self, order, day=None):
        """Confirm an order, invoice it whole and post the invoice."""
        if order.state != "sale":
            order.action_confirm()
        invoice = order._create_invoices(final=True)
        invoice.invoice_date = day or self.today
        invoice.action_post()
        return invoice

    def _break(self, program):
        """Have a program that can no longer be computed, as when a field of its filter is gone."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rebate_rule SET product_domain = %s WHERE program_id = %s",
            ("[('no_such_field', '=', 1)]", program.id),
        )
        self.env.invalidate_all()
