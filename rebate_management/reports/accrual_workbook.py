"""The workbook of an accrual run: its entries, each accrual's part of them, the journal items that
add up to it, and the invoice lines that earned it."""

from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tools import SQL

from .workbook import LONGEST, Book, Column, Formula, Sheet, add_up

# Accruals whose invoice lines are held at once.
BATCH = 50


class Part(NamedTuple):
    """What an entry changes of an accrual."""

    move: object
    accrual: object


class Table(NamedTuple):
    """A sheet, and the first and the last row of its table."""

    sheet: Sheet
    rows: tuple[int, int]


class Earned(NamedTuple):
    """What the invoice lines of a part earned, and how."""

    amount: float
    explanation: str


def file_name(moves):
    """The name of the file, of the first entry."""
    first = _in_order(moves)[:1]
    return moves.env._("Rebate accruals %s", first.name.replace("/", "_")) + ".xlsx"


def write(moves, file):
    """Write the workbook of some entries, in the reader's language. Only the invoice lines of some
    accruals at a time are held in memory.

    :param file: open for writing bytes
    :raise UserError: when they rest on more invoice lines than a sheet has rows
    """
    env = moves.env
    decimals = max(moves.company_id.currency_id.mapped("decimal_places"))
    moves = _in_order(moves)
    parts = moves.line_ids.filtered("rebate_accrual_id").grouped(
        lambda line: Part(line.move_id, line.rebate_accrual_id)
    )
    numbers = {part: number for number, part in enumerate(parts, start=1)}
    with Book(file, decimals) as book:
        # In the order in which they are read; the sums are written when their rows are known.
        summary = book.sheet(env._("Summary"), _summary_columns(env))
        calculation = book.sheet(env._("Calculation"), _calculation_columns(env))
        items = book.sheet(env._("Journal Items"), _item_columns(env))
        purchases = book.sheet(env._("Invoice Lines"), _purchase_columns(env))
        item_rows = _write_items(moves, items, numbers)
        earned = _write_purchases(moves, purchases, numbers)
        rows = _write_calculation(
            moves,
            calculation,
            parts,
            items=Table(items, item_rows),
            purchases=Table(purchases, (1, max(purchases.row - 1, 1))),
            earned=earned,
        )
        _write_summary(moves, summary, parts, Table(calculation, rows))


def _in_order(moves):
    return moves.sorted(lambda move: (move.date, move.id))


# ----------------------------------------------------------------------
# Summary
# ----------------------------------------------------------------------


def _summary_columns(env):
    return [
        Column(env._("No."), "whole", 18),
        Column(env._("Entry"), "text", 24),
        Column(env._("Date"), "date", 12),
        Column(env._("Owed Up To"), "date", 12),
        Column(env._("Journal"), "text", 24),
        Column(env._("Reference"), "text", 44),
        Column(env._("Change in the Books"), "money", 18),
    ]


def _write_summary(moves, sheet, parts, calculation):
    """Write the entries, each with what it changes, by formulas.

    :param parts: journal items by :class:`Part`
    :param calculation: :class:`Table`
    """
    env = moves.env
    sheet.title(env._("Rebate accruals"))
    sheet.note(env._("Company"), ", ".join(moves.company_id.mapped("name")))
    sheet.note(env._("Currency"), ", ".join(moves.company_id.currency_id.mapped("name")))
    sheet.skip()
    sheet.heading(is_filter=True)
    first, total = sheet.row, 0
    for number, move in enumerate(moves, start=1):
        change = -sum(
            sum(lines.mapped("balance")) for part, lines in parts.items() if part.move == move
        )
        total += change
        sheet.add(
            number,
            move.name,
            move.date,
            move.rebate_accrued_until or None,
            move.journal_id.display_name,
            move.ref or None,
            add_up([calculation], 8, number, change, by=1),
        )
    last = sheet.row - 1
    sheet.finish()
    sheet.add(
        None,
        env._("Total"),
        *[None] * 4,
        Formula(f"SUM({sheet.cell(first, 6)}:{sheet.cell(last, 6)})", total),
        is_sum=True,
    )


# ----------------------------------------------------------------------
# Calculation
# ----------------------------------------------------------------------


def _calculation_columns(env):
    return [
        Column(env._("Part"), "whole", 8),
        Column(env._("No."), "whole", 8),
        Column(env._("Entry"), "text", 22),
        Column(env._("Program"), "text", 28),
        Column(env._("Distributor"), "text", 28),
        Column(env._("Period"), "text", 22),
        Column(env._("Currency"), "text", 10),
        Column(env._("Change"), "money", 16),
        Column(env._("Change in the Books"), "money", 18),
        Column(env._("Earned by the Invoice Lines"), "money", 18),
        Column(env._("Accrues"), "text", 14),
        Column(env._("How It Is Earned Today"), "text", 90),
    ]


def _write_calculation(moves, sheet, parts, *, items, purchases, earned):
    """Write what each accrual changes, summed up from journal items by formulas, and what its
    invoice lines have earned.

    :param parts: journal items by :class:`Part`
    :param items: :class:`Table`
    :param purchases: :class:`Table`
    :param earned: :class:`Earned` by number of the part
    :return: the first and the last row
    """
    env = moves.env
    methods = dict(env["rebate.program"]._fields["accrual_method"]._description_selection(env))
    places = {move: place for place, move in enumerate(moves, start=1)}
    sheet.heading(is_filter=True)
    first = sheet.row
    for number, ((move, accrual), lines) in enumerate(parts.items(), start=1):
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
            add_up([purchases], 11, number, float(earned[number].amount)),
            methods.get(accrual.program_id.accrual_method),
            earned[number].explanation,
        )
    last = max(sheet.row - 1, first)
    sheet.finish()
    _write_sums(env, sheet, parts, (first, last))
    return first, last


def _write_sums(env, sheet, parts, rows):
    """Write below what changes in each currency: amounts of several add up to nothing.

    :param rows: the first and the last of the table
    """
    sums = {}
    for (_move, accrual), lines in parts.items():
        change = -sum(lines.mapped("amount_currency"))
        name = accrual.currency_id.name
        sums[name] = sums.get(name, 0) + change
    sheet.skip()
    for name, change in sums.items():
        names, amounts = sheet.reference(*rows, 6), sheet.reference(*rows, 7)
        sheet.add(
            *[None] * 5,
            env._("Total"),
            name,
            Formula(f'SUMIFS({amounts},{names},"{name}")', change),
            *[None] * 4,
            is_sum=True,
        )


# ----------------------------------------------------------------------
# Journal items
# ----------------------------------------------------------------------


def _item_columns(env):
    return [
        Column(env._("Part"), "whole", 8),
        Column(env._("Entry"), "text", 22),
        Column(env._("Date"), "date", 12),
        Column(env._("Account"), "text", 34),
        Column(env._("Partner"), "text", 28),
        Column(env._("Label"), "text", 44),
        Column(env._("Currency"), "text", 10),
        Column(env._("Amount in Currency"), "money", 18),
        Column(env._("Balance"), "money", 16),
    ]


def _write_items(moves, sheet, numbers):
    """Write all items of the entries.

    :param numbers: by :class:`Part`
    :return: the first and the last row
    """
    sheet.heading(is_filter=True)
    first = sheet.row
    for line in moves.line_ids:
        sheet.add(
            numbers.get(Part(line.move_id, line.rebate_accrual_id)),
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


# ----------------------------------------------------------------------
# Invoice lines
# ----------------------------------------------------------------------


def _purchase_columns(env):
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
        Column(env._("Counted"), "money", 16),
        Column(env._("Currency"), "text", 10),
        Column(env._("Rebate Amount"), "money", 14),
    ]


def _write_purchases(moves, sheet, numbers):
    """Write the invoice lines that were bought up to the day of each entry, as they are today.

    :param numbers: by :class:`Part`
    :return: :class:`Earned` by number of the part
    """
    sums = {}
    sheet.heading(is_filter=True)
    for move in moves:
        own = {part.accrual: number for part, number in numbers.items() if part.move == move}
        day = move.rebate_accrued_until or move.date
        accruals = moves.env["rebate.accrual"].union(*own)
        for start in range(0, len(accruals), BATCH):
            for accrual, rebate in _write_some(sheet, accruals[start : start + BATCH], day, own):
                sums[own[accrual]] = sums.get(own[accrual], 0) + rebate
    sheet.finish()
    return {
        number: Earned(sums.get(number, 0), part.accrual._explain_today())
        for part, number in numbers.items()
    }


def _write_some(sheet, accruals, day, own):
    """Write the invoice lines of some accruals.

    :param day: up to which they were bought
    :param own: the number of its part by accrual
    :return: a list of pairs, an accrual and the rebate of a line
    """
    return [
        written
        for source, of_source in accruals.env["rebate.measure"]._by_source(accruals)
        for written in _write_lines(sheet, source, of_source, day, own)
    ]


def _write_lines(sheet, source, accruals, day, own):
    """As :func:`_write_some`, of accruals whose lines are of one
    :class:`~..models.measure.sources.Source`."""
    written = []
    shares = accruals._shares_until(day)
    line_ids = {part.line_id for *_of, parts in shares for part in parts}
    texts = _line_texts(accruals.env, source, line_ids)
    for accrual, rule, parts in shares:
        if sheet.row + len(parts) > LONGEST:
            raise UserError(
                accruals.env._(
                    "These entries rest on more invoice lines than a sheet of Excel has rows."
                    " Choose fewer of them at a time."
                )
            )
        for part in parts:
            *texts_of, quantity = texts[part.line_id]
            sheet.add(
                own[accrual],
                accrual.program_id.display_name,
                accrual.partner_id.display_name,
                rule.name,
                *texts_of,
                # Where the program counts no units, what the invoice says.
                float(part.quantity) if accrual.uom_id else quantity,
                float(part.amount),
                accrual.currency_id.name,
                float(part.rebate),
            )
            written.append((accrual, part.rebate))
    return written


def _line_texts(env, source, line_ids):
    """Read invoice, date, product and quantity of invoice lines, in one statement by their ids."""
    rows = env.execute_query(
        SQL(
            """
            SELECT line.id, line.document, line.date, product.default_code,
                   COALESCE(template.name ->> %s, template.name ->> 'en_US', line.description),
                   line.quantity
              FROM (%s) line
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE line.id = ANY(%s)
            """,
            env.lang or "en_US",
            source.frozen_lines(SQL("SELECT unnest(%s::int[])", list(line_ids))),
            list(line_ids),
        )
    )
    return {line_id: texts for line_id, *texts in rows}
