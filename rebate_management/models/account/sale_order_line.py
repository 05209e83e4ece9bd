"""Order lines say what of them counts for rebates, and their invoice lines take it over."""

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from .product_template import EXCLUSIONS


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    rebate_exclusion = fields.Selection(
        EXCLUSIONS,
        compute="_compute_rebate_exclusion",
        store=True,
        readonly=False,
        copy=True,
        help="What the invoice lines begin with. Money, no units: a discount or an allowance, which"
        " moves no goods. Earns nothing: no rebate counts the line. Empty: it counts.",
    )

    def _auto_init(self):
        # Lines that are there before the first product is marked need no computing.
        if not column_exists(self.env.cr, self._table, "rebate_exclusion"):
            create_column(self.env.cr, self._table, "rebate_exclusion", "varchar")
        return super()._auto_init()

    @api.depends("product_id")
    def _compute_rebate_exclusion(self):
        for line in self:
            line.rebate_exclusion = line.product_id.rebate_exclusion

    def _prepare_invoice_line(self, **optional_values):
        vals = super()._prepare_invoice_line(**optional_values)
        if vals.get("display_type", "product") == "product":
            vals.setdefault("rebate_exclusion", self.rebate_exclusion)
        return vals
