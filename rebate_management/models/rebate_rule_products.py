"""A rule that still waits for its products says so, rather than that it counts all of them."""

from odoo import api, models


class RebateRule(models.Model):
    _inherit = "rebate.rule"

    @api.depends("program_id.program_type", "program_id.state")
    def _compute_scope_summary(self):
        result = super()._compute_scope_summary()
        # An active one counts everything, whatever it ought to: there the truth stays.
        for rule in self.filtered(lambda rule: rule.program_id.state == "draft"):
            if rule in rule.program_id._rules_without_products():
                rule.scope_summary = self.env._("No products chosen yet")
        return result
