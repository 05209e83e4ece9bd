"""A ZIP whose files are written piece by piece, with the SHA-256 sum of each."""

import csv
import io
import json
import re
import unicodedata
from codecs import BOM_UTF8
from contextlib import contextmanager
from hashlib import sha256
from zipfile import ZIP_DEFLATED, ZipFile

MANIFEST = "MANIFEST.sha256"
PIECE = 2**20
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


# What file systems hold of one name, in bytes of UTF-8.
NAME_BYTES = 255
# Of a folder, and of a whole path: Windows opens 260 characters, with the folder that the archive
# is unpacked into.
FOLDER_BYTES = 100
PATH_BYTES = 240
# Names of devices on Windows, whatever comes after the first point (Microsoft, "Naming Files,
# Paths, and Namespaces").
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)


def safe(name, size=NAME_BYTES):
    """Make a name that any system takes for a file or a folder.

    :param name: any text
    :param size: how many bytes of UTF-8 it may have
    :return: the name with an underscore for whatever is no letter, digit, point, hyphen or space,
        cut before its ending

    >>> safe("a/b: c?.pdf"), safe("con.txt"), safe(" .. ")
    ('a_b_ c_.pdf', '_con.txt', '_')
    >>> safe("ä" * 200 + ".pdf", size=12)
    'ääää.pdf'
    """
    name = re.sub(r"[^\w.\- ]", "_", unicodedata.normalize("NFC", name)).strip(" .") or "_"
    return _cut(f"_{name}" if DEVICE.match(name) else name, size)


def _cut(name, size, mark=""):
    """Cut a name to so many bytes, between two characters and before its ending; a mark is put
    before the ending."""
    stem, ending = _split(name)
    ending = mark + ending
    if len(stem.encode()) + len(ending.encode()) > size:
        kept = max(size - len(ending.encode()), 1)
        stem = stem.encode()[:kept].decode(errors="ignore").rstrip(" .") or "_"
    return stem + ending


def _split(name):
    """Part a name from its ending; what is long, or no word, is no ending."""
    stem, point, ending = name.rpartition(".")
    if stem and ending.isalnum() and len(ending.encode()) <= 10:
        return stem, point + ending
    return name, ""


class _Summed:
    """A file on its way into the archive, summed up."""

    def __init__(self, file, name):
        self._file, self.sum, self.name = file, sha256(), name

    def feed(self, piece):
        """Write bytes."""
        self.sum.update(piece)
        self._file.write(piece)


class Archive:
    """A ZIP that is being written; its manifest comes last, when it is closed."""

    def __init__(self, file):
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._sums = {}
        # Names taken, as systems compare them that do not tell small letters from capitals.
        self._taken = {MANIFEST.casefold()}
        # What the index says of files, see list_files.
        self.listed = {}

    def __enter__(self):
        return self

    def __exit__(self, error, *_rest):
        if not error:
            text = "".join(f"{digest}  {name}\n" for name, digest in self._sums.items())
            self._zip.writestr(MANIFEST, text)
        self._zip.close()

    def __contains__(self, name):
        return name in self._sums

    @property
    def names(self):
        """The paths of all files so far, in the order in which they were written."""
        return list(self._sums)

    def list_files(self, section, cells, paths):
        """Have the index name files in a row of a section.

        :param section: a name that the index knows
        :param cells: texts of the row
        :param paths: of the files, by label
        """
        self.listed.setdefault(section, []).append((cells, paths))

    def folder(self, path):
        """Reserve a folder of which no other part of the archive has the name.

        :param path: with slashes between its parts
        :return: the path that files are to begin with
        """
        parts = [safe(part, FOLDER_BYTES) for part in path.split("/")]
        return self._reserve("/".join(parts[:-1]), parts[-1], FOLDER_BYTES)

    def _path(self, name):
        """Make a path that systems hold and no other file of the archive has; the second of a name
        is numbered."""
        *folders, name = name.split("/")
        folder = "/".join(safe(part, FOLDER_BYTES) for part in folders)
        size = min(NAME_BYTES, max(PATH_BYTES - len(folder.encode()) - 1, 40))
        return self._reserve(folder, safe(name, size), size)

    def _reserve(self, folder, name, size):
        place, path = 1, f"{folder}/{name}" if folder else name
        while path.casefold() in self._taken:
            place += 1
            numbered = _cut(name, size, f"_{place}")
            path = f"{folder}/{numbered}" if folder else numbered
        self._taken.add(path.casefold())
        return path

    @contextmanager
    def open(self, name):
        """Begin a file of the archive, to be fed with bytes; one at a time.

        :param name: its path; it is cut to what file systems hold, and numbered where a file
            before it has the same
        """
        name = self._path(name)
        with self._zip.open(name, "w", force_zip64=True) as file:
            summed = _Summed(file, name)
            yield summed
        self._sums[name] = summed.sum.hexdigest()

    def add(self, name, content):
        """Write a whole file of text or bytes.

        :return: its path
        """
        with self.open(name) as file:
            file.feed(content.encode() if isinstance(content, str) else content)
        return file.name

    def add_file(self, name, source):
        """Copy a file that is open for reading bytes, piece by piece.

        :return: its path
        """
        with self.open(name) as file:
            while piece := source.read(PIECE):
                file.feed(piece)
        return file.name

    def json(self, name, content):
        """Write plain values as JSON that people can read.

        :return: its path
        """
        return self.add(name, json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")

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
