"""A tier before and after a renewal."""

from odoo import api, fields, models


class RebateRenewTier(models.TransientModel):
    _name = "rebate.renew.tier"
    _description = "Tier Before and After"
    _inherit = "rebate.bounds"
    _order = "renew_id, id"

    renew_id = fields.Many2one(
        "rebate.renew", required=True, ondelete="cascade", index=True, readonly=True
    )
    rule_id = fields.Many2one("rebate.rule", readonly=True)
    agreement_id = fields.Many2one("rebate.agreement", readonly=True)
    tier_id = fields.Many2one("rebate.tier", readonly=True)
    partner_id = fields.Many2one(
        related="agreement_id.partner_id",
        string="Own Tier Of",
        help="Whose own tier it is; empty: it is for all.",
    )
    rate_type = fields.Selection(
        selection=lambda self: (
            self.env["rebate.tier"]._fields["rate_type"]._description_selection(self.env)
        ),
        string="Rate Is",
        readonly=True,
    )
    threshold_before = fields.Float(string="From, So Far", digits=(16, 4), readonly=True)
    threshold = fields.Float(string="From, New", digits=(16, 4))
    rate_before = fields.Float(string="Rate So Far", digits=(16, 6), readonly=True)
    rate = fields.Float(string="New Rate", digits=(16, 6))
    is_changed = fields.Boolean(compute="_compute_is_changed")

    @api.depends("threshold", "threshold_before", "rate", "rate_before")
    def _compute_is_changed(self):
        for tier in self:
            tier.is_changed = (tier.threshold, tier.rate) != (
                tier.threshold_before,
                tier.rate_before,
            )

    def _prepare_tier_vals(self):
        """Values of the tier of the renewal."""
        self.ensure_one()
        return {"threshold": self.threshold, "rate": self.rate, "rate_type": self.rate_type}
