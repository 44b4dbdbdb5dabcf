"""Sheets of a spreadsheet as rows of text, with limits on the unpacked size. Formulas and macros never run."""

import io
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import xlrd

from neighbourhoods.imports.tables import TableFileError, TableProblem, check_members, spreadsheet
from surveys.exchange.xlsform.report import Unusable, Why

MAX_FORM_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000  # per sheet; a form of one survey has some hundreds
_MAX_COLUMNS = 200
MAX_CELLS = 400_000  # of all sheets together
MAX_SHEETS = 30
MAX_CELL = 5_000

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")


@dataclass(frozen=True)
class SheetRow:
    """`number` is the row number in the spreadsheet. Cells are stripped texts, "" if empty."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """`uncounted` are cells (sheet, row, column from 1) with a formula whose result was never stored."""

    sheets: dict[str, tuple[SheetRow, ...]] = field(default_factory=dict)
    has_macros: bool = False
    uncounted: tuple[tuple[str, int, int], ...] = ()


def open_book(content: bytes) -> Book:
    """Read every sheet without blank rows. Raises Unusable."""
    if len(content) > MAX_FORM_BYTES:
        raise Unusable(Why.TOO_BIG)
    if content.startswith(_OLD):
        if _ENCRYPTED in content:
            raise Unusable(Why.LOCKED)
        return _old(content)
    if content.startswith(_ZIP):
        return _new(content)
    raise Unusable(Why.NOT_A_WORKBOOK)


def _new(content: bytes) -> Book:
    try:
        has_formulas = check_members(content)
        with spreadsheet(content) as book:
            sheets = [book[name] for name in book.sheetnames[:MAX_SHEETS]]
            read = _all(
                (sheet.title, sheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True))
                for sheet in sheets
                if hasattr(sheet, "iter_rows")  # a chart is also a sheet
            )
        return Book(
            read,
            has_macros=b"xl/vbaProject.bin" in content,
            uncounted=tuple(_uncounted(content, read)) if has_formulas else (),
        )
    except TableFileError as refused:
        match refused.problem:
            case TableProblem.BOMB:
                raise Unusable(Why.BOMB) from refused
            case TableProblem.NOT_A_TABLE:
                raise Unusable(Why.NOT_A_WORKBOOK) from refused
        raise Unusable(Why.BROKEN) from refused


def _old(content: bytes) -> Book:
    """Excel before 2007. xlrd reads values only, and no macros."""
    try:
        with xlrd.open_workbook(file_contents=content, on_demand=True, logfile=io.StringIO()) as book:
            return Book(_all((name, _old_rows(book, name)) for name in book.sheet_names()[:MAX_SHEETS]))
    except xlrd.XLRDError as error:
        why = Why.LOCKED if "encrypted" in str(error).lower() else Why.NOT_A_WORKBOOK
        raise Unusable(why) from error
    except (
        xlrd.compdoc.CompDocError, AssertionError, AttributeError, LookupError, TypeError, ValueError, struct.error,
        NotImplementedError, OverflowError, MemoryError, RecursionError, OSError,
    ) as error:  # fmt: skip
        # Errors that xlrd raises on damaged files.
        raise Unusable(Why.BROKEN) from error


def _old_rows(book: Any, name: str) -> Iterator[tuple[Any, ...]]:
    sheet = book.sheet_by_name(name)
    try:
        for number in range(min(sheet.nrows, MAX_ROWS + 1)):
            yield tuple(_old_value(book, cell) for cell in islice(sheet.row(number), _MAX_COLUMNS))
    finally:
        book.unload_sheet(name)


def _old_value(book: Any, cell: Any) -> Any:
    match cell.ctype:
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_ERROR:
            return ""
        case xlrd.XL_CELL_DATE:
            try:
                return xlrd.xldate_as_datetime(cell.value, book.datemode).date()
            except (ValueError, xlrd.xldate.XLDateError):
                return cell.value
    return cell.value


def _uncounted(content: bytes, read: dict[str, tuple[SheetRow, ...]]) -> Iterator[tuple[str, int, int]]:
    with spreadsheet(content, formulas=True) as book:
        for name, rows in read.items():
            known = {row.number: row.cells for row in rows}
            for number, row in enumerate(
                book[name].iter_rows(max_col=_MAX_COLUMNS, max_row=rows[-1].number if rows else 1), start=1
            ):
                cells = known.get(number, ())
                for column, cell in enumerate(row, start=1):
                    if cell.data_type == "f" and (column > len(cells) or not cells[column - 1]):
                        yield name, number, column


def _all(sheets: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> dict[str, tuple[SheetRow, ...]]:
    found: dict[str, tuple[SheetRow, ...]] = {}
    cells = 0
    for name, values in sheets:
        rows: list[SheetRow] = []
        blank = 0
        for number, row in enumerate(values, start=1):
            said = [_said(value) for value in row]
            while said and not said[-1]:
                said.pop()
            if not said:
                blank += 1
                if blank > MAX_ROWS:  # rows that only have a colour go on to the last row
                    break
                continue
            blank = 0
            cells += len(said)
            if len(rows) >= MAX_ROWS or number > MAX_ROWS * 10 or cells > MAX_CELLS:
                raise Unusable(Why.TOO_MANY_ROWS, name)
            rows.append(SheetRow(number, tuple(said)))
        found[name] = tuple(rows)
    return found


def _said(value: Any) -> str:
    """The value as text: 1.0 becomes 1, and all line ends are the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = _CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    return text.strip()[:MAX_CELL]
