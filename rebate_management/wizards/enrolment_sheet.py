"""Reading a spreadsheet of distributors: its rows, which column is what, what stands in them."""

import csv
import io
import re
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from odoo.exceptions import UserError

# Beyond that it is no list of distributors.
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_BYTES = 20 * 1024 * 1024
# What a workbook of so many rows may come to when it is unpacked.
MOST_UNPACKED = 200 * 1024 * 1024

# By which a customer is found; ``any`` is tried as all of them.
KEYS = ("id", "ref", "vat", "email", "name")


class Row(NamedTuple):
    """A row of the sheet: its number as the sheet shows it, its cells, and what is wrong with it;
    ``keys`` are the texts by kind of key, ``vals`` what of an agreement it says."""

    number: int
    cells: list[str]
    keys: dict[str, str]
    vals: dict
    problems: list[str]


class Sheet(NamedTuple):
    """A sheet that was read: the titles of its columns, and its rows that are not empty."""

    titles: list[str]
    rows: list[Row]


def read_sheet(env, content: bytes, name: str) -> Sheet:
    """Read a spreadsheet, XLSX or CSV.

    :param name: of the file
    :raise UserError: when it cannot be read, or has no column that names customers
    """
    if len(content) > MOST_BYTES:
        raise UserError(
            env._(
                "The file “%(file)s” has more than %(size)s MB. Upload one with nothing but the"
                " distributors.",
                file=name,
                size=MOST_BYTES // 1024 // 1024,
            )
        )
    try:
        read = _read_workbook if content[:2] == b"PK" else _read_text
        table = [row for row in read(content) if any(_text(cell) for cell in row[1])]
    except (
        *(csv.Error, InvalidFileException, KeyError, UnicodeError, ValueError, OSError),
        *(zipfile.BadZipFile, SyntaxError),
    ) as error:
        raise UserError(
            env._(
                "The file “%s” cannot be read. Save it as an Excel workbook (.xlsx) or as CSV, and"
                " upload it again.",
                name,
            )
        ) from error
    if len(table) > MOST_ROWS:
        raise UserError(
            env._(
                "The file “%(file)s” has more than %(count)s rows. Upload it in parts.",
                file=name,
                count=MOST_ROWS,
            )
        )
    if not table:
        raise UserError(
            env._(
                "The file “%s” is empty. It needs a column with the name, reference, tax ID, e-mail"
                " or external ID of each distributor.",
                name,
            )
        )
    kinds = _kinds(env, table[0][1])
    titles = [_text(cell) for cell in table[0][1]]
    if kinds:
        table = table[1:]
    else:
        # No line of titles: the distributors stand in the first column.
        kinds, titles = {0: "any"}, [env._("Distributor")]
    reader = _Reader(env)
    width = max([len(titles), *(len(cells) for _number, cells in table)])
    titles += [""] * (width - len(titles))
    return Sheet(titles, [_row(reader, number, cells, kinds) for number, cells in table])


def _read_workbook(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
            raise ValueError("too large")
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for number, row in enumerate(
            book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS), 1
        ):
            cells = list(row)
            while cells and cells[-1] is None:
                cells.pop()
            yield number, cells
            if number > MOST_ROWS + 1:
                break
    finally:
        book.close()


def _read_text(content):
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("no text")
    text = _decode(content)
    first = text.lstrip().partition("\n")[0]
    separator = max(";\t,", key=first.count)
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1):
        yield number, row[:MOST_COLUMNS]
        if number > MOST_ROWS + 1:
            break


def _decode(content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # As Excel saves CSV in western Europe.
        return content.decode("cp1252", errors="replace")


# ----------------------------------------------------------------------
# Which column is what
# ----------------------------------------------------------------------


def _titles(env):
    """By what a column is known, in English and in the reader's language."""
    return {
        "any": (
            *("Distributor", env._("Distributor"), "Customer", env._("Customer")),
            *("Company", env._("Company"), "Partner", env._("Partner")),
        ),
        "id": ("External ID", env._("External ID"), "id", "partner_id/id"),
        "ref": (
            *("Reference", env._("Reference"), "ref", "No.", "Number"),
            *("Customer Number", env._("Customer Number")),
        ),
        "vat": ("Tax ID", env._("Tax ID"), "VAT", env._("VAT"), "VAT Number"),
        "email": ("Email", env._("Email"), "E-mail", env._("E-mail"), "mail"),
        "name": ("Name", env._("Name"), "Company Name", env._("Company Name")),
        "date_start": ("From", env._("From"), "Start", "date_start"),
        "date_end": ("Until", env._("Until"), "To", "End", "date_end"),
        "baseline_amount": ("Baseline", env._("Baseline"), "baseline_amount"),
        "target_amount": ("Target", env._("Target"), "target_amount"),
        "include_children": (
            "Include Subsidiaries",
            env._("Include Subsidiaries"),
            "Subsidiaries",
            "include_children",
        ),
    }


def _kinds(env, cells) -> dict[int, str]:
    """Tell what the columns are by their titles; nothing where none names customers."""
    known = {}
    for kind, titles in _titles(env).items():
        for title in titles:
            known.setdefault(_plain(title), kind)
    kinds = {}
    for place, cell in enumerate(cells):
        kind = known.get(_plain(_text(cell)))
        if kind and kind not in kinds.values():
            kinds[place] = kind
    return kinds if {*KEYS, "any"} & set(kinds.values()) else {}


def _plain(title):
    return re.sub(r"[\s_\-./]+", "", title).casefold()


# ----------------------------------------------------------------------
# What stands in the cells
# ----------------------------------------------------------------------


def _text(cell) -> str:
    """Write a cell as one reads it: a number of a customer is 4711, not 4711.0."""
    if cell is None or cell is False:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return " ".join(str(cell).split())


class _Reader:
    """Reads days, numbers and answers as the reader writes them."""

    def __init__(self, env):
        self.env = env
        lang = env["res.lang"]._get_data(code=env.lang or "en_US")
        self.date_format = lang.date_format or "%m/%d/%Y"
        self.point = lang.decimal_point or "."
        self.yes = {*map(str.casefold, ("yes", "true", "1", "x", "y", env._("Yes")))}
        self.no = {*map(str.casefold, ("no", "false", "0", "n", "-", env._("No")))}

    def value_of(self, kind, cell):
        """Read a cell.

        :return: the value, and what is wrong with it
        """
        text = _text(cell)
        if kind.startswith("date"):
            return self._day(kind, cell, text)
        if kind == "include_children":
            if text.casefold() in self.yes:
                return True, None
            if text.casefold() in self.no:
                return False, None
            return None, self.env._("“%s” is neither yes nor no. Write one of these.", text)
        return self._number(cell, text)

    def _day(self, kind, cell, text):
        if isinstance(cell, datetime):
            return cell.date(), None
        if isinstance(cell, date):
            return cell, None
        for pattern in ("%Y-%m-%d", self.date_format):
            if day := _day(text, pattern):
                return day, None
        return None, self.env._(
            "“%(text)s” is no day. Write it like %(example)s.",
            text=text,
            example=date(2026, 12, 31).strftime(self.date_format),
        )

    def _number(self, cell, text):
        if isinstance(cell, int | float):
            return float(cell), None
        plain = re.sub(r"[\s'\u00a0\u202f]", "", text)
        plain = plain.replace("," if self.point == "." else ".", "").replace(self.point, ".")
        try:
            value = float(Decimal(plain))
        except InvalidOperation:
            return None, self.env._("“%s” is no number. Write one, without a currency.", text)
        return value, None


def _day(text, pattern):
    try:
        return date(*time.strptime(text, pattern)[:3])
    except ValueError:
        return None


def _row(reader, number, cells, kinds) -> Row:
    keys, vals, problems = {}, {}, []
    for place, kind in kinds.items():
        cell = cells[place] if place < len(cells) else None
        text = _text(cell)
        if not text:
            continue
        if kind == "any" or kind in KEYS:
            keys[kind] = text
            continue
        value, problem = reader.value_of(kind, cell)
        if problem:
            problems.append(problem)
        else:
            vals[kind] = value
    return Row(number, [_text(cell) for cell in cells], keys, vals, problems)
