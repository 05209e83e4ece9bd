"""Invoice lines as a rebate counts them."""

from odoo import api, fields, models

from ..tools.apart import apart


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    rebate_net_amount = fields.Monetary(
        string="Counted",
        compute="_compute_rebate_net_amount",
        currency_field="currency_id",
        help="The untaxed amount of the line in the invoice's currency, negative for returns.",
    )
    rebate_share = fields.Monetary(
        string="Rebate",
        compute="_compute_rebate_share",
        currency_field="rebate_currency_id",
        help="The line's part of the rebate of the accrual whose invoice lines are shown.",
    )
    rebate_currency_id = fields.Many2one("res.currency", compute="_compute_rebate_share")

    @api.depends("price_subtotal", "move_id.move_type")
    def _compute_rebate_net_amount(self):
        for line in self:
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            line.rebate_net_amount = sign * line.price_subtotal

    @api.depends_context("rebate_accrual_ids", "rebate_rule_id", "uid", "allowed_company_ids")
    def _compute_rebate_share(self):
        accruals = self._shown_accruals()
        rule_id = self.env.context.get("rebate_rule_id")
        rebates = {}
        # One that cannot be computed shows no share, and keeps none of the others from theirs.
        for _accruals, shares, _error in apart(accruals, lambda some: some._share_out(rule_id)):
            for line_id, rebate in (shares or {}).items():
                rebates[line_id] = rebates.get(line_id, 0) + rebate
        for line in self:
            line.rebate_share = rebates.get(line.id, 0)
            line.rebate_currency_id = accruals.currency_id

    def _shown_accruals(self):
        """The accruals whose invoice lines are shown, if the user may read them and their rebates
        are in one currency; anyone could name any accrual in the context."""
        accruals = self.env["rebate.accrual"].browse(self.env.context.get("rebate_accrual_ids", ()))
        if not accruals.has_access("read") or len(accruals.exists().currency_id) > 1:
            return accruals.browse()
        return accruals.exists()
