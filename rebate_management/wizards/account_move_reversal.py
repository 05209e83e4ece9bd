"""The reversal wizard of Accounting does not take payouts back behind their settlement's back."""

from odoo import models

from ..tools.trust import trusted


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        self.move_ids._rebate_check_kept(is_taken_away=False)
        # An accrual entry that is reversed, or entered anew, stays one: the accruals go along.
        is_accrual = self.move_ids.line_ids.rebate_accrual_id
        wizard = trusted(self) if is_accrual else self
        return super(AccountMoveReversal, wizard).reverse_moves(is_modify)
