"""The workbook of a settlement: its total is the sum of its lines, each the sum of its invoice
lines, by formulas that anybody can follow."""

from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ..reports.workbook import Book, Column, Formula, add_up


class Part(NamedTuple):
    """What one rule has in one settlement line: how many details, and what they add up to."""

    number: int
    line_id: int
    rule_id: int | None
    rule_name: str
    count: int
    amount: float
    quantity: float
    earned: float
    settled: float
    rebate: float


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _rebate_workbook_name(self):
        """The name of the workbook's file."""
        self.ensure_one()
        return self.env._("Rebate calculation %s", self.name.replace("/", "_")) + ".xlsx"

    def action_download_workbook(self):
        """Download the workbook of the settlement."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/rebate/settlement/{self.id}/workbook",
            "target": "download",
        }

    def _write_rebate_workbook(self, file):
        """Write the workbook, in the reader's language.

        :param file: open for writing bytes
        """
        self.ensure_one()
        self.check_access("read")
        self.env.flush_all()
        parts = self._parts()
        with Book(file, self.currency_id.decimal_places) as book:
            summary = book.sheet(self.env._("Summary"), self._summary_columns())
            calculation = book.sheet(self.env._("Calculation"), self._calculation_columns())
            sheets = self._detail_sheets(book, sum(part.count for part in parts))
            lines = self._write_calculation(calculation, parts, sheets)
            self._write_summary(summary, calculation, lines, parts)
            self._write_details(sheets, {part[1:4]: part.number for part in parts})

    def _parts(self):
        """Count and sum up the frozen details, in one statement."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT settlement_line_id, rule_id, COALESCE(rule_name, ''), COUNT(*),
                       SUM(amount), SUM(quantity), SUM(earned_amount), SUM(settled_amount),
                       SUM(rebate_amount)
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              GROUP BY 1, 2, 3
              ORDER BY 1, 2 NULLS LAST, 3
                """,
                self.line_ids.ids,
            )
        )
        return [Part(number, *row) for number, row in enumerate(rows, start=1)]

    # ------------------------------------------------------------------
    # Summary
    # ------------------------------------------------------------------

    def _summary_columns(self):
        return [
            Column(self.env._("Line"), "whole", 18),
            Column(self.env._("Rebate"), "text", 46),
            Column(self.env._("Program"), "text", 28),
            Column(self.env._("Distributor"), "text", 28),
            Column(self.env._("From"), "date", 12),
            Column(self.env._("Earned Up To"), "date", 14),
            Column(self.env._("Earned"), "money", 16),
            Column(self.env._("Settled Before"), "money", 16),
            Column(self.env._("Amount"), "money", 16),
            Column(self.env._("Of Which Adjustment"), "money", 16),
            Column(self.env._("Explanation"), "text", 90),
            Column(self.env._("Adjusts, Because"), "text", 60),
        ]

    def _write_summary(self, sheet, calculation, lines, parts):
        """Write the summary, of which all sums are formulas.

        :param lines: first and last row of the calculation's parts
        """
        sheet.title(self.env._("Rebate settlement %s", self.name))
        states = dict(self._fields["state"]._description_selection(self.env))
        for label, value, kind in (
            (self.env._("Partner"), self.partner_id.display_name, "text"),
            (self.env._("Company"), self.company_id.name, "text"),
            (self.env._("Date"), self.date, "date"),
            (self.env._("Payout Date"), self.date_due or self.date, "date"),
            (self.env._("Status"), states[self.state], "text"),
            (self.env._("Currency"), self.currency_id.name, "text"),
            (self.env._("Fingerprint"), self.fingerprint or "–", "text"),
        ):
            sheet.note(label, value, kind)
        sheet.skip()
        sheet.heading(is_filter=True)
        first = sheet.row
        for number, line in enumerate(self.line_ids, start=1):
            own = [part for part in parts if part.line_id == line.id]
            sums = [
                add_up(
                    [(calculation, lines)],
                    place,
                    number,
                    sum(getattr(part, name) for part in own),
                    by=1,
                )
                for place, name in ((6, "earned"), (7, "settled"), (8, "rebate"))
            ]
            accrual = line.accrual_id
            sheet.add(
                number,
                line.name,
                line.program_id.display_name,
                accrual.partner_id.display_name,
                accrual.date_from,
                line.date_until or accrual.date_to,
                *sums,
                line.adjustment_amount,
                (line.explanation or "").replace("\n", " "),
                line.cause or None,
            )
        sheet.finish()
        self._write_totals(sheet, first, parts)

    def _write_totals(self, sheet, first, parts):
        total = sum(part.rebate for part in parts)
        last = sheet.row - 1
        row = sheet.add(
            None,
            self.env._("Total"),
            *[None] * 6,
            Formula(f"SUM({sheet.cell(first, 8)}:{sheet.cell(last, 8)})", total),
            *[None] * 3,
            is_sum=True,
        )
        frozen = sheet.add(
            None,
            self.env._("Amount of the settlement"),
            *[None] * 6,
            self.amount_total,
            *[None] * 3,
        )
        sheet.add(
            None,
            self.env._("Difference"),
            *[None] * 6,
            Formula(
                f"ROUND({sheet.cell(row, 8)}-{sheet.cell(frozen, 8)},"
                f"{self.currency_id.decimal_places})",
                round(total - self.amount_total, self.currency_id.decimal_places),
            ),
            *[None] * 3,
        )
