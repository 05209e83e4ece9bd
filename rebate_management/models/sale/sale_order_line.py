"""Order lines say what of them counts for rebates, which their invoice lines take over, and what
they are expected to earn."""

from odoo import api, fields, models

from ..account import exclusion
from .supposing import name_of


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    rebate_exclusion = fields.Selection(
        exclusion.EXCLUSIONS,
        compute="_compute_rebate_exclusion",
        store=True,
        readonly=False,
        copy=True,
        help="What the invoice lines begin with. Money, no units: a discount or an allowance, which"
        " moves no goods. Earns nothing: no rebate counts the line. Empty: it counts.",
    )

    rebate_expected_amount = fields.Monetary(
        string="Expected Rebate",
        compute="_compute_rebate_expected_amount",
        groups="rebate_management.group_rebate_user",
        help="The line's part of the expected rebate of the order: of each program by the rates"
        " that the order reaches, to the cent.",
    )

    rebate_earned_amount = fields.Monetary(
        string="Earned Rebate",
        compute="_compute_rebate_earned_amount",
        groups="rebate_management.group_rebate_user",
        help="What the posted invoice lines of the line earned by now, in the order's currency at"
        " the rate of the order's date.",
    )

    def _auto_init(self):
        exclusion.create_empty_column(self)
        return super()._auto_init()

    @api.depends("product_id")
    def _compute_rebate_exclusion(self):
        exclusion.take_over(self)

    @api.depends("order_id.rebate_expectation")
    def _compute_rebate_expected_amount(self):
        for line in self:
            amounts = (line.order_id.rebate_expectation or {}).get("lines", {})
            line.rebate_expected_amount = amounts.get(name_of(line), 0)

    @api.depends("invoice_lines.parent_state", "invoice_lines.price_subtotal")
    def _compute_rebate_earned_amount(self):
        earned = self.env["rebate.selling"]._earned_by_order_line(self)
        for line in self:
            line.rebate_earned_amount = earned.get(line, 0)

    def _prepare_invoice_line(self, **optional_values):
        vals = super()._prepare_invoice_line(**optional_values)
        if vals.get("display_type", "product") == "product":
            vals.setdefault("rebate_exclusion", self.rebate_exclusion)
        return vals
