"""The workbook of an accrual run: its entries, each accrual's part of them, the journal items that
add up to it, and the invoice lines that earned it."""

from odoo import models
from odoo.exceptions import UserError

from ..reports.workbook import Book, Column, Formula, add_up


class AccountMove(models.Model):
    _inherit = "account.move"

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
