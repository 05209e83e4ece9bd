"""Odoo's discount on a whole order is money: it moves no goods."""

from odoo import models


class SaleOrderDiscount(models.TransientModel):
    _inherit = "sale.order.discount"

    def _prepare_discount_product_values(self):
        return super()._prepare_discount_product_values() | {"rebate_exclusion": "quantity"}

    def _prepare_global_discount_so_lines(self, base_lines):
        vals_list = super()._prepare_global_discount_so_lines(base_lines)
        return [{"rebate_exclusion": "quantity"} | vals for vals in vals_list]
