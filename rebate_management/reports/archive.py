"""A ZIP whose files are written piece by piece, with the SHA-256 sum of each."""

import csv
import io
import json
import re
from codecs import BOM_UTF8
from contextlib import contextmanager
from hashlib import sha256
from zipfile import ZIP_DEFLATED, ZipFile

MANIFEST = "MANIFEST.sha256"
PIECE = 2**20
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def safe(name):
    """Make a name that any system takes for a file."""
    return re.sub(r"[^\w.\- ]", "_", name).strip(" .") or "_"


class _Summed:
    """A file on its way into the archive, summed up."""

    def __init__(self, file):
        self._file, self.sum = file, sha256()

    def feed(self, piece):
        """Write bytes."""
        self.sum.update(piece)
        self._file.write(piece)


class Archive:
    """A ZIP that is being written; its manifest comes last, when it is closed."""

    def __init__(self, file):
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._sums = {}

    def __enter__(self):
        return self

    def __exit__(self, error, *_rest):
        if not error:
            text = "".join(f"{digest}  {name}\n" for name, digest in self._sums.items())
            self._zip.writestr(MANIFEST, text)
        self._zip.close()

    def __contains__(self, name):
        return name in self._sums

    @contextmanager
    def open(self, name):
        """Begin a file of the archive, to be fed with bytes; one at a time."""
        if name in self._sums:
            raise ValueError(f"{name} is in the archive already")
        with self._zip.open(name, "w", force_zip64=True) as file:
            summed = _Summed(file)
            yield summed
        self._sums[name] = summed.sum.hexdigest()

    def add(self, name, content):
        """Write a whole file of text or bytes."""
        with self.open(name) as file:
            file.feed(content.encode() if isinstance(content, str) else content)

    def add_file(self, name, source):
        """Copy a file that is open for reading bytes, piece by piece."""
        with self.open(name) as file:
            while piece := source.read(PIECE):
                file.feed(piece)

    def json(self, name, content):
        """Write plain values as JSON that people can read."""
        self.add(name, json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")

    def table(self, name, titles, rows):
        """Write a CSV file in UTF-8; text that begins as a formula does gets an apostrophe before
        it.

        :param rows: an iterator of lists; numbers, days and None are written as they are
        """
        with self.open(name) as file:
            file.feed(BOM_UTF8)
            text = io.StringIO(newline="")
            writer = csv.writer(text)
            writer.writerow(titles)
            for row in rows:
                writer.writerow([self._cell(value) for value in row])
                if text.tell() > PIECE:
                    file.feed(text.getvalue().encode())
                    text.seek(0)
                    text.truncate()
            file.feed(text.getvalue().encode())

    @staticmethod
    def _cell(value):
        if value is None or value is False:
            return ""
        if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
            return f"'{value}"
        return value
