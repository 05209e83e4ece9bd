"""The reconciliation of rebate liabilities as a workbook: what the liability accounts hold beside
what the accruals have, with totals by account and currency."""

from odoo.tools import format_date

from .workbook import Book, Column, Formula


def write_workbook(rows, day, file):
    """Write the workbook, in the reader's language.

    :param rows: ``rebate.liability``
    :param day: as of which they were read; None: all that is posted
    :param file: open for writing bytes
    """
    env = rows.env
    decimals = max(
        (rows.currency_id | rows.company_currency_id).mapped("decimal_places"), default=2
    )
    with Book(file, decimals) as book:
        sheet = book.sheet(env._("Reconciliation"), _columns(env))
        title = (
            env._("Liability Reconciliation as of %s", format_date(env, day))
            if day
            else env._("Liability Reconciliation")
        )
        sheet.title(title)
        sheet.heading(is_filter=True)
        by_account = rows.grouped(lambda row: (row.account_id, row.currency_id))
        lines = [(row, sheet.add(*_row(row))) for row in rows]
        sheet.finish()
        sheet.skip()
        first, last = (lines[0][1], lines[-1][1]) if lines else (0, 0)
        for (account, currency), its in by_account.items():
            sheet.add(
                account.display_name or "",
                env._("Total"),
                None,
                currency.name,
                *(
                    _total(sheet, its, name, place, first, last)
                    for place, name in enumerate(AMOUNTS, 4)
                ),
                None,
                is_sum=True,
            )


AMOUNTS = (
    *("account_amount", "accrued_amount", "difference"),
    *("account_value", "accrued_value", "difference_value"),
)


def _columns(env):
    return [
        Column(env._("Account"), width=28),
        Column(env._("Program"), width=28),
        Column(env._("Distributor"), width=28),
        Column(env._("Currency"), width=9),
        Column(env._("On Account"), "money", 16),
        Column(env._("Accrued"), "money", 16),
        Column(env._("Difference"), "money", 14),
        Column(env._("Book Value"), "money", 16),
        Column(env._("Accrued Value"), "money", 16),
        Column(env._("Difference Value"), "money", 16),
        Column(env._("Explained By"), width=40),
    ]


def _row(row):
    return (
        row.account_id.display_name or "",
        row.program_id.display_name or "",
        row.partner_id.display_name or "",
        row.currency_id.name,
        *(row[name] for name in AMOUNTS),
        row.explanation or "",
    )


def _total(sheet, rows, name, place, first, last):
    """The sum of a column, of the rows with the account and currency of some."""
    row = rows[0]

    def cells(column):
        return sheet.reference(first, last, column)

    def text(value):
        quoted = (value or "").replace('"', '""')
        return f'"{quoted}"'

    return Formula(
        f"SUMIFS({cells(place)},{cells(0)},{text(row.account_id.display_name)},"
        f"{cells(3)},{text(row.currency_id.name)})",
        sum(rows.mapped(name)),
    )
