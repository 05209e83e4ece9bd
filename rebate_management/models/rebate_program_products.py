"""A program of type Product rewards certain products, so it must name them."""

from odoo import api, fields, models


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    lacks_products = fields.Boolean(compute="_compute_lacks_products")

    @api.depends(
        "program_type",
        "rule_ids.product_ids",
        "rule_ids.product_category_ids",
        "rule_ids.product_tag_ids",
        "rule_ids.product_domain",
    )
    def _compute_lacks_products(self):
        for program in self:
            program.lacks_products = bool(program._rules_without_products())

    def _rules_without_products(self):
        """Find the rules that would count everything although the program is for certain
        products."""
        self.ensure_one()
        if self.program_type != "product":
            return self.rule_ids.browse()
        return self.rule_ids.filtered(lambda rule: not rule._names_products())
