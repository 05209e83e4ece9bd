"""What a company decides for its rebates, where it books exchange differences, and when its years
end."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    rebate_quotation_print = fields.Boolean(
        string="Expected Rebate on Quotations",
        help="Printed quotations tell the customer what the order earns in rebates.",
    )

    def write(self, vals):
        """Cut the periods that are not paid anew when a fiscal year ends on another day."""
        result = super().write(vals)
        if {"fiscalyear_last_day", "fiscalyear_last_month"} & vals.keys():
            # Whoever sets the fiscal year need not see rebates.
            agreements = self.env["rebate.agreement"].sudo()
            agreements = agreements.search(
                [("company_id", "child_of", self.ids), ("state", "!=", "draft")]
            )
            self.env["rebate.queue"]._append_agreements(agreements)
        return result

    def _rebate_exchange(self):
        """The journal, gain account and loss account of exchange differences, or nothing where
        one of them is missing."""
        self.ensure_one()
        # Settings of a parent company, which a branch's accountant may not read, hold for it too.
        company = self.sudo()
        setting = (
            company.currency_exchange_journal_id,
            company.income_currency_exchange_account_id,
            company.expense_currency_exchange_account_id,
        )
        return setting if all(setting) else None
