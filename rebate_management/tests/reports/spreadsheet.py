"""A small calculator for the formulas of our workbooks: from the cells, not from stored results."""

import re

from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.utils.cell import range_boundaries


class Spreadsheet:
    """A workbook whose formulas are computed anew."""

    def __init__(self, file):
        self.book = load_workbook(file)
        self._known = {}

    def value(self, sheet, cell):
        """The value of a cell, computed from what it depends on."""
        key = sheet, cell
        if key not in self._known:
            content = self.book[sheet][cell].value
            is_formula = self.book[sheet][cell].data_type == "f"
            self._known[key] = self._compute(sheet, content) if is_formula else content
        return self._known[key]

    def find(self, sheet, label):
        """The row of a label."""
        for row in self.book[sheet].iter_rows():
            for cell in row:
                if cell.value == label:
                    return cell.row
        raise AssertionError(f"{label} is not on {sheet}")

    def _compute(self, sheet, formula):
        python = ""
        for token in Tokenizer(formula).items:
            if token.type == "OPERAND" and token.subtype == "RANGE":
                python += f"self._range({sheet!r}, {token.value!r})"
            elif token.type == "FUNC" and token.subtype == "OPEN":
                python += f"self._{token.value[:-1].lower()}("
            else:
                python += token.value
        return eval(python, {"self": self})  # noqa: S307 only our own formulas

    def _range(self, sheet, address):
        match = re.fullmatch(r"(?:'((?:[^']|'')+)'!)?(.+)", address)
        sheet = (match[1] or sheet).replace("''", "'")
        left, top, right, bottom = range_boundaries(match[2].replace("$", ""))
        if (left, top) == (right, bottom):
            return self.value(sheet, self.book[sheet].cell(top, left).coordinate)
        return [
            self.value(sheet, self.book[sheet].cell(row, column).coordinate)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]

    @staticmethod
    def _as_list(values):
        return values if isinstance(values, list) else [values]

    def _sum(self, values):
        return sum(value or 0 for value in self._as_list(values))

    def _sumifs(self, values, keys, wanted):
        pairs = zip(self._as_list(values), self._as_list(keys), strict=True)
        return sum(value or 0 for value, key in pairs if key == wanted)

    @staticmethod
    def _round(value, digits):
        return round(value, digits)
