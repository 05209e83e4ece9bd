"""An account of the entries that an accrual run would post."""

from odoo import fields, models


class RebateAccrualRunItem(models.TransientModel):
    _name = "rebate.accrual.run.item"
    _description = "Accrual Run Journal Item"

    run_id = fields.Many2one("rebate.accrual.run", required=True, ondelete="cascade")
    journal_id = fields.Many2one("account.journal", readonly=True)
    date = fields.Date(readonly=True, help="The first open day, where the day asked for is locked.")
    account_id = fields.Many2one("account.account", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="run_id.company_currency_id", string="Company Currency"
    )
    amount_currency = fields.Monetary(string="In Currency", readonly=True)
    debit = fields.Monetary(readonly=True, currency_field="company_currency_id")
    credit = fields.Monetary(readonly=True, currency_field="company_currency_id")
