"""A total of an accrual run's preview: all that it shows in one currency."""

from odoo import fields, models


class RebateAccrualRunTotal(models.TransientModel):
    _name = "rebate.accrual.run.total"
    _description = "Accrual Run Total"

    run_id = fields.Many2one("rebate.accrual.run", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="run_id.company_currency_id", string="Company Currency"
    )
    owed_amount = fields.Monetary(string="Owed", readonly=True)
    accrued_amount = fields.Monetary(string="In the Books", readonly=True)
    change_amount = fields.Monetary(string="To Post", readonly=True)
    change_value = fields.Monetary(
        string="Book Value", readonly=True, currency_field="company_currency_id"
    )
