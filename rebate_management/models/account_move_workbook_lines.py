"""The calculation, the journal items and the invoice lines in the workbook of an accrual run."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..reports.workbook import LONGEST, Column, add_up

# Accruals whose invoice lines are held at once.
BATCH = 50


class AccountMove(models.Model):
    _inherit = "account.move"

    # ------------------------------------------------------------------
    # Calculation
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
