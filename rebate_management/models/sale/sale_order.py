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

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    def _rebate_printed(self):
        """What the printed order tells the customer of its rebates, in the language that it is
        printed in; nothing unless the company wants it.

        :return: sentences
        """
        self.ensure_one()
        if not self.company_id.rebate_quotation_print:
            return []
        # The customer is told of its own, whoever prints it; and so is whoever opens the page that
        # the customer is sent to.
        order = self.sudo()
        found = expectation.expect(order).get(order)
        return expectation.tell_customer(found) if found else []
