"""A line of a settlement that was posted stays, even when the settlement is cancelled."""

from odoo import api, models


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sealed(self):
        self.filtered(lambda line: line.settlement_id.fingerprint)._refuse_change()
