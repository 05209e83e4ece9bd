"""A program of type Product rewards certain products, so it must name them."""

from odoo import api, fields, models
from odoo.exceptions import UserError


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

    def _check_complete(self):
        result = super()._check_complete()
        for rule in self.rule_ids:
            if rule._lost_scope():
                raise UserError(rule._lost_scope_message())
        self.rule_ids._check_filters()
        if rule := self._rules_without_products()[:1]:
            raise UserError(
                self.env._(
                    "Program “%(program)s” rewards certain products, but its rule “%(rule)s” names"
                    " none and would count everything. Choose products, categories, tags or a"
                    " filter in the rule, or the type “Volume” for the program.",
                    program=self.display_name,
                    rule=rule.display_name,
                )
            )
        return result
