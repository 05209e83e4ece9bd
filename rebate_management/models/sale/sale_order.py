"""Sales orders tell what they are worth in rebates."""

from odoo import api, fields, models

from . import expectation


class SaleOrder(models.Model):
    _inherit = "sale.order"

    rebate_expectation = fields.Json(
        string="What It Earns",
        compute="_compute_rebate_expectation",
        groups="rebate_management.group_rebate_user",
        help="Program by program, with the tier that the order reaches or nearly reaches.",
    )
    rebate_expected_amount = fields.Monetary(
        string="Expected Rebate",
        compute="_compute_rebate_expectation",
        groups="rebate_management.group_rebate_user",
        help="What the customer's running agreements would earn more if all of the order that is"
        " not invoiced yet were invoiced today.",
    )

    @api.depends(
        "state",
        "partner_id",
        "partner_invoice_id",
        "company_id",
        "currency_id",
        "date_order",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.product_uom_id",
        "order_line.price_subtotal",
        "order_line.tax_ids",
        "order_line.rebate_exclusion",
        "order_line.qty_invoiced_posted",
    )
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_rebate_expectation(self):
        found = expectation.expect(self)
        for order in self:
            told = expectation.tell(order, found[order]) if order in found else {}
            order.rebate_expectation = told
            order.rebate_expected_amount = told.get("amount", 0)
