"""Product categories that rules name are kept."""

from odoo import api, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rebate_scope(self):
        # The database deletes those below with it.
        below = self.search([("id", "child_of", self.ids)])
        self.env["rebate.rule"]._keep_scope(below)
