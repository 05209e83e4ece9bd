"""The workbook of a settlement: its total is the sum of its lines, each the sum of its invoice
lines, by formulas that anybody can follow."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.tools import SQL

from ..tools.rows import iterate
from .workbook import LONGEST, Book, Column, Formula, add_up


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


def write_workbook(settlement, file):
    """Write the workbook, in the reader's language.

    :param file: open for writing bytes
    """
    env = settlement.env
    settlement.ensure_one()
    env.flush_all()
    parts = _read_parts(settlement)
    with Book(file, settlement.currency_id.decimal_places) as book:
        summary = book.sheet(env._("Summary"), _summary_columns(env))
        calculation = book.sheet(env._("Calculation"), _calculation_columns(env))
        sheets = _detail_sheets(settlement, book, sum(part.count for part in parts))
        lines = _write_calculation(settlement, calculation, parts, sheets)
        _write_summary(settlement, summary, calculation, lines, parts)
        _write_details(settlement, sheets, {part[1:4]: part.number for part in parts})


def _read_parts(settlement):
    """Count and sum up the frozen details, in one statement."""
    rows = settlement.env.execute_query(
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
            settlement.line_ids.ids,
        )
    )
    return [Part(number, *row) for number, row in enumerate(rows, start=1)]


def _summary_columns(env):
    return [
        Column(env._("Line"), "whole", 18),
        Column(env._("Rebate"), "text", 46),
        Column(env._("Program"), "text", 28),
        Column(env._("Distributor"), "text", 28),
        Column(env._("From"), "date", 12),
        Column(env._("Earned Up To"), "date", 14),
        Column(env._("Earned"), "money", 16),
        Column(env._("Settled Before"), "money", 16),
        Column(env._("Amount"), "money", 16),
        Column(env._("Of Which Adjustment"), "money", 16),
        Column(env._("Explanation"), "text", 90),
        Column(env._("Adjusts, Because"), "text", 60),
    ]


def _write_summary(settlement, sheet, calculation, lines, parts):
    """Write the summary, of which all sums are formulas.

    :param lines: first and last row of the calculation's parts
    """
    env = settlement.env
    sheet.title(env._("Rebate settlement %s", settlement.name))
    states = dict(settlement._fields["state"]._description_selection(env))
    for label, value, kind in (
        (env._("Partner"), settlement.partner_id.display_name, "text"),
        (env._("Company"), settlement.company_id.name, "text"),
        (env._("Date"), settlement.date, "date"),
        (env._("Payout Date"), settlement.date_due or settlement.date, "date"),
        (env._("Status"), states[settlement.state], "text"),
        (env._("Currency"), settlement.currency_id.name, "text"),
        (env._("Fingerprint"), settlement.fingerprint or "–", "text"),
    ):
        sheet.note(label, value, kind)
    sheet.skip()
    sheet.heading(is_filter=True)
    first = sheet.row
    for number, line in enumerate(settlement.line_ids, start=1):
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
        source = line._source_facts()
        sheet.add(
            number,
            line.name,
            line.program_id.display_name,
            source.partner.display_name,
            source.date_from,
            line.date_until or source.date_to,
            *sums,
            line.adjustment_amount,
            (line.explanation or "").replace("\n", " "),
            line.cause or None,
        )
    sheet.finish()
    _write_totals(settlement, sheet, first, parts)


def _write_totals(settlement, sheet, first, parts):
    env = settlement.env
    total = sum(part.rebate for part in parts)
    last = sheet.row - 1
    row = sheet.add(
        None,
        env._("Total"),
        *[None] * 6,
        Formula(f"SUM({sheet.cell(first, 8)}:{sheet.cell(last, 8)})", total),
        *[None] * 3,
        is_sum=True,
    )
    frozen = sheet.add(
        None,
        env._("Amount of the settlement"),
        *[None] * 6,
        settlement.amount_total,
        *[None] * 3,
    )
    sheet.add(
        None,
        env._("Difference"),
        *[None] * 6,
        Formula(
            f"ROUND({sheet.cell(row, 8)}-{sheet.cell(frozen, 8)},"
            f"{settlement.currency_id.decimal_places})",
            round(total - settlement.amount_total, settlement.currency_id.decimal_places),
        ),
        *[None] * 3,
    )


def _calculation_columns(env):
    return [
        Column(env._("Part"), "whole", 8),
        Column(env._("Line"), "whole", 8),
        Column(env._("Rebate"), "text", 46),
        Column(env._("Rule"), "text", 28),
        Column(env._("Purchases"), "money", 16),
        Column(env._("Quantity"), "number", 14),
        Column(env._("Earned"), "money", 16),
        Column(env._("Settled Before"), "money", 16),
        Column(env._("Rebate Amount"), "money", 16),
    ]


def _write_calculation(settlement, sheet, parts, details):
    """Write what each rule adds, summed up from the invoice lines by formulas; below, how its
    tiers came to what the period earned.

    :param details: sheets with the first and last row of the invoice lines
    :return: the first and the last row of the parts
    """
    numbers = {line.id: number for number, line in enumerate(settlement.line_ids, start=1)}
    names = {line.id: line.name for line in settlement.line_ids}
    sheet.heading(is_filter=True)
    first = sheet.row
    for part in parts:
        sums = [
            add_up(details, place, part.number, getattr(part, name))
            for place, name in (
                (10, "amount"),
                (8, "quantity"),
                (13, "earned"),
                (14, "settled"),
                (15, "rebate"),
            )
        ]
        sheet.add(
            part.number,
            numbers[part.line_id],
            names[part.line_id],
            part.rule_name or settlement.env._("Not on an invoice line"),
            *sums,
        )
    last = max(sheet.row - 1, first)
    sheet.finish()
    _write_tiers(settlement, sheet, numbers)
    return first, last


def _write_tiers(settlement, sheet, numbers):
    """Write how tiers earned, from the frozen facts: each on its base at its rate."""
    env = settlement.env
    rates = dict(env["rebate.tier"]._fields["rate_type"]._description_selection(env))
    names = {
        rule["id"]: rule["name"]
        for program in (settlement.terms_snapshot or {}).get("programs", {}).values()
        for rule in program.get("rules", ())
    }
    sheet.skip()
    sheet.heading(
        [
            Column(""),
            Column(env._("Line"), "whole"),
            Column(env._("Rule")),
            Column(env._("Rate Is")),
            Column(env._("Tier From"), "number"),
            Column(env._("Rate"), "rate"),
            Column(env._("On"), "number"),
            Column(env._("Earned by the Tier"), "number"),
            Column(""),
        ]
    )
    for line in (settlement.terms_snapshot or {}).get("lines", ()):
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
                    Formula(formula.get(part["rate_type"], rate), float(Decimal(part["rebate"]))),
                    None,
                )


def _detail_columns(env):
    return [
        Column(env._("Part"), "whole", 8),
        Column(env._("Program"), "text", 28),
        Column(env._("Distributor"), "text", 28),
        Column(env._("Rule"), "text", 24),
        Column(env._("Invoice"), "text", 24),
        Column(env._("Invoice Date"), "date", 12),
        Column(env._("Internal Reference"), "text", 18),
        Column(env._("Product"), "text", 40),
        Column(env._("Quantity"), "number", 12),
        Column(env._("Unit"), "text", 10),
        Column(env._("Counted"), "money", 16),
        Column(env._("Rate"), "rate", 10),
        Column(env._("Rate Is"), "text", 10),
        Column(env._("Earned"), "money", 14),
        Column(env._("Settled Before"), "money", 14),
        Column(env._("Rebate Amount"), "money", 14),
    ]


def _detail_sheets(settlement, book, count):
    """Add a sheet for the invoice lines, or several where Excel would not open one.

    :return: ``(sheet, (first row, last row))``
    """
    columns = _detail_columns(settlement.env)
    sheets = []
    for place, start in enumerate(range(0, max(count, 1), LONGEST)):
        name = settlement.env._("Invoice Lines")
        sheet = book.sheet(f"{name} {place + 1}" if place else name, columns)
        sheets.append((sheet, (1, max(min(count - start, LONGEST), 1))))
    return sheets


def _write_details(settlement, sheets, numbers):
    """Write every invoice line as it was frozen.

    :param numbers: of the parts by settlement line, rule and its name
    """
    rates = dict(
        settlement.env["rebate.tier"]._fields["rate_type"]._description_selection(settlement.env)
    )
    whose = {
        line.id: (line.program_id.display_name or None, line._source_facts().partner.display_name)
        for line in settlement.line_ids
    }
    rows = _detail_rows(settlement)
    for sheet, (_first, last) in sheets:
        sheet.heading(is_filter=True)
        for line_id, rule_id, rule_name, *values in rows:
            day, kind = values[1], values[8]
            values[1] = day if isinstance(day, date) else None
            values[8] = rates.get(kind)
            sheet.add(numbers[line_id, rule_id, rule_name], *whose[line_id], rule_name, *values)
            if sheet.row > last:
                break
        sheet.finish()


def _detail_rows(settlement):
    return iterate(
        settlement.env,
        SQL(
            """
            SELECT settlement_line_id, rule_id, COALESCE(rule_name, ''), invoice_name,
                   invoice_date, product_code, product_name, quantity, uom_name, amount, rate,
                   rate_type, earned_amount, settled_amount, rebate_amount
              FROM rebate_settlement_detail
             WHERE settlement_line_id = ANY(%s)
          ORDER BY settlement_line_id, rule_id NULLS LAST, invoice_date, invoice_name, id
            """,
            settlement.line_ids.ids,
        ),
    )
