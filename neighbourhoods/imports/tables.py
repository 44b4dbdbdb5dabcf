"""Reads a table from CSV or XLSX row by row: its head, and which rows don't fit under it.

Pure: no database, no Django. The messages for problems are in neighbourhoods.imports.services.imports. Each
iteration reads the file again, so that it is never in memory as a whole.
"""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

MAX_TABLE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024  # of all files in a spreadsheet together
MAX_ZIP_MEMBER_BYTES = 40 * 1024 * 1024  # of parts that are not read row by row
MAX_ROWS = 500_000  # more than all postcodes of the country
_MAX_COLUMNS = 500
MAX_CELL = 1000
MAX_FORMULAS = 10_000
SAMPLE_ROWS = 60  # rows in which the head is searched
# Consecutive blank rows that end a sheet: formatted empty rows may continue to the last one.
BLANK_ROWS = 500

# CBS puts the unit of each column under the head.
_UNITS = """aantal % km km² km2 ha m3 m³ kwh euro naam code omschrijving getal index score jaar datum punten
    per_km² per_km2 x_1_000_euro 1_000_euro x_1_000 aantal_inwoners"""
UNIT_NAMES = frozenset(_UNITS.split())
CBS_CODE_PATTERN = re.compile(
    r"(NL\d{2}|LD\d{2}|PV\d{2}|CR\d{2}|GM\d{4}|WK\d{4}[0-9A-Z]{2}|BU\d{4}[0-9A-Z]{4})"
)


class TableProblem(StrEnum):
    """A problem of the file (the first ones) or of one row."""

    TOO_BIG = "too big"
    NOT_A_TABLE = "not a table"
    OLD_EXCEL = "old excel"
    A_MAP = "a map"
    NOT_TEXT = "not text"
    NUL = "nul"
    BROKEN = "broken"
    BOMB = "bomb"
    NO_HEAD = "no head"
    NO_ROWS = "no rows"
    TOO_MANY_ROWS = "too many rows"
    TOO_MANY_COLUMNS = "too many columns"
    QUOTES = "quotes"

    TOO_FEW_CELLS = "too few cells"
    TOO_MANY_CELLS = "too many cells"
    LONG_CELL = "long cell"


class TableFileError(Exception):
    """The file can't be used."""

    def __init__(self, problem: TableProblem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem, self.detail = problem, detail


class UncomputedFormula(str):
    """A formula without a computed value; the text is the name of its cell."""


CellValue = str | float


@dataclass(frozen=True)
class TableRow:
    """One row of the file; `number` is its row number in a spreadsheet."""

    number: int
    cells: list[CellValue]
    problem: TableProblem | None = None
    detail: str = ""


@dataclass(frozen=True)
class Table:
    """A file with a recognised head. `encoding` and `delimiter` are of CSV, `sheet` is the name of the XLSX sheet."""

    content: bytes = field(repr=False)
    head: list[str]
    units: list[str]
    head_row: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    uncounted: dict[tuple[int, int], str] = field(default_factory=dict, repr=False)

    def lines(self) -> Iterator[TableRow]:
        """Every row under the head, without blank rows and single-cell notes."""
        width = len(self.head)
        start = self.head_row + (1 if any(self.units) else 0)
        ragged = not self.sheet  # rows of a sheet have no fixed length, so a short one just has empty cells
        for number, row in enumerate(self._raw(), start=1):
            if number > MAX_ROWS + start:
                raise TableFileError(TableProblem.TOO_MANY_ROWS, str(MAX_ROWS))
            if number <= start:
                continue
            if _is_no_row(row, width):
                continue
            yield self._line(number, row, width, ragged)

    def _line(self, number: int, row: list[CellValue], width: int, ragged: bool) -> TableRow:
        if len(row) > width:
            if any(cell != "" for cell in row[width:]):
                return TableRow(number, row[:width], TableProblem.TOO_MANY_CELLS, f"{len(row)}/{width}")
            row = row[:width]
        elif len(row) < width:
            if ragged:
                return TableRow(number, row, TableProblem.TOO_FEW_CELLS, f"{len(row)}/{width}")
            row = row + [""] * (width - len(row))
        for cell in row:
            if isinstance(cell, str) and len(cell) > MAX_CELL:
                return TableRow(number, row, TableProblem.LONG_CELL, cell[:40])
        return TableRow(number, row)

    def _raw(self) -> Iterator[list[CellValue]]:
        if self.sheet:
            return _sheet_rows(self.content, self.sheet, self.uncounted)
        return _csv_rows(self.content, self.encoding, self.delimiter)


def open_table(content: bytes) -> Table:
    """Detect the kind of file and find its head. Raises TableFileError."""
    if len(content) > MAX_TABLE_BYTES:
        raise TableFileError(TableProblem.TOO_BIG)
    if content.startswith(b"PK"):
        return _open_sheet(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableFileError(TableProblem.OLD_EXCEL)
    if content.startswith(b"SQLite format 3") or content.lstrip()[:1] in (b"{", b"["):
        raise TableFileError(TableProblem.A_MAP)
    if content.startswith(b"%PDF") or content.lstrip()[:1] == b"<":
        raise TableFileError(TableProblem.NOT_A_TABLE)
    return _open_csv(content)


def _is_no_row(row: list[CellValue], width: int) -> bool:
    """Whether a row is blank, or a note such as "Bron: CBS": only a first cell, and not a code."""
    filled = sum(1 for cell in row if cell != "")
    if filled != 1 or not row[0] or width < 3:
        return not filled
    return not CBS_CODE_PATTERN.fullmatch(str(row[0]).upper()) and (len(row) < width or len(str(row[0])) > 12)


# --- CSV --------------------------------------------------------------------------------------

# Non-ASCII characters in Dutch names and headings, used to tell Windows from old Macintosh encodings.
_DUTCH = frozenset("éèëêïîíóòöôüûúáàäâçñÉÈËÖÜ°²³µ€£‘’“”„–—…©®±½·×")


def _encoding(content: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return name
    if b"\0" in content:
        raise TableFileError(TableProblem.NUL, str(content.count(b"\n", 0, content.index(b"\0")) + 1))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _old_encoding(content)
    return "utf-8"


def _old_encoding(content: bytes) -> str:
    """Windows-1252, unless its characters are not Dutch and those of Mac Roman are."""
    counts = Counter(byte for byte in content if byte > 127)
    total = sum(counts.values())
    best, name = 0.0, ""
    for encoding in ("cp1252", "mac_roman"):
        try:
            signs = {byte: bytes([byte]).decode(encoding) for byte in counts}
        except UnicodeDecodeError:
            continue
        share = sum(counts[byte] for byte, sign in signs.items() if sign in _DUTCH) / total
        if share > best:
            best, name = share, encoding
    if best < 0.8:
        raise TableFileError(TableProblem.NOT_TEXT)
    return name


def _csv_rows(content: bytes, encoding: str, delimiter: str) -> Iterator[list[CellValue]]:
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            for row in reader:
                yield [cell.strip() for cell in row]
        except csv.Error as error:
            raise TableFileError(TableProblem.QUOTES, str(reader.line_num)) from error
        except UnicodeError as error:
            raise TableFileError(TableProblem.NOT_TEXT) from error


def _open_csv(content: bytes) -> Table:
    encoding = _encoding(content)
    best: tuple[int, int] = (0, 0)
    found, problem = None, TableProblem.NOT_A_TABLE
    for delimiter in (";", "\t", ",", "|"):
        try:
            sample = list(islice(_csv_rows(content, encoding, delimiter), SAMPLE_ROWS))
        except TableFileError as refused:
            problem = refused.problem
            continue
        width, rows = _usual_width(sample)
        if width > 1 and (rows, width) > best:
            best, found = (rows, width), (delimiter, sample)
    if found is None:
        raise TableFileError(problem)
    delimiter, sample = found
    head, units, head_row = _head(sample)
    return Table(content, head, units, head_row, encoding=encoding, delimiter=delimiter)


# --- XLSX -------------------------------------------------------------------------------------


# Exceptions that openpyxl raises for broken files; KeyError and the like come from missing parts.
_UNREADABLE = (
    InvalidFileException, zipfile.BadZipFile, ValueError, LookupError, TypeError, AttributeError, OSError, EOFError,
    SyntaxError, NotImplementedError,
)  # fmt: skip


@contextmanager
def spreadsheet(content: bytes, *, formulas: bool = False) -> Iterator[Any]:
    """openpyxl uses defusedxml, so entities are refused; its warnings are irrelevant here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=not formulas, keep_links=False
            )
            try:
                yield book
            finally:
                book.close()
    except _UNREADABLE as error:
        entities = isinstance(error.__context__, DefusedXmlException)  # openpyxl wraps this exception
        raise TableFileError(TableProblem.BOMB if entities else TableProblem.BROKEN) from error


def check_members(content: bytes) -> bool:
    """Refuse a zip bomb. Returns True if the sheets hold formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > 2000 or sum(one.file_size for one in members) > MAX_UNPACKED:
                raise TableFileError(TableProblem.BOMB)
            sheets = [one for one in members if one.filename.startswith("xl/worksheets/")]
            if any(one.file_size > MAX_ZIP_MEMBER_BYTES for one in members if one not in sheets):
                raise TableFileError(TableProblem.BOMB)
            if "xl/workbook.xml" not in archive.namelist():
                raise TableFileError(TableProblem.NOT_A_TABLE)
            return any(_has_formulas(archive, one) for one in sheets)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise TableFileError(TableProblem.BROKEN) from error


def _has_formulas(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(member) as part:
        while chunk := part.read(1 << 20):
            if re.search(rb"<f[ >/]", tail + chunk):
                return True
            tail = chunk[-4:]
    return False


def _open_sheet(content: bytes) -> Table:
    has_formulas = check_members(content)
    best = None
    with spreadsheet(content) as book:
        for name in book.sheetnames[:20]:
            if not hasattr(book[name], "iter_rows"):  # a chart
                continue
            sample = list(islice(_plain_rows(book[name]), SAMPLE_ROWS))
            width, rows = _usual_width(sample)
            if width < 2 or rows < 2:
                continue
            # The first sheet is often an explanation; take the one with most area codes.
            codes = sum(1 for row in sample for cell in row if CBS_CODE_PATTERN.fullmatch(str(cell).upper()))
            if best is None or codes > best[0]:
                best = (codes, name, sample)
    if best is None:
        raise TableFileError(TableProblem.NOT_A_TABLE)
    _codes, name, sample = best
    head, units, head_row = _head(sample)
    uncounted = _find_uncomputed_formulas(content, name) if has_formulas else {}
    return Table(content, head, units, head_row, sheet=name, uncounted=uncounted)


def _find_uncomputed_formulas(content: bytes, name: str) -> dict[tuple[int, int], str]:
    """Formulas without a computed value: (row, column), both from 1 -> name of the cell."""
    found: dict[tuple[int, int], str] = {}
    with spreadsheet(content) as values, spreadsheet(content, formulas=True) as formulas:
        both = zip(values[name].iter_rows(), formulas[name].iter_rows(), strict=False)
        for row, (counted, written) in enumerate(both, start=1):
            for column, (value, formula) in enumerate(zip(counted, written, strict=False), start=1):
                if formula.data_type == "f" and value.value is None:
                    found[row, column] = formula.coordinate
            if row > MAX_ROWS or len(found) > MAX_FORMULAS:
                break
    return found


def _sheet_rows(
    content: bytes, name: str, uncounted: dict[tuple[int, int], str]
) -> Iterator[list[CellValue]]:
    rows_with = {row for row, _column in uncounted}
    with spreadsheet(content) as book:
        blank = 0
        for number, row in enumerate(_plain_rows(book[name]), start=1):
            if number in rows_with:
                row += [""] * (max(column for at, column in uncounted if at == number) - len(row))
                for column in range(1, len(row) + 1):
                    if (number, column) in uncounted:
                        row[column - 1] = UncomputedFormula(uncounted[number, column])
            blank = 0 if row else blank + 1
            if blank > BLANK_ROWS:
                return
            yield row


def _plain_rows(sheet: Any) -> Iterator[list[CellValue]]:
    for row in sheet.iter_rows(max_col=_MAX_COLUMNS + 1):
        cells = [_plain(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        yield cells


def _plain(cell: Any) -> CellValue:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        # 12,5 % is stored as 0.125 with a format.
        return float(value) * 100 if "%" in (cell.number_format or "") else float(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).strip()


# --- the head ---------------------------------------------------------------------------------


def _usual_width(sample: Iterable[list[CellValue]]) -> tuple[int, int]:
    """The most common number of cells in a row, and how many rows have it."""
    widths = Counter(len(row) for row in sample if len(row) > 1)
    return max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))


def _head(sample: list[list[CellValue]]) -> tuple[list[str], list[str], int]:
    """The column names, their units if those stand below, and the row number of the head."""
    width, _rows = _usual_width(sample)
    for number, row in enumerate(sample, start=1):
        words = [cell for cell in row if isinstance(cell, str) and cell and not _is_numeral(cell)]
        if len(words) < max(2, 0.6 * min(width, len(row))) or len(row) < 0.6 * width:
            continue
        if any(CBS_CODE_PATTERN.fullmatch(word.upper()) for word in words):
            break
        if len(row) > _MAX_COLUMNS:
            raise TableFileError(TableProblem.TOO_MANY_COLUMNS, str(_MAX_COLUMNS))
        if number == len(sample):
            raise TableFileError(TableProblem.NO_ROWS)
        head = [str(cell).strip() for cell in row]
        while head and not head[-1] and len(head) > width:
            head.pop()
        units = [str(unit) for unit in sample[number][: len(head)]]
        return head, units if _are_units(units) else [""] * len(head), number
    raise TableFileError(TableProblem.NO_HEAD)


def _is_numeral(text: str) -> bool:
    return not any(sign.isalpha() for sign in text)


def _are_units(cells: list[str]) -> bool:
    filled = [cell.casefold().replace(" ", "_") for cell in cells if cell]
    return len(filled) > 1 and all(cell in UNIT_NAMES for cell in filled)
