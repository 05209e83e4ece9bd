"""The lines of a submitted settlement stay as they are: what is approved is what is paid."""

from odoo import api, models
from odoo.exceptions import UserError

# What the lines pay is frozen at once, see rebate_settlement_line_freeze; why, it is told then.
SUBMITTED = {"adjustment_amount", "cause", "measured_amount", "invoice_count"}


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        if SUBMITTED & vals.keys():
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        for settlement in self.settlement_id:
            if settlement.state != "draft":
                raise UserError(
                    self.env._(
                        "Settlement %s is no longer a draft, so its lines stay as they are. Reject"
                        " or cancel it and run the settlement again.",
                        settlement.name,
                    )
                )
