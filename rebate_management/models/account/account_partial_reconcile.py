"""Payments: paying an invoice, or taking the payment back, changes what counts as paid."""

from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self.env["rebate.queue"]._append_payments(partials)
        return partials

    def unlink(self):
        # Before they are gone; what they paid is measured when the queue is drained.
        self.env["rebate.queue"]._append_payments(self)
        return super().unlink()
