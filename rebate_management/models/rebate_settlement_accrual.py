"""Payouts take from the liability of the accruals, which first get what they lack."""

from odoo import models


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _accrue_missing(self, days=None):
        """Accrue what the accruals lack for the payouts, one entry for all settlements of a day.

        To be called before the documents are created that pay.

        :param days: the dates of the documents by settlement, where they are not its own
        :raise UserError: when a program lacks an account, a journal or an exchange rate
        """
        for day, settlements in self._by_day(days).items():
            amounts = {}
            for line in settlements.line_ids:
                amounts[line.accrual_id] = amounts.get(line.accrual_id, 0) + line.amount
            self.env["rebate.accrual"]._accrue_for_payout(amounts, day)

    def _book_exchange_differences(self, days=None):
        """Book what payouts, or their reversals, left on the liability by another exchange rate.

        To be called when the documents are posted.

        :param days: as for :meth:`_accrue_missing`
        :raise UserError: when a company has no journal or account for exchange differences
        """
        for day, settlements in self._by_day(days).items():
            settlements.line_ids.accrual_id._book_exchange_differences(day)

    def _by_day(self, days):
        return self.grouped(lambda settlement: (days or {}).get(settlement, settlement.date))
