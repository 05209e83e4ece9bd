"""Who would not be paid by a settlement run, and why."""

from odoo import fields, models


class RebateSettlementRunLeft(models.TransientModel):
    _name = "rebate.settlement.run.left"
    _description = "Left Out by a Settlement Run"

    run_id = fields.Many2one("rebate.settlement.run", required=True, ondelete="cascade")
    agreement_id = fields.Many2one("rebate.agreement", readonly=True)
    program_id = fields.Many2one(related="agreement_id.program_id")
    partner_id = fields.Many2one(related="agreement_id.partner_id")
    currency_id = fields.Many2one(related="agreement_id.currency_id")
    amount = fields.Monetary(
        readonly=True, help="What is payable, and stays so; negative: paid too much before."
    )
    reason = fields.Selection(
        selection=lambda self: [
            *self.env["rebate.settlement.carryover"]
            ._fields["reason"]
            ._description_selection(self.env),
            ("not_due", self.env._("Not due yet")),
            ("proposed", self.env._("Proposed already")),
        ],
        readonly=True,
    )
    note = fields.Char(string="More", readonly=True)
