"""The settings of rebates: what new programs begin with, and which addons go with them."""

from odoo import api, fields, models
from odoo.modules.module import Manifest

# The addons that the settings install, by their switch.
SWITCHES = {
    "module_rebate_claim": "rebate_claim",
    "module_rebate_sell_through": "rebate_sell_through",
    "module_rebate_portal": "rebate_portal",
}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    rebate_expense_account_id = fields.Many2one(
        related="company_id.rebate_expense_account_id", readonly=False
    )
    rebate_liability_account_id = fields.Many2one(
        related="company_id.rebate_liability_account_id", readonly=False
    )
    rebate_payout_journal_id = fields.Many2one(
        related="company_id.rebate_payout_journal_id", readonly=False
    )
    rebate_accrual_journal_id = fields.Many2one(
        related="company_id.rebate_accrual_journal_id", readonly=False
    )
    rebate_accrual_method = fields.Selection(
        related="company_id.rebate_accrual_method", required=True, readonly=False
    )
    rebate_tax_policy = fields.Selection(
        related="company_id.rebate_tax_policy", required=True, readonly=False
    )
    rebate_payout_product_id = fields.Many2one(
        related="company_id.rebate_payout_product_id", readonly=False
    )
    rebate_claim_reminder_days = fields.Integer(
        related="company_id.rebate_claim_reminder_days", readonly=False
    )
    rebate_claim_last_reminder_days = fields.Integer(
        related="company_id.rebate_claim_last_reminder_days", readonly=False
    )
    rebate_watch_digest = fields.Boolean(related="company_id.rebate_watch_digest", readonly=False)
    rebate_near_percent = fields.Float(related="company_id.rebate_near_percent", readonly=False)
    rebate_quotation_print = fields.Boolean(
        related="company_id.rebate_quotation_print", readonly=False
    )
    rebate_lacks_accounts = fields.Boolean(compute="_compute_rebate_lacks_accounts")
    rebate_approval_summary = fields.Text(
        string="Approval Levels", compute="_compute_rebate_approval_summary"
    )

    module_rebate_claim = fields.Boolean(string="Claims")
    module_rebate_sell_through = fields.Boolean(string="Sell-Through")
    module_rebate_portal = fields.Boolean(string="Distributor Portal")
    rebate_missing_addons = fields.Char(compute="_compute_rebate_missing_addons")

    @api.depends("rebate_expense_account_id", "rebate_liability_account_id", "company_id")
    def _compute_rebate_lacks_accounts(self):
        for settings in self:
            settings.rebate_lacks_accounts = bool(
                settings.company_id.root_id.chart_template
            ) and not (settings.rebate_expense_account_id and settings.rebate_liability_account_id)

    @api.depends("company_id")
    def _compute_rebate_approval_summary(self):
        for settings in self:
            settings.rebate_approval_summary = self.env["rebate.approval.level"]._summary(
                settings.company_id
            )

    @api.depends("company_id")
    def _compute_rebate_missing_addons(self):
        """Name the switches of addons that this server does not have, as the view asks for them."""
        known = self.env["ir.module.module"].search(
            [("name", "in", list(SWITCHES.values())), ("state", "!=", "uninstallable")]
        )
        names = set(known.mapped("name"))
        self.rebate_missing_addons = " ".join(
            switch
            for switch, name in SWITCHES.items()
            if name not in names or not Manifest.for_addon(name, display_warning=False)
        )

    def set_values(self):
        result = super().set_values()
        # Whoever saves them has seen them.
        self.env["onboarding.onboarding.step"]._rebate_settings_reviewed()
        return result

    def action_rebate_add_accounts(self):
        """Add the accounts for rebates that the company's chart does not have, and show the
        settings with them."""
        self.ensure_one()
        self.check_access("write")
        self.company_id._rebate_set_accounts(add=True)
        return {"type": "ir.actions.client", "tag": "reload"}
