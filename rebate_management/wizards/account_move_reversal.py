"""The reversal wizard of Accounting does not take payouts back behind their settlement's back."""

from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        self.move_ids._check_rebate_paid()
        return super().reverse_moves(is_modify)
