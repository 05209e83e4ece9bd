"""Order lines say what of them counts for rebates, and their invoice lines take it over."""

from odoo import api, fields, models

from . import exclusion


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

    def _auto_init(self):
        exclusion.create_empty_column(self)
        return super()._auto_init()

    @api.depends("product_id")
    def _compute_rebate_exclusion(self):
        exclusion.take_over(self)

    def _prepare_invoice_line(self, **optional_values):
        vals = super()._prepare_invoice_line(**optional_values)
        if vals.get("display_type", "product") == "product":
            vals.setdefault("rebate_exclusion", self.rebate_exclusion)
        return vals
