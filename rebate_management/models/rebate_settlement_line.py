"""A line of a settlement: the part of an accrual that it pays."""

from odoo import Command, fields, models


class RebateSettlementLine(models.Model):
    _name = "rebate.settlement.line"
    _description = "Rebate Settlement Line"
    _order = "settlement_id, id"
    _check_company_auto = True

    settlement_id = fields.Many2one(
        "rebate.settlement", required=True, ondelete="cascade", index=True
    )
    accrual_id = fields.Many2one(
        "rebate.accrual", required=True, ondelete="restrict", index=True, check_company=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    program_id = fields.Many2one(related="accrual_id.program_id", store=True, index=True)
    state = fields.Selection(related="settlement_id.state", store=True)
    name = fields.Char(
        string="Description", required=True, help="The text of the credit note, frozen."
    )
    explanation = fields.Text(readonly=True, help="How the rebate came about, frozen.")
    amount = fields.Monetary(
        required=True, help="Earned to date less what was settled before, in the currency."
    )

    def _prepare_credit_note_line_vals(self):
        """Values of the credit note line that pays this line."""
        self.ensure_one()
        return {
            "name": "\n".join(filter(None, (self.name, self.explanation))),
            **self._prepare_account_vals(),
            "quantity": 1,
            "price_unit": self.amount,
            # The payout corrects no tax of the sales that earned it.
            "tax_ids": [Command.clear()],
        }

    def _prepare_account_vals(self):
        """Values that say where a line of the document is booked."""
        return {"account_id": self.program_id.expense_account_id.id}
