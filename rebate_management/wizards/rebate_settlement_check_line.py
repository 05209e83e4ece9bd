"""A finding of a check of settlements."""

from odoo import fields, models


class RebateSettlementCheckLine(models.TransientModel):
    _name = "rebate.settlement.check.line"
    _description = "Finding of a Check of Settlements"

    check_id = fields.Many2one("rebate.settlement.check", required=True, ondelete="cascade")
    settlement_id = fields.Many2one("rebate.settlement", ondelete="cascade", readonly=True)
    name = fields.Char(string="Number", required=True, readonly=True)
    finding = fields.Text(required=True, readonly=True)
