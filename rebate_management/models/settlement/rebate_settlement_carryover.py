"""What a settlement run did not pay, and why: too little, overpaid, or not to be computed."""

from odoo import fields, models


class RebateSettlementCarryover(models.Model):
    _name = "rebate.settlement.carryover"
    _description = "Carried Over by a Settlement Run"
    _order = "batch_id desc, id"

    batch_id = fields.Many2one(
        "rebate.settlement.batch", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True, index=True)
    agreement_id = fields.Many2one(
        "rebate.agreement", required=True, readonly=True, ondelete="cascade", index=True
    )
    program_id = fields.Many2one(related="agreement_id.program_id")
    partner_id = fields.Many2one(related="agreement_id.partner_id")
    currency_id = fields.Many2one(related="agreement_id.currency_id")
    amount = fields.Monetary(
        readonly=True, help="What is payable, and stays so; negative: paid too much before."
    )
    reason = fields.Selection(
        [
            ("minimum", "Less than the smallest payout"),
            ("negative", "Paid too much before: made up by later rebates"),
            ("released", "Less than the smallest payout, and nothing follows: released"),
            ("claim", "Not claimed yet"),
            ("problem", "Cannot be computed, see the accruals"),
        ],
        required=True,
        readonly=True,
    )
