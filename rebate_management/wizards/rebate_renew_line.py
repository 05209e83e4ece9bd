"""An agreement before and after a renewal."""

from odoo import api, fields, models


class RebateRenewLine(models.TransientModel):
    _name = "rebate.renew.line"
    _description = "Agreement Before and After"
    _inherit = "rebate.bounds"
    _order = "renew_id, sequence, id"

    renew_id = fields.Many2one(
        "rebate.renew", required=True, ondelete="cascade", index=True, readonly=True
    )
    sequence = fields.Integer(readonly=True)
    currency_id = fields.Many2one(related="renew_id.currency_id")
    agreement_id = fields.Many2one("rebate.agreement", readonly=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id", string="Distributor")
    is_chosen = fields.Boolean(string="Renewed")
    note = fields.Char(readonly=True)
    baseline_before = fields.Monetary(string="Baseline So Far", readonly=True)
    baseline_amount = fields.Monetary(string="New Baseline")
    target_before = fields.Float(string="Target So Far", digits=(16, 4), readonly=True)
    target_amount = fields.Float(string="New Target", digits=(16, 4))
    purchases_amount = fields.Monetary(string="Purchases", readonly=True)
    tier_before = fields.Char(
        string="Tier So Far",
        readonly=True,
        help="The highest, and in how many of the periods it was reached.",
    )
    before_amount = fields.Monetary(string="Earned So Far", readonly=True)
    tier_after = fields.Char(
        string="New Tier",
        readonly=True,
        help="The highest, and in how many of the periods it was reached.",
    )
    after_amount = fields.Monetary(string="Earned by New Terms", readonly=True)
    change_amount = fields.Monetary(string="Difference", compute="_compute_change_amount")

    @api.depends("before_amount", "after_amount")
    def _compute_change_amount(self):
        for line in self:
            line.change_amount = line.after_amount - line.before_amount
