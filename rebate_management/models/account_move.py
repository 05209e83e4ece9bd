"""Invoices and payments: posting or taking one back queues the agreements it touches; payouts know
what they paid."""

from odoo import fields, models

from ..tools.trust import is_trusted, trusted


class AccountMove(models.Model):
    _inherit = "account.move"

    rebate_settlement_id = fields.Many2one(
        "rebate.settlement",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The settlement this credit note pays, or that this entry reverses.",
    )
    rebate_was_payout = fields.Boolean(
        string="Former Rebate Payout",
        copy=False,
        readonly=True,
        help="It paid a rebate, or reverses what did, before the app was uninstalled and installed"
        " again: it is no purchase and no return.",
    )

    # Purchases are measured by customer and invoice date.
    _rebate_purchase_idx = models.Index(
        "(commercial_partner_id, invoice_date)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_receipt', 'out_refund')"
    )

    def write(self, vals):
        if not is_trusted(self.env):
            self._check_rebate_written(vals)
        changing = self.browse()
        if "state" in vals:
            self._require_accruals_turn(vals["state"])
            changing = self.filtered(
                lambda move: move.state != vals["state"] and "posted" in (move.state, vals["state"])
            )
        result = super().write(vals)
        self.env["rebate.queue"]._append(changing)
        return result

    def unlink(self):
        self._check_rebate_kept()
        self.env["rebate.queue"]._append(self.filtered(lambda move: move.state == "posted"))
        return super().unlink()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Keep the settlement on the reversal of a payout: it is no purchase either. And have the
        reversal of an accrual entry give the accruals back what it raised."""
        self._check_rebate_kept(is_taken_away=False)
        default_values_list = default_values_list or [{} for _move in self]
        for move, defaults in zip(self, default_values_list, strict=True):
            if move.rebate_settlement_id:
                defaults["rebate_settlement_id"] = move.rebate_settlement_id.id
            elif move.rebate_was_payout:
                defaults["rebate_was_payout"] = True
        linked = (
            self.rebate_settlement_id
            or self.line_ids.rebate_accrual_id
            or self.filtered("rebate_was_payout")
        )
        if not linked:
            return super()._reverse_moves(default_values_list, cancel)
        # Reversals get their links from here alone; a mere copy has none.
        reversals = super(AccountMove, trusted(self))._reverse_moves(default_values_list, cancel)
        return reversals.with_env(self.env)

    def _get_invoice_legal_documents_all(self, allow_fallback=False):
        """Print a posted payout as the credit note it is when somebody first asks for it.

        Odoo would call it a proforma until it is sent, but a distributor takes it from the portal.
        """
        if (
            allow_fallback
            and self.rebate_settlement_id
            and self.state == "posted"
            and self.is_sale_document()
            and not self.invoice_pdf_report_id
        ):
            self.env["account.move.send"]._generate_and_send_invoices(self, sending_methods=[])
        return super()._get_invoice_legal_documents_all(allow_fallback)

    def action_view_rebate_settlement(self):
        """Open the settlement this document belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "rebate.settlement",
            "res_id": self.rebate_settlement_id.id,
            "view_mode": "form",
        }
