"""A line of a settlement takes from the liability of the accrual that it pays."""

from odoo import models


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    def _prepare_account_vals(self):
        return super()._prepare_account_vals() | self.accrual_id._prepare_payout_line_vals()
