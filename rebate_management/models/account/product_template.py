"""Products that rules name are kept with their templates, and say what of their lines counts."""

from odoo import api, fields, models

from .exclusion import EXCLUSIONS


class ProductTemplate(models.Model):
    _inherit = "product.template"

    rebate_exclusion = fields.Selection(
        EXCLUSIONS,
        help="What new order and invoice lines with this product begin with. Money, no units: for"
        " discounts and allowances, which change what is paid but move no goods. Earns nothing: for"
        " what no rebate rewards, such as deposits or freight. Empty: purchases count. Lines that"
        " are there already stay as they are.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rebate_scope(self):
        rules = self.env["rebate.rule"]
        rules._keep_scope(self)
        # The database deletes them with the template.
        rules._keep_scope(self.with_context(active_test=False).product_variant_ids)
