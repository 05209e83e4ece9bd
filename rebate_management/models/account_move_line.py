"""Invoice lines as a rebate counts them."""

from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    rebate_net_amount = fields.Monetary(
        string="Counted",
        compute="_compute_rebate_net_amount",
        currency_field="currency_id",
        help="The untaxed amount of the line in the invoice's currency, negative for returns.",
    )

    @api.depends("price_subtotal", "move_id.move_type")
    def _compute_rebate_net_amount(self):
        for line in self:
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            line.rebate_net_amount = sign * line.price_subtotal
