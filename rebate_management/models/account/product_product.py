"""Products that rules name are kept."""

from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rebate_scope(self):
        self.env["rebate.rule"]._keep_scope(self)
