"""A line of an accrual: what one rule of the program earned, and the sentence that says how."""

from odoo import api, fields, models
from odoo.tools import SQL


class RebateAccrualLine(models.Model):
    _name = "rebate.accrual.line"
    _description = "Rebate Accrual Line"
    _order = "accrual_id, rule_id, id"

    accrual_id = fields.Many2one("rebate.accrual", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="accrual_id.company_id", store=True)
    currency_id = fields.Many2one(related="accrual_id.currency_id")
    rule_id = fields.Many2one("rebate.rule", required=True, ondelete="cascade", index=True)
    qualifying_value = fields.Float(
        digits=(16, 4), help="The purchases that chose the tier, in money or units."
    )
    measured_amount = fields.Monetary(string="Purchases")
    measured_quantity = fields.Float(string="Quantity", digits=(16, 4))
    tier_id = fields.Many2one("rebate.tier", string="Tier Reached", ondelete="set null")
    rate = fields.Float(digits=(16, 6))
    earned_amount = fields.Monetary(string="Earned")
    terms_id = fields.Many2one("rebate.accrual.terms", ondelete="cascade", index=True)
    decided = fields.Json(prefetch=False, help="What of the facts the terms alone do not tell.")
    facts = fields.Json(
        compute="_compute_facts",
        help="The numbers behind the explanation, enough to compute it again.",
    )
    digest = fields.Char(readonly=True, prefetch=False, help="As that of the accrual.")
    explanation = fields.Char(compute="_compute_explanation")

    _accrual_rule_unique = models.UniqueIndex(
        "(accrual_id, rule_id)", "A rule earns once in a period."
    )

    def init(self):
        # As in the accruals.
        self.env.cr.execute(SQL("ALTER TABLE rebate_accrual_line SET (fillfactor = 50)"))

    def write(self, vals):
        # As in the accruals.
        return super().write({"digest": False, **vals})

    @api.depends("terms_id.facts", "decided")
    def _compute_facts(self):
        for line in self:
            line.facts = {**(line.terms_id.facts or {}), **(line.decided or {})}

    @api.depends("facts", "currency_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = self.env["rebate.calculation"]._explain(line.facts, line.currency_id)

    def action_view_invoice_lines(self):
        """Show the posted invoice lines that this rule counted."""
        self.ensure_one()
        return self.accrual_id.with_context(
            rebate_rule_id=self.rule_id.id
        ).action_view_invoice_lines()
