"""A line of an amendment: what one period of one distributor had earned, and has by the new
terms."""

from odoo import api, fields, models

from ...tools.formats import format_period


class RebateAmendmentLine(models.Model):
    _name = "rebate.amendment.line"
    _description = "Effect of a Rebate Amendment"
    _order = "amendment_id desc, date_from desc, partner_id, id"

    amendment_id = fields.Many2one(
        "rebate.amendment", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    accrual_id = fields.Many2one(
        "rebate.accrual", ondelete="set null", readonly=True, index="btree_not_null"
    )
    program_id = fields.Many2one("rebate.program", required=True, readonly=True)
    # Plain values rather than related or stored ones: there may be thousands of lines.
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Distributor", required=True, readonly=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    period = fields.Char(compute="_compute_period")
    accrual_state = fields.Selection(
        selection=lambda self: (
            self.env["rebate.accrual"]._fields["state"]._description_selection(self.env)
        ),
        string="Status",
        readonly=True,
        help="Status of the period when its terms changed; empty where they brought it about.",
    )
    earned_before = fields.Monetary(
        readonly=True,
        help="What the invoices posted by then earn by the old terms.",
    )
    earned_after = fields.Monetary(
        readonly=True,
        help="What the same invoices earn by the new terms.",
    )
    difference = fields.Monetary(compute="_compute_amounts")
    settled_amount = fields.Monetary(string="Settled", readonly=True)
    open_amount = fields.Monetary(
        string="To Settle",
        compute="_compute_amounts",
        help="What is left to be paid by the new terms; negative: to be made up by later rebates.",
    )
    is_kept = fields.Boolean(
        string="Not Computed",
        readonly=True,
        help="The period cannot be computed by the new terms and keeps its figures. Its accrual"
        " says why.",
    )

    @api.depends("earned_before", "earned_after", "settled_amount")
    def _compute_amounts(self):
        for line in self:
            line.difference = line.earned_after - line.earned_before
            line.open_amount = line.earned_after - line.settled_amount

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        for line in self:
            line.period = format_period(self.env, line.date_from, line.date_to)
