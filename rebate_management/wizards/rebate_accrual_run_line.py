"""A line of an accrual run's preview: a program and a distributor."""

from odoo import fields, models


class RebateAccrualRunLine(models.TransientModel):
    _name = "rebate.accrual.run.line"
    _description = "Accrual Run Preview"

    run_id = fields.Many2one("rebate.accrual.run", required=True, ondelete="cascade")
    program_id = fields.Many2one("rebate.program", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Distributor", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    owed_amount = fields.Monetary(string="Owed", readonly=True)
    accrued_amount = fields.Monetary(string="In the Books", readonly=True)
    change_amount = fields.Monetary(string="To Post", readonly=True)
