"""The margin of an order line after the rebate that lies on it."""

from odoo import api, fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    rebate_margin = fields.Monetary(
        string="Margin After Rebate",
        compute="_compute_rebate_margin",
        groups="rebate_management.group_rebate_user",
        help="The margin less what the line earned in rebates, and is expected to earn of what is"
        " not invoiced yet.",
    )
    rebate_margin_percent = fields.Float(
        string="Margin After Rebate (%)",
        compute="_compute_rebate_margin",
        groups="rebate_management.group_rebate_user",
    )

    @api.depends("margin", "price_subtotal", "rebate_expected_amount", "rebate_earned_amount")
    def _compute_rebate_margin(self):
        for line in self:
            rebate = line.rebate_expected_amount + line.rebate_earned_amount
            line.rebate_margin = line.margin - rebate
            line.rebate_margin_percent = (
                line.price_subtotal and line.rebate_margin / line.price_subtotal
            )
