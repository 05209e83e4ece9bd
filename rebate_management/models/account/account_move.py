"""Invoices and payments: posting or taking one back queues the agreements it touches; payouts know
what they paid."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...reports.workbook import LONGEST, Book, Column, Formula, add_up
from ...tools.locks import lock_all
from ...tools.trust import is_trusted, trusted

# What says what a document pays, to whom, in which books, and whether it counts; which settlement
# it is of, nobody types at all.
KEPT = (
    "state",
    "payment_state",
    "move_type",
    "partner_id",
    "commercial_partner_id",
    "company_id",
    "journal_id",
    "currency_id",
    "invoice_currency_rate",
    "invoice_date",
    "date",
    "reversed_entry_id",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_residual",
    "amount_untaxed_signed",
    "amount_tax_signed",
    "amount_total_signed",
    "amount_residual_signed",
    "amount_total_in_currency_signed",
)
# Blocking a payment, and allowing it again, takes nothing back.
BLOCKING = ("blocked", "not_paid")
# Accruals whose invoice lines are held at once.
BATCH = 50


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

    @api.depends("rebate_settlement_id")
    def _compute_show_reset_to_draft_button(self):
        # It would be refused.
        res = super()._compute_show_reset_to_draft_button()
        for move in self:
            if move.rebate_settlement_id and move.state == "posted":
                move.show_reset_to_draft_button = False
        return res

    def write(self, vals):
        if not is_trusted(self.env):
            self._check_rebate_written(vals)
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
        self._check_rebate_kept()
        self.env["rebate.queue"]._append(self.filtered(lambda move: move.state == "posted"))
        return super().unlink()

    def copy(self, default=None):
        # A copy would be a return of goods that were never sold, and pay once more.
        self._check_rebate_kept(is_taken_away=False)
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

    def action_reverse(self):
        self._check_rebate_kept(is_taken_away=False)
        return super().action_reverse()

    def action_download_rebate_workbook(self):
        """Download one workbook of the chosen entries.

        :raise UserError: when none of them raises or lowers what is owed, or the user is no
            accountant
        """
        self._require_rebate_entries()
        ids = ",".join(map(str, self.ids))
        return {
            "type": "ir.actions.act_url",
            "url": f"/rebate/entries/workbook?ids={ids}",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Entries that raise or lower the liability of accruals show these
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

    def _view_rebate_entries(self, name):
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
    # Documents that pay settlements: made, posted and taken back with their settlement, and neither
    # changed nor taken back behind its back
    # ------------------------------------------------------------------

    def button_draft(self):
        self._check_rebate_kept()
        return super().button_draft()

    def button_cancel(self):
        self._check_rebate_kept()
        return super().button_cancel()

    def button_request_cancel(self):
        self._check_rebate_kept()
        return super().button_request_cancel()

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def _check_rebate_written(self, vals):
        """Refuse to change what a payout is, or to have an entry pass for its reversal."""
        names = [name for name in KEPT if name in vals]
        if not names:
            return
        if vals.get("reversed_entry_id"):
            self.browse(vals["reversed_entry_id"])._check_rebate_kept(is_taken_away=False)
        for move in self:
            # Users of other companies' books may write these too; who reads a move may know.
            if not move.sudo().rebate_settlement_id:
                continue
            changed = [name for name in names if self._field_will_change(move, vals, name)]
            if changed == ["state"] and vals["state"] != "posted":
                move._check_rebate_kept()
            elif changed and not (
                changed == ["payment_state"] and vals["payment_state"] in BLOCKING
            ):
                move._check_rebate_kept(is_taken_away=False)

    def _check_rebate_kept(self, is_taken_away=True):
        """Refuse to take back or change a document of a payout by itself: its settlement would go
        on to count as paid, or as cancelled.

        :param is_taken_away: what is not in the books, and whose settlement is cancelled, may be
        :raise UserError: naming the settlement
        """
        if is_trusted(self.env):
            return
        for move in self:
            # As in _check_rebate_written.
            settlement = move.sudo().rebate_settlement_id
            if not settlement or (is_taken_away and not move._is_rebate_kept()):
                continue
            if settlement.state in ("cancelled", "rejected"):
                raise UserError(
                    self.env._(
                        "%(document)s belongs to rebate settlement %(settlement)s, which is"
                        " cancelled, and stays as it is. What is due is proposed by the next"
                        " settlement run.",
                        document=move.display_name,
                        settlement=settlement.name,
                    )
                )
            raise UserError(
                self.env._(
                    "%(document)s pays rebate settlement %(settlement)s and is changed or taken"
                    " back with it alone. Cancel the settlement instead: the document is reversed,"
                    " and the next run proposes what is due.",
                    document=move.display_name,
                    settlement=settlement.name,
                )
            )

    def _is_rebate_kept(self):
        """Tell whether a document pays a settlement, or takes it back, and has to stay."""
        self.ensure_one()
        # As in _check_rebate_written.
        settlement = self.sudo().rebate_settlement_id
        return settlement and (
            self.state == "posted" or settlement.state not in ("cancelled", "rejected")
        )

    def _is_rebate_reversed(self):
        """Tell whether a document of a payout was taken back, by its settlement and whole."""
        self.ensure_one()
        return any(
            reversal.state == "posted"
            and reversal.rebate_settlement_id == self.rebate_settlement_id
            and not self.currency_id.compare_amounts(reversal.amount_total, self.amount_total)
            for reversal in self.reversal_move_ids
        )

    # ------------------------------------------------------------------
    # Reversals
    # ------------------------------------------------------------------

    def _prepare_rebate_reversal_vals(self):
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
    # The workbook of an accrual run: its entries, each accrual's part of them, the journal items
    # that add up to it, and the invoice lines that earned it
    # ------------------------------------------------------------------

    def _require_rebate_entries(self):
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
        first = self.sorted(lambda move: (move.date, move.id))[:1]
        name = first.name.replace("/", "_")
        return self.env._("Rebate accruals %s", name) + ".xlsx"

    def _write_rebate_workbook(self, file):
        """Write the workbook, in the reader's language. Only the invoice lines of some accruals at
        a time are held in memory.

        :param file: open for writing bytes
        """
        self._require_rebate_entries()
        decimals = max(self.company_id.currency_id.mapped("decimal_places"))
        moves = self.sorted(lambda move: (move.date, move.id))
        parts = moves.line_ids.filtered("rebate_accrual_id").grouped(
            lambda line: (line.move_id, line.rebate_accrual_id)
        )
        numbers = {key: number for number, key in enumerate(parts, start=1)}
        with Book(file, decimals) as book:
            summary = book.sheet(self.env._("Summary"), self._summary_columns())
            calculation = book.sheet(self.env._("Calculation"), self._calculation_columns())
            items = book.sheet(self.env._("Journal Items"), self._item_columns())
            bought = book.sheet(self.env._("Invoice Lines"), self._bought_columns())
            item_rows = moves._write_items(items, numbers)
            told = moves._write_bought(bought, numbers)
            rows = moves._write_changes(
                calculation, parts, (items, item_rows), (bought, (1, max(bought.row - 1, 1))), told
            )
            moves._write_summary(summary, parts, calculation, rows)

    def _summary_columns(self):
        return [
            Column(self.env._("No."), "whole", 18),
            Column(self.env._("Entry"), "text", 24),
            Column(self.env._("Date"), "date", 12),
            Column(self.env._("Owed Up To"), "date", 12),
            Column(self.env._("Journal"), "text", 24),
            Column(self.env._("Reference"), "text", 44),
            Column(self.env._("Change in the Books"), "money", 18),
        ]

    def _write_summary(self, sheet, parts, calculation, rows):
        """Write the entries, each with what it changes, by formulas.

        :param parts: journal items by entry and accrual
        :param rows: first and last row of the calculation
        """
        sheet.title(self.env._("Rebate accruals"))
        sheet.note(self.env._("Company"), ", ".join(self.company_id.mapped("name")))
        sheet.note(self.env._("Currency"), ", ".join(self.company_id.currency_id.mapped("name")))
        sheet.skip()
        sheet.heading(is_filter=True)
        first, total = sheet.row, 0
        for number, move in enumerate(self, start=1):
            change = -sum(
                sum(lines.mapped("balance"))
                for (entry, _of), lines in parts.items()
                if entry == move
            )
            total += change
            sheet.add(
                number,
                move.name,
                move.date,
                move.rebate_accrued_until or None,
                move.journal_id.display_name,
                move.ref or None,
                add_up([(calculation, rows)], 8, number, change, by=1),
            )
        last = sheet.row - 1
        sheet.finish()
        sheet.add(
            None,
            self.env._("Total"),
            *[None] * 4,
            Formula(f"SUM({sheet.cell(first, 6)}:{sheet.cell(last, 6)})", total),
            is_sum=True,
        )

    # ------------------------------------------------------------------
    # The calculation, the journal items and the invoice lines in the workbook of an accrual run
    # ------------------------------------------------------------------

    def _calculation_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("No."), "whole", 8),
            Column(self.env._("Entry"), "text", 22),
            Column(self.env._("Program"), "text", 28),
            Column(self.env._("Distributor"), "text", 28),
            Column(self.env._("Period"), "text", 22),
            Column(self.env._("Currency"), "text", 10),
            Column(self.env._("Change"), "money", 16),
            Column(self.env._("Change in the Books"), "money", 18),
            Column(self.env._("Earned by the Invoice Lines"), "money", 18),
            Column(self.env._("Accrues"), "text", 14),
            Column(self.env._("How It Is Earned Today"), "text", 90),
        ]

    def _write_changes(self, sheet, parts, items, bought, told):
        """Write what each accrual changes, summed up from journal items by formulas, and what its
        invoice lines have earned.

        :param items: sheet of the journal items with its first and last row
        :param bought: sheet of the invoice lines with its first and last row
        :param told: by number of the part what was earned, and the explanation
        :return: the first and the last row
        """
        methods = dict(
            self.env["rebate.program"]._fields["accrual_method"]._description_selection(self.env)
        )
        places = {move: place for place, move in enumerate(self, start=1)}

        sheet.heading(is_filter=True)
        first = sheet.row
        for number, ((move, accrual), lines) in enumerate(parts.items(), start=1):
            earned, explanation = told.get(number, (0, ""))
            sheet.add(
                number,
                places[move],
                move.name,
                accrual.program_id.display_name,
                accrual.partner_id.display_name,
                accrual.period,
                accrual.currency_id.name,
                add_up([items], 7, number, -sum(lines.mapped("amount_currency")), "-"),
                add_up([items], 8, number, -sum(lines.mapped("balance")), "-"),
                add_up([bought], 9, number, float(earned)),
                methods.get(accrual.program_id.accrual_method),
                explanation,
            )
        sheet.finish()
        return first, max(sheet.row - 1, first)

    # ------------------------------------------------------------------
    # Journal items
    # ------------------------------------------------------------------

    def _item_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("Entry"), "text", 22),
            Column(self.env._("Date"), "date", 12),
            Column(self.env._("Account"), "text", 34),
            Column(self.env._("Partner"), "text", 28),
            Column(self.env._("Label"), "text", 44),
            Column(self.env._("Currency"), "text", 10),
            Column(self.env._("Amount in Currency"), "money", 18),
            Column(self.env._("Balance"), "money", 16),
        ]

    def _write_items(self, sheet, numbers):
        """Write all items of the entries.

        :param numbers: of the parts by entry and accrual
        :return: the first and the last row
        """
        sheet.heading(is_filter=True)
        first = sheet.row
        for line in self.line_ids:
            sheet.add(
                numbers.get((line.move_id, line.rebate_accrual_id)),
                line.move_id.name,
                line.date,
                line.account_id.display_name,
                line.partner_id.display_name or None,
                line.name or None,
                line.currency_id.name,
                line.amount_currency,
                line.balance,
            )
        sheet.finish()
        return first, sheet.row - 1

    # ------------------------------------------------------------------
    # Invoice lines
    # ------------------------------------------------------------------

    def _bought_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("Rule"), "text", 24),
            Column(self.env._("Invoice"), "text", 20),
            Column(self.env._("Invoice Date"), "date", 12),
            Column(self.env._("Internal Reference"), "text", 18),
            Column(self.env._("Product"), "text", 40),
            Column(self.env._("Quantity"), "number", 12),
            Column(self.env._("Counted"), "money", 16),
            Column(self.env._("Currency"), "text", 10),
            Column(self.env._("Rebate Amount"), "money", 14),
        ]

    def _write_bought(self, sheet, numbers):
        """Write the invoice lines that were bought up to the day of each entry, as they are today.

        :param numbers: of the parts by entry and accrual
        :return: by number of the part what was earned, and its explanation
        """
        told = {}
        sheet.heading(is_filter=True)
        for move in self:
            own = {accrual: number for (entry, accrual), number in numbers.items() if entry == move}
            day = move.rebate_accrued_until or move.date
            accruals = self.env["rebate.accrual"].union(*own)
            for start in range(0, len(accruals), BATCH):
                shares = accruals[start : start + BATCH]._shares_until(day)
                names = self._describe_lines(
                    part.line_id for _a, _r, parts in shares for part in parts
                )
                for accrual, rule, parts in shares:
                    if sheet.row + len(parts) > LONGEST:
                        raise UserError(
                            self.env._(
                                "These entries rest on more invoice lines than a sheet of Excel"
                                " has rows. Choose fewer of them at a time."
                            )
                        )
                    for part in parts:
                        sheet.add(
                            own[accrual],
                            rule.name,
                            *names[part.line_id][:-1],
                            # Where the program counts no units, what the invoice says.
                            float(part.quantity) if accrual.uom_id else names[part.line_id][-1],
                            float(part.amount),
                            accrual.currency_id.name,
                            float(part.rebate),
                        )
                        earned = told.get(own[accrual], 0)
                        told[own[accrual]] = earned + part.rebate
        sheet.finish()
        return {
            number: (told.get(number, 0), accrual._explain_today())
            for (_entry, accrual), number in numbers.items()
        }

    def _describe_lines(self, line_ids):
        """Read invoice, date, product and quantity of invoice lines, in one statement."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, move.name, move.invoice_date, product.default_code,
                       COALESCE(template.name ->> %s, template.name ->> 'en_US', line.name),
                       CASE WHEN move.move_type = 'out_refund' THEN -line.quantity
                            ELSE line.quantity END
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN product_product product ON product.id = line.product_id
             LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE line.id = ANY(%s)
                """,
                self.env.lang or "en_US",
                list(set(line_ids)),
            )
        )
        return {line_id: texts for line_id, *texts in rows}
