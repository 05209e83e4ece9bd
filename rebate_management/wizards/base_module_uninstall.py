"""Whoever is about to uninstall the app is told which payouts lose their records."""

from odoo import api, fields, models
from odoo.tools import format_list, formatLang


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    rebate_warning = fields.Text(compute="_compute_rebate_warning")

    @api.depends("module_ids")
    def _compute_rebate_warning(self):
        message = self._rebate_payouts_message()
        for wizard in self:
            is_ours = "rebate_management" in wizard._get_modules().mapped("name")
            wizard.rebate_warning = is_ours and message

    @api.model
    def _rebate_payouts_message(self):
        """Say what is lost with the payouts that are posted; empty where there are none."""
        # Whoever manages apps need not be allowed to see payouts, of whichever company.
        settlements_sudo = self.env["rebate.settlement"].sudo()
        groups = settlements_sudo._read_group(
            [("state", "in", ("posted", "paid"))], ["currency_id"], ["__count", "amount_total:sum"]
        )
        if not groups:
            return ""
        return self.env._(
            "%(count)s rebate payouts over %(amounts)s are posted. Their settlements, approvals,"
            " invoice lines and fingerprints are deleted for good; their documents and accrual"
            " entries stay in the books, with nothing to explain them. Installed again, the app"
            " takes these documents for no returns, but proposes the same periods anew. Export the"
            " audit file of each program first.",
            count=sum(count for _currency, count, _amount in groups),
            amounts=format_list(
                self.env,
                [
                    formatLang(self.env, amount, currency_obj=currency)
                    for currency, _count, amount in groups
                ],
            ),
        )
