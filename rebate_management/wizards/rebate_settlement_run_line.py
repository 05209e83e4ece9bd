"""A line of a settlement run's preview: a settlement that the run would propose."""

from odoo import api, fields, models

from ..tools.formats import format_period


class RebateSettlementRunLine(models.TransientModel):
    _name = "rebate.settlement.run.line"
    _description = "Settlement Run Preview"

    run_id = fields.Many2one("rebate.settlement.run", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Payee", readonly=True)
    program_ids = fields.Many2many(
        "rebate.program",
        string="Programs",
        context={"active_test": False},
        readonly=True,
    )
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    period = fields.Char(compute="_compute_period", help="The days that it pays for.")
    document = fields.Selection(
        [
            ("out_refund", "Credit note"),
            ("in_invoice", "Vendor bill"),
            ("out_invoice", "Invoice"),
        ],
        readonly=True,
        help="By what it is paid; an invoice asks back what was paid too much.",
    )
    journal_id = fields.Many2one("account.journal", readonly=True)
    date = fields.Date(readonly=True, help="Date of the document.")
    date_due = fields.Date(string="Payout Date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="run_id.company_currency_id", string="Company Currency"
    )
    amount = fields.Monetary(readonly=True)
    adjustment = fields.Monetary(
        readonly=True, help="The part of the amount that corrects earlier payouts."
    )
    value = fields.Monetary(
        string="Book Value",
        readonly=True,
        currency_field="company_currency_id",
        help="The amount in the currency of the company, at the rate of the document's date.",
    )

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        for line in self:
            line.period = (
                line.date_from
                and line.date_to
                and format_period(self.env, line.date_from, line.date_to)
            )
