"""When a settlement is to be paid, and what of it corrects earlier ones."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.trust import trusted


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    batch_id = fields.Many2one(
        "rebate.settlement.batch",
        string="Settlement Run",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    date_due = fields.Date(
        string="Payout Date",
        readonly=True,
        copy=False,
        tracking=True,
        help="When it is to be paid: the end of what it pays for, and the days that its programs"
        " pay after it.",
    )
    pay_early = fields.Boolean(
        copy=False,
        tracking=True,
        help="The credit note may be posted before the payout date.",
    )
    amount_adjustment = fields.Monetary(
        string="Adjustments",
        compute="_compute_amount_adjustment",
        store=True,
        help="The part of the amount that corrects earlier payouts.",
    )

    @api.depends("line_ids.adjustment_amount")
    def _compute_amount_adjustment(self):
        for settlement in self:
            settlement.amount_adjustment = sum(settlement.line_ids.mapped("adjustment_amount"))

    def _check_payout_date(self):
        """Post on the payout date or later, unless the accountant says so; the document has
        today's date then.

        :raise UserError: when the payout date of a settlement lies ahead
        """
        today = fields.Date.context_today(self)
        for settlement in self:
            if not settlement.date_due or settlement.date_due <= today:
                continue
            if not settlement.pay_early:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s is to be paid on %(day)s. Wait until then, or tick"
                        " “Pay Early” on it to post it today.",
                        name=settlement.name,
                        day=format_date(self.env, settlement.date_due),
                    )
                )
            trusted(settlement).date = min(settlement.date, today)
