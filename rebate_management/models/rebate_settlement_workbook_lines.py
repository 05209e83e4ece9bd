"""The calculation and the invoice lines in the workbook of a settlement."""

from datetime import date
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..reports.workbook import LONGEST, Column, Formula, add_up
from .rebate_rows import iterate


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    # ------------------------------------------------------------------
    # Calculation
    # ------------------------------------------------------------------

    def _calculation_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("Line"), "whole", 8),
            Column(self.env._("Rebate"), "text", 46),
            Column(self.env._("Rule"), "text", 28),
            Column(self.env._("Purchases"), "money", 16),
            Column(self.env._("Quantity"), "number", 14),
            Column(self.env._("Earned"), "money", 16),
            Column(self.env._("Settled Before"), "money", 16),
            Column(self.env._("Rebate Amount"), "money", 16),
        ]

    def _write_calculation(self, sheet, parts, details):
        """Write what each rule adds, summed up from the invoice lines by formulas; below, how its
        tiers came to what the period earned.

        :param details: sheets with the first and last row of the invoice lines
        :return: the first and the last row of the parts
        """
        numbers = {line.id: number for number, line in enumerate(self.line_ids, start=1)}
        names = {line.id: line.name for line in self.line_ids}
        sheet.heading(is_filter=True)
        first = sheet.row
        for part in parts:
            sums = [
                add_up(details, place, part.number, getattr(part, name))
                for place, name in (
                    (8, "amount"),
                    (6, "quantity"),
                    (11, "earned"),
                    (12, "settled"),
                    (13, "rebate"),
                )
            ]
            sheet.add(
                part.number,
                numbers[part.line_id],
                names[part.line_id],
                part.rule_name or self.env._("Not on an invoice line"),
                *sums,
            )
        last = max(sheet.row - 1, first)
        sheet.finish()
        self._write_tiers(sheet, numbers)
        return first, last

    def _write_tiers(self, sheet, numbers):
        """Write how tiers earned, from the frozen facts: each on its base at its rate."""
        rates = dict(self.env["rebate.tier"]._fields["rate_type"]._description_selection(self.env))
        names = {
            rule["id"]: rule["name"]
            for program in (self.terms_snapshot or {}).get("programs", {}).values()
            for rule in program.get("rules", ())
        }
        sheet.skip()
        sheet.heading(
            [
                Column(""),
                Column(self.env._("Line"), "whole"),
                Column(self.env._("Rule")),
                Column(self.env._("Rate Is")),
                Column(self.env._("Tier From"), "number"),
                Column(self.env._("Rate"), "rate"),
                Column(self.env._("On"), "number"),
                Column(self.env._("Earned by the Tier"), "number"),
                Column(""),
            ]
        )
        for line in (self.terms_snapshot or {}).get("lines", ()):
            for rule in line["rules"]:
                for part in rule["facts"]["parts"]:
                    rate, base = sheet.cell(sheet.row, 5), sheet.cell(sheet.row, 6)
                    formula = {"percent": f"{base}*{rate}/100", "per_unit": f"{base}*{rate}"}
                    sheet.add(
                        None,
                        numbers.get(line["line_id"]),
                        names.get(rule["rule_id"], ""),
                        rates[part["rate_type"]],
                        float(Decimal(part["threshold"])),
                        float(Decimal(part["rate"])),
                        float(Decimal(part["base"])),
                        Formula(
                            formula.get(part["rate_type"], rate), float(Decimal(part["rebate"]))
                        ),
                        None,
                    )

    # ------------------------------------------------------------------
    # Invoice lines
    # ------------------------------------------------------------------

    def _detail_columns(self):
        return [
            Column(self.env._("Part"), "whole", 8),
            Column(self.env._("Rule"), "text", 24),
            Column(self.env._("Invoice"), "text", 20),
            Column(self.env._("Invoice Date"), "date", 12),
            Column(self.env._("Internal Reference"), "text", 18),
            Column(self.env._("Product"), "text", 40),
            Column(self.env._("Quantity"), "number", 12),
            Column(self.env._("Unit"), "text", 10),
            Column(self.env._("Counted"), "money", 16),
            Column(self.env._("Rate"), "rate", 10),
            Column(self.env._("Rate Is"), "text", 10),
            Column(self.env._("Earned"), "money", 14),
            Column(self.env._("Settled Before"), "money", 14),
            Column(self.env._("Rebate Amount"), "money", 14),
        ]

    def _detail_sheets(self, book, count):
        """Add a sheet for the invoice lines, or several where Excel would not open one.

        :return: ``(sheet, (first row, last row))``
        """
        columns = self._detail_columns()
        sheets = []
        for place, start in enumerate(range(0, max(count, 1), LONGEST)):
            name = self.env._("Invoice Lines")
            sheet = book.sheet(f"{name} {place + 1}" if place else name, columns)
            sheets.append((sheet, (1, max(min(count - start, LONGEST), 1))))
        return sheets

    def _write_details(self, sheets, numbers):
        """Write every invoice line as it was frozen.

        :param numbers: of the parts by settlement line, rule and its name
        """
        rates = dict(self.env["rebate.tier"]._fields["rate_type"]._description_selection(self.env))
        rows = self._detail_rows()
        for sheet, (_first, last) in sheets:
            sheet.heading(is_filter=True)
            for line_id, rule_id, rule_name, *values in rows:
                day, kind = values[1], values[8]
                values[1] = day if isinstance(day, date) else None
                values[8] = rates.get(kind)
                sheet.add(numbers[line_id, rule_id, rule_name], rule_name, *values)
                if sheet.row > last:
                    break
            sheet.finish()

    def _detail_rows(self):
        return iterate(
            self.env,
            SQL(
                """
                SELECT settlement_line_id, rule_id, COALESCE(rule_name, ''), invoice_name,
                       invoice_date, product_code, product_name, quantity, uom_name, amount, rate,
                       rate_type, earned_amount, settled_amount, rebate_amount
                  FROM rebate_settlement_detail
                 WHERE settlement_line_id = ANY(%s)
              ORDER BY settlement_line_id, rule_id NULLS LAST, invoice_date, invoice_name, id
                """,
                self.line_ids.ids,
            ),
        )
