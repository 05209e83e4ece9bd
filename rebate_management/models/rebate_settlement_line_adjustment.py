"""What a settlement line corrects of earlier payouts, and why; written by the run, then frozen."""

from odoo import api, fields, models


class RebateSettlementLine(models.Model):
    _inherit = "rebate.settlement.line"

    measured_amount = fields.Monetary(
        string="Purchases",
        readonly=True,
        help="Purchases up to the day that is paid for, when it was proposed.",
    )
    invoice_count = fields.Integer(
        string="Invoices", readonly=True, help="The invoices and credit notes behind them."
    )
    adjustment_amount = fields.Monetary(
        string="Adjustment",
        readonly=True,
        help="The part of the amount that corrects what was paid before.",
    )
    is_adjustment = fields.Boolean(
        compute="_compute_is_adjustment", store=True, help="Corrects what was paid before."
    )
    cause = fields.Text(readonly=True, help="What changed since it was paid, frozen.")

    @api.depends("adjustment_amount")
    def _compute_is_adjustment(self):
        for line in self:
            line.is_adjustment = not line.currency_id.is_zero(line.adjustment_amount)
