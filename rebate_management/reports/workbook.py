"""Writing Excel workbooks row by row, so that however long they are, little is held in memory."""

import re
from datetime import date
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

# Rows of a sheet that Excel opens, less room for a heading.
LONGEST = 1_048_000
# Excel's own short date, in the format of whoever opens it.
SHORT_DATE = 14


class Column(NamedTuple):
    """A column of a table; ``kind`` is text, date, money, number, rate or whole."""

    title: str
    kind: str = "text"
    width: int = 14


class Formula(NamedTuple):
    """A formula, and its result for readers that compute nothing."""

    text: str
    result: float


def add_up(tables, place, number, result, sign="", by=0) -> Formula:
    """Compose the sum of a column, of the rows that have a number.

    :param tables: sheets, each with the first and the last row of its table
    :param place: of the column, the first being 0
    :param result: what it comes to
    :param by: the column of the number
    """
    sums = "+".join(
        f"SUMIFS({sheet.reference(*rows, place)},{sheet.reference(*rows, by)},{number})"
        for sheet, rows in tables
    )
    return Formula(f"{sign}({sums})" if sign else sums, result)


class Book:
    """A workbook; to be closed, or used in a ``with`` statement."""

    def __init__(self, file, decimals):
        """
        :param file: open for writing bytes
        :param decimals: of the money
        """
        self._book = Workbook(file, {"constant_memory": True})
        money = "#,##0" + ("." + "0" * decimals if decimals else "")
        formats = {
            "text": {"text_wrap": False},
            "date": {"num_format": SHORT_DATE, "align": "left"},
            "money": {"num_format": money},
            "number": {"num_format": "#,##0.####"},
            # Excel would leave the decimal point of a whole number standing alone.
            "count": {"num_format": "#,##0"},
            "rate": {"num_format": "0.00####"},
            "whole": {"num_format": "0", "align": "left"},
        }
        self.formats = {
            (kind, is_bold): self._book.add_format(
                vals | ({"bold": True, "top": 1} if is_bold else {})
            )
            for kind, vals in formats.items()
            for is_bold in (False, True)
        }
        self.formats["title"] = self._book.add_format({"bold": True, "font_size": 14})
        self.formats["label"] = self._book.add_format({"font_color": "#666666"})
        self.formats["heading"] = self._book.add_format(
            {"bold": True, "bg_color": "#E9ECEF", "bottom": 1, "text_wrap": True, "valign": "top"}
        )

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._book.close()

    def sheet(self, name, columns):
        """Add a sheet.

        :param name: shortened to what Excel takes
        :param columns: of its table, see :class:`Column`
        """
        name = re.sub(r"[\[\]:*?/\\]", " ", name).strip("'")[:31]
        return Sheet(self, self._book.add_worksheet(name), columns)


class Sheet:
    """A sheet, written from the top down. Text is always written as text, also when it begins as a
    formula does."""

    def __init__(self, book, sheet, columns):
        self._book, self._sheet, self._columns = book, sheet, columns
        self.row = 0
        self._table = None
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)

    def title(self, text):
        """Write a title that stays in view."""
        self._sheet.write_string(self.row, 0, text, self._book.formats["title"])
        self.row += 1
        self._sheet.freeze_panes(self.row, 0)

    def note(self, label, value, kind="text"):
        """Write a line beside a label."""
        self._sheet.write_string(self.row, 0, label, self._book.formats["label"])
        self._write(1, kind, value)
        self.row += 1

    def heading(self, columns=None, is_filter=False):
        """Write the titles of the columns; a table that can be filtered begins here.

        :param columns: of another table below the first
        """
        self._columns = columns or self._columns
        for place, column in enumerate(self._columns):
            self._sheet.write_string(self.row, place, column.title, self._book.formats["heading"])
        if not self.row:
            self._sheet.freeze_panes(1, 0)
        if is_filter:
            self._table = self.row
        self.row += 1

    def add(self, *values, is_sum=False):
        """Write a row of the table; None leaves a cell empty.

        :return: its number, the first being 0
        """
        for place, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            if value is not None:
                self._write(place, column.kind, value, is_sum)
        self.row += 1
        return self.row - 1

    def skip(self):
        """Leave a row empty."""
        self.row += 1

    def finish(self):
        """Let the table be filtered, up to the row above."""
        if self._table is not None and self.row > self._table + 1:
            self._sheet.autofilter(self._table, 0, self.row - 1, len(self._columns) - 1)

    def reference(self, first, last, place):
        """Address cells of a column from other sheets.

        :param first: number of the first row
        :param last: number of the last one
        """
        name = self._sheet.get_name().replace("'", "''")
        return f"'{name}'!{xl_range_abs(first, place, last, place)}"

    def cell(self, row, place):
        """Address a cell from this sheet."""
        return xl_rowcol_to_cell(row, place)

    def column(self, place):
        """The letters of a column."""
        return xl_col_to_name(place)

    def _write(self, place, kind, value, is_sum=False):
        number = value.result if isinstance(value, Formula) else value
        if kind == "number" and isinstance(number, int | float) and number == round(number):
            kind = "count"
        layout = self._book.formats[kind, is_sum]
        if isinstance(value, Formula):
            self._sheet.write_formula(
                self.row, place, f"={value.text}", layout, round(value.result, 6)
            )
        elif isinstance(value, str):
            self._sheet.write_string(self.row, place, value, layout)
        elif isinstance(value, date):
            self._sheet.write_datetime(self.row, place, value, layout)
        else:
            self._sheet.write_number(self.row, place, value, layout)
