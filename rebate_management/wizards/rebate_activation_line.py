"""A period that an activation takes in."""

from odoo import api, fields, models

from ..tools.formats import format_period


class RebateActivationLine(models.TransientModel):
    _name = "rebate.activation.line"
    _description = "Period Taken In"
    _order = "agreement_id, date_from, id"

    activation_id = fields.Many2one(
        "rebate.activation", required=True, ondelete="cascade", index=True, readonly=True
    )
    agreement_id = fields.Many2one("rebate.agreement", readonly=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id", string="Distributor")
    currency_id = fields.Many2one(related="agreement_id.currency_id")
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    period = fields.Char(compute="_compute_period")
    is_over = fields.Boolean(readonly=True)
    purchases_amount = fields.Monetary(string="Purchases", readonly=True)
    earned_amount = fields.Monetary(string="Earned", readonly=True)
    note = fields.Char(readonly=True)

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        for line in self:
            line.period = format_period(self.env, line.date_from, line.date_to)
