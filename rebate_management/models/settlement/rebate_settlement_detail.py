"""A frozen detail of a settlement: one invoice line as it counted, and its part of the payout."""

from decimal import Decimal

from odoo import api, fields, models

from ...tools.formats import format_rate


class RebateSettlementDetail(models.Model):
    """One invoice line that a rule counted, when the settlement was proposed.

    Rows are written by one statement (see ``rebate_settlement_line_store``) and never again: no
    write, creation or deletion, not even with all rights. A later change of the invoice leaves them
    as they are; they go only with a settlement that was never posted.

    What is paid is the difference to what was settled before, invoice line by invoice line. So each
    settlement keeps all lines of the period, also those that changed nothing: their
    ``earned_amount`` adds up to what the period had earned, ``settled_amount`` to what was settled
    before, and ``rebate_amount`` to the amount of the settlement line. A part of a rebate that lies
    on no invoice line (a guarantee without purchases, a lump sum that others reached) has a row
    without one.
    """

    _name = "rebate.settlement.detail"
    _description = "Frozen Detail of a Settlement"
    _order = "settlement_line_id, invoice_date, invoice_name, id"
    # Who proposed it and when stands on the settlement.
    _log_access = False

    settlement_line_id = fields.Many2one(
        "rebate.settlement.line", required=True, ondelete="cascade", index=True, readonly=True
    )
    settlement_id = fields.Many2one(related="settlement_line_id.settlement_id")
    company_id = fields.Many2one(related="settlement_line_id.company_id")
    currency_id = fields.Many2one(related="settlement_line_id.currency_id")
    rule_id = fields.Many2one("rebate.rule", ondelete="set null", readonly=True)
    rule_name = fields.Char(readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="The invoice line, as long as it exists.",
    )
    line_number = fields.Integer(
        readonly=True,
        help="The number of the invoice line in the database, which outlives the line: by it the"
        " next settlement finds what was settled of it.",
    )
    invoice_name = fields.Char(string="Invoice", readonly=True)
    invoice_date = fields.Date(readonly=True)
    product_id = fields.Many2one("product.product", ondelete="set null", readonly=True)
    product_name = fields.Char(
        readonly=True, help="In the partner's language; of a line without product, its text."
    )
    product_code = fields.Char(string="Internal Reference", readonly=True)
    quantity = fields.Float(
        digits=(16, 4),
        readonly=True,
        help="As counted, in the program's unit of measure; where the program has none, what the"
        " invoice line says. Negative for returns.",
    )
    tax_numbers = fields.Char(
        readonly=True, help="The taxes of the invoice line: their numbers in the database."
    )
    uom_name = fields.Char(string="Unit", readonly=True)
    amount = fields.Monetary(
        string="Counted", readonly=True, help="Untaxed, as counted; negative for returns."
    )
    rate = fields.Float(
        string="Rate (Number)", digits=(16, 6), readonly=True, help="Of the tier reached."
    )
    rate_type = fields.Selection(
        [("percent", "%"), ("per_unit", "per unit"), ("fixed", "lump sum")], readonly=True
    )
    rate_text = fields.Char(string="Rate", compute="_compute_rate_text")
    earned_amount = fields.Monetary(
        string="Earned", readonly=True, help="The line's part of what the period had earned."
    )
    settled_amount = fields.Monetary(
        string="Settled Before", readonly=True, help="Its part of earlier settlements."
    )
    rebate_amount = fields.Monetary(
        string="Rebate", readonly=True, help="Its part of this payout: earned less settled before."
    )

    @api.depends("rate", "rate_type")
    @api.depends_context("lang")
    def _compute_rate_text(self):
        for detail in self:
            detail.rate_text = detail.line_number and format_rate(
                self.env, Decimal(str(detail.rate)), detail.rate_type, detail.currency_id
            )
