"""The margin of an order after the rebates that it earns."""

from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    rebate_margin = fields.Monetary(
        string="Margin After Rebate",
        compute="_compute_rebate_margin",
        groups="rebate_management.group_rebate_user",
        help="The margin less what the order earned in rebates, and is expected to earn of what is"
        " not invoiced yet.",
    )
    rebate_margin_percent = fields.Float(
        string="Margin After Rebate (%)",
        compute="_compute_rebate_margin",
        groups="rebate_management.group_rebate_user",
    )

    @api.depends(
        "margin",
        "amount_untaxed",
        "order_line.rebate_expected_amount",
        "order_line.rebate_earned_amount",
    )
    def _compute_rebate_margin(self):
        for order in self:
            lines = order.order_line
            rebate = sum(lines.mapped("rebate_expected_amount"))
            rebate += sum(lines.mapped("rebate_earned_amount"))
            order.rebate_margin = order.margin - rebate
            order.rebate_margin_percent = (
                order.amount_untaxed and order.rebate_margin / order.amount_untaxed
            )
