"""Products that rules name are kept with their templates."""

from odoo import api, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rebate_scope(self):
        rules = self.env["rebate.rule"]
        rules._keep_scope(self)
        # The database deletes them with the template.
        rules._keep_scope(self.with_context(active_test=False).product_variant_ids)
