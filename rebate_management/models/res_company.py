"""Where a company books exchange differences."""

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

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
