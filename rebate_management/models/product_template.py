"""Products that are not what a rebate rewards: discounts, deposits, freight."""

from odoo import fields, models

# What of a line does not count for rebates.
EXCLUSIONS = [("quantity", "Money, No Units"), ("all", "Earns Nothing")]


class ProductTemplate(models.Model):
    _inherit = "product.template"

    rebate_exclusion = fields.Selection(
        EXCLUSIONS,
        help="What new order and invoice lines with this product begin with. Money, no units: for"
        " discounts and allowances, which change what is paid but move no goods. Earns nothing: for"
        " what no rebate rewards, such as deposits or freight. Empty: purchases count. Lines that"
        " are there already stay as they are.",
    )
