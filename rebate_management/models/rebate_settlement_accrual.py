"""Payouts take from the liability of the accruals, which first get what they lack."""

from odoo import models


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _accrue_missing(self):
        """Accrue what the accruals lack for the payouts, one entry for all settlements of a day.

        To be called before the documents are created that pay.

        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        for day, settlements in self.grouped("date").items():
            amounts = {}
            for line in settlements.line_ids:
                amounts[line.accrual_id] = amounts.get(line.accrual_id, 0) + line.amount
            self.env["rebate.accrual"]._accrue_for_payout(amounts, day)

    def _book_exchange_differences(self):
        """Book what payouts, or their reversals, left on the liability by another exchange rate.

        To be called when the documents are posted.
        """
        for day, settlements in self.grouped("date").items():
            settlements.line_ids.accrual_id._book_exchange_differences(day)
