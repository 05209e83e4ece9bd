"""Payments: what programs count that count what is paid."""

from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self.env["rebate.queue"]._append_purchases(partials._rebate_payments())
        return partials

    def unlink(self):
        payments = self._rebate_payments()
        result = super().unlink()
        self.env["rebate.queue"]._append_purchases(payments)
        return result

    def _rebate_payments(self):
        """List the customer invoices that are paid, each with the day of the payment."""
        return [
            (move, partial.max_date)
            for partial in self
            for move in (partial.debit_move_id.move_id, partial.credit_move_id.move_id)
            if move.is_sale_document(include_receipts=True)
        ]
