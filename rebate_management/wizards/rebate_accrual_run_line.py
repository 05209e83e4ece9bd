"""A line of an accrual run's preview: a program and a distributor."""

from odoo import fields, models


class RebateAccrualRunLine(models.TransientModel):
    _name = "rebate.accrual.run.line"
    _description = "Accrual Run Preview"

    run_id = fields.Many2one("rebate.accrual.run", required=True, ondelete="cascade")
    program_id = fields.Many2one("rebate.program", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Distributor", readonly=True)
    accrual_method = fields.Selection(related="program_id.accrual_method", string="Method")
    expense_account_id = fields.Many2one(
        related="program_id.expense_account_id", string="Expense Account"
    )
    liability_account_id = fields.Many2one(
        related="program_id.liability_account_id", string="Liability Account"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="run_id.company_currency_id", string="Company Currency"
    )
    owed_amount = fields.Monetary(string="Owed", readonly=True)
    accrued_amount = fields.Monetary(string="In the Books", readonly=True)
    change_amount = fields.Monetary(string="To Post", readonly=True)
    change_value = fields.Monetary(
        string="Book Value",
        readonly=True,
        currency_field="company_currency_id",
        help="What is to post, in the currency of the books, at the rate of the entry's date.",
    )
