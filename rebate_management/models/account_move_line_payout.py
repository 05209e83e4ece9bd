"""Journal items of payouts stay as they are."""

from odoo import api, models

from ..tools.trust import is_trusted

# What says what is paid to whom, and where it is booked.
KEPT = (
    "move_id",
    "account_id",
    "partner_id",
    "currency_id",
    "display_type",
    "product_id",
    "quantity",
    "price_unit",
    "discount",
    "price_subtotal",
    "price_total",
    "balance",
    "debit",
    "credit",
    "amount_currency",
    "amount_residual",
    "amount_residual_currency",
    "tax_ids",
    "tax_line_id",
    "tax_repartition_line_id",
    "group_tax_id",
)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        if not is_trusted(self.env):
            self._rebate_kept_moves([vals.get("move_id") for vals in vals_list])._check_rebate_kept(
                is_taken_away=False
            )
        return super().create(vals_list)

    def unlink(self):
        self._rebate_kept_moves(self.move_id.ids)._check_rebate_kept()
        return super().unlink()

    def _check_rebate_written(self, vals):
        """Refuse to change what an item of a payout pays."""
        moves = self.env["account.move"]
        names = [name for name in KEPT if name in vals]
        if not names:
            return
        if vals.get("move_id"):
            self._rebate_kept_moves([vals["move_id"]])._check_rebate_kept(is_taken_away=False)
        kept = self._rebate_kept_moves(self.move_id.ids)
        for line in self.filtered(lambda line: line.move_id in kept):
            if any(moves._field_will_change(line, vals, name) for name in names):
                line.move_id._check_rebate_kept(is_taken_away=False)

    @api.model
    def _rebate_kept_moves(self, ids):
        """Those of some entries that pay settlements or take them back."""
        moves = self.env["account.move"].browse({move_id for move_id in ids if move_id})
        # Whoever may write an item may know that its entry is a payout.
        return moves.sudo().filtered("rebate_settlement_id").sudo(self.env.su)
