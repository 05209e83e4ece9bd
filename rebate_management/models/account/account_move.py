"""Invoices and payments: posting or taking one back queues the agreements it touches; payouts know
what they paid."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...reports import accrual_workbook
from ...tools.acting import acting
from ...tools.locks import lock_all
from ...tools.trust import trusted
from . import payout_protection


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
    rebate_accrued_until = fields.Date(
        string="Rebates Accrued Up To",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The day up to which the accrual run that posted this entry looked.",
    )
    rebate_accrual_count = fields.Integer(compute="_compute_rebate_accrual_count")
    rebate_may_count = fields.Boolean(
        string="May Count for Rebates",
        compute="_compute_rebate_may_count",
        groups="rebate_management.group_rebate_user",
        help="The customer, or a company above it, takes part in a rebate program.",
    )

    # Purchases are measured by customer and invoice date.
    _rebate_purchase_idx = models.Index(
        "(commercial_partner_id, invoice_date)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_receipt', 'out_refund')"
    )

    def _compute_rebate_accrual_count(self):
        counts = dict(
            self.env["account.move.line"]._read_group(
                [("move_id", "in", self.ids), ("rebate_accrual_id", "!=", False)],
                ["move_id"],
                ["rebate_accrual_id:count_distinct"],
            )
        )
        for move in self:
            move.rebate_accrual_count = counts.get(move, 0)

    @api.depends("move_type", "partner_id", "rebate_settlement_id")
    def _compute_rebate_may_count(self):
        counting = self.env["rebate.selling"]._agreements_of(self)
        for move in self:
            move.rebate_may_count = move in counting

    # Without depending on our field: uninstalling removes that, and with it Odoo would remove what
    # bank statement lines inherit of a field that depends on it. It is there from the start anyway.
    def _compute_show_reset_to_draft_button(self):
        # It would be refused.
        res = super()._compute_show_reset_to_draft_button()
        for move in self:
            if move.rebate_settlement_id and move.state == "posted":
                move.show_reset_to_draft_button = False
        return res

    def write(self, vals):
        payout_protection.check_moves_written(self, vals)
        changing = self.browse()
        if "state" in vals:
            self._rebate_lock_accruals(vals["state"])
            changing = self.filtered(
                lambda move: move.state != vals["state"] and "posted" in (move.state, vals["state"])
            )
        result = super().write(vals)
        self.env["rebate.queue"]._append(changing)
        return result

    def unlink(self):
        self._rebate_check_kept()
        self.env["rebate.queue"]._append(self.filtered(lambda move: move.state == "posted"))
        return super().unlink()

    def copy(self, default=None):
        # A copy would be a return of goods that were never sold, and pay once more.
        self._rebate_check_kept(is_taken_away=False)
        return super().copy(default)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_rebate_settlement(self):
        """Open the settlement this document belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "rebate.settlement",
            "res_id": self.rebate_settlement_id.id,
            "view_mode": "form",
        }

    def action_view_rebate_accruals(self):
        """Show the accruals whose liability the entry raises or lowers."""
        self.ensure_one()
        accruals = self.line_ids.rebate_accrual_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_accrual_action"
        )
        action |= {"domain": [("id", "in", accruals.ids)], "context": {}}
        if len(accruals) == 1:
            action |= {"views": [(False, "form")], "view_mode": "form", "res_id": accruals.id}
        return action

    @acting()
    def rebate_shares(self):
        """Tell for which programs the lines count, and what each of them earned, as the tab of the
        invoice shows it."""
        self.ensure_one()
        return self.env["rebate.selling"]._tell_shares(self)

    def action_reverse(self):
        self._rebate_check_kept(is_taken_away=False)
        return super().action_reverse()

    def button_draft(self):
        self._rebate_check_kept()
        return super().button_draft()

    def button_cancel(self):
        self._rebate_check_kept()
        return super().button_cancel()

    def button_request_cancel(self):
        self._rebate_check_kept()
        return super().button_request_cancel()

    def action_download_rebate_workbook(self):
        """Download one workbook of the chosen entries.

        :raise UserError: when none of them raises or lowers what is owed, or the user is no
            accountant
        """
        self._rebate_check_entries()
        ids = ",".join(map(str, self.ids))
        return {
            "type": "ir.actions.act_url",
            "url": f"/rebate/entries/workbook?ids={ids}",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Odoo's business methods
    # ------------------------------------------------------------------

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Keep the settlement on the reversal of a payout: it is no purchase either. And have the
        reversal of an accrual entry give the accruals back what it raised."""
        self._rebate_check_kept(is_taken_away=False)
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

    # ------------------------------------------------------------------
    # Entries that raise or lower the liability of accruals
    # ------------------------------------------------------------------

    def _rebate_lock_accruals(self, state):
        """Lock the accruals whose liability changes with the state of these entries, so
        that no refresh of their figures comes between: see :func:`lock_all`."""
        entries = self.filtered(
            lambda move: (
                move.move_type == "entry"
                and move.state != state
                and "posted" in (move.state, state)
            )
        )
        if entries:
            # Whoever may post an entry need not be able to read accruals.
            lines = self.env["account.move.line"].sudo()
            lines = lines.search(
                [("move_id", "in", entries.ids), ("rebate_accrual_id", "!=", False)]
            )
            lock_all(lines.rebate_accrual_id)

    def _rebate_view_entries(self, name):
        """Open one entry, or a list of several.

        :param name: the title of the list
        """
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.move",
            "domain": [("id", "in", self.ids)],
            # Not the list of invoices that Odoo shows otherwise.
            "views": [(self.env.ref("account.view_move_tree").id, "list"), (False, "form")],
            "context": {"create": False},
        }
        if len(self) == 1:
            action |= {"views": [(False, "form")], "res_id": self.id}
        return action

    # ------------------------------------------------------------------
    # Documents that pay settlements
    # ------------------------------------------------------------------

    def _rebate_check_kept(self, is_taken_away=True):
        """Refuse to take back or change a document of a payout by itself, see
        :func:`payout_protection.check_kept`."""
        payout_protection.check_kept(self, is_taken_away)

    def _rebate_is_reversed(self):
        """Tell whether a document of a payout was taken back, by its settlement and whole."""
        self.ensure_one()
        return any(
            reversal.state == "posted"
            and reversal.rebate_settlement_id == self.rebate_settlement_id
            and not self.currency_id.compare_amounts(reversal.amount_total, self.amount_total)
            for reversal in self.reversal_move_ids
        )

    def _rebate_prepare_reversal_vals(self):
        """Values of the document that takes this payout back: of the same day, or of the first
        open one."""
        self.ensure_one()
        locks = self._get_violated_lock_dates(self.date, bool(self.line_ids.tax_ids))
        day = locks[-1][0] + timedelta(days=1) if locks else self.date
        vals = {
            "ref": self.env._("Reversal of: %s", self.name),
            "invoice_date": day,
            "date": day,
        }
        if locks:
            # Left on the document, where whoever reads it looks for the reason of its date.
            vals["narration"] = self.env._(
                "Dated %(open_day)s, the first open day: the books are locked on %(day)s.",
                open_day=format_date(self.env, day),
                day=format_date(self.env, self.date),
            )
        return vals

    # ------------------------------------------------------------------
    # The workbook of an accrual run
    # ------------------------------------------------------------------

    def _rebate_check_entries(self):
        """Refuse a workbook of entries that are no accrual run's.

        :raise UserError: also when the user is no accountant
        """
        self.env["rebate.settlement"]._require_group("rebate_management.group_rebate_accountant")
        self.check_access("read")
        if not self.line_ids.rebate_accrual_id:
            raise UserError(
                self.env._(
                    "None of these entries raises or lowers what is owed of a rebate. Choose the"
                    " entries of an accrual run."
                )
            )

    def _rebate_workbook_name(self):
        """The name of the workbook's file."""
        return accrual_workbook.file_name(self)

    def _rebate_write_workbook(self, file):
        """Write the workbook, in the reader's language.

        :param file: open for writing bytes
        :raise UserError: as :meth:`action_download_rebate_workbook`
        """
        self._rebate_check_entries()
        accrual_workbook.write(self, file)
