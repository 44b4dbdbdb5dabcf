"""Sheets, headings and terms of an XLSForm workbook."""

import io
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import xlrd

from neighbourhoods.imports.tables import TableFileError, TableProblem, check_members, spreadsheet
from surveys.exchange.xlsform.report import RemarkCode, UnusableForm, UnusableFormReason

# Sheets of a spreadsheet as rows of text, with limits on the unpacked size. Formulas and macros never run.


MAX_FORM_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000  # per sheet; a form of one survey has some hundreds
_MAX_COLUMNS = 200
MAX_CELLS = 400_000  # of all sheets together
MAX_SHEETS = 30
MAX_CELL = 5_000

_ZIP_MAGIC, _XLS_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
        raise UnusableForm(UnusableFormReason.TOO_BIG)
    if content.startswith(_XLS_MAGIC):
        if _ENCRYPTED in content:
            raise UnusableForm(UnusableFormReason.LOCKED)
        return _read_xls(content)
    if content.startswith(_ZIP_MAGIC):
        return _read_xlsx(content)
    raise UnusableForm(UnusableFormReason.NOT_A_WORKBOOK)


def _read_xlsx(content: bytes) -> Book:
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
                raise UnusableForm(UnusableFormReason.BOMB) from refused
            case TableProblem.NOT_A_TABLE:
                raise UnusableForm(UnusableFormReason.NOT_A_WORKBOOK) from refused
        raise UnusableForm(UnusableFormReason.BROKEN) from refused


def _read_xls(content: bytes) -> Book:
    """Excel before 2007. xlrd reads values only, and no macros."""
    try:
        with xlrd.open_workbook(file_contents=content, on_demand=True, logfile=io.StringIO()) as book:
            return Book(_all((name, _old_rows(book, name)) for name in book.sheet_names()[:MAX_SHEETS]))
    except xlrd.XLRDError as error:
        why = (
            UnusableFormReason.LOCKED
            if "encrypted" in str(error).lower()
            else UnusableFormReason.NOT_A_WORKBOOK
        )
        raise UnusableForm(why) from error
    except (
        xlrd.compdoc.CompDocError, AssertionError, AttributeError, LookupError, TypeError, ValueError, struct.error,
        NotImplementedError, OverflowError, MemoryError, RecursionError, OSError,
    ) as error:  # fmt: skip
        # Errors that xlrd raises on damaged files.
        raise UnusableForm(UnusableFormReason.BROKEN) from error


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
            said = [_cell_text(value) for value in row]
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
                raise UnusableForm(UnusableFormReason.TOO_MANY_ROWS, name)
            rows.append(SheetRow(number, tuple(said)))
        found[name] = tuple(rows)
    return found


def _cell_text(value: Any) -> str:
    """The value as text: 1.0 becomes 1, and all line ends are the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = _CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    return text.strip()[:MAX_CELL]


# The headings of a form: which column holds what, and in which language.


# Heading -> meaning, for all spellings in use.
_ALIASES = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "skip logic": "relevant",
    "calculate": "calculation",
    "read_only": "readonly",
    "constraintmsg": "constraint_message",
    "constraint_msg": "constraint_message",
    "jr constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr requiredmsg": "required_message",
    "repeat_count": "repeat_count",
    "jr count": "repeat_count",
    "list name": "list_name",
    "listname": "list_name",
    "list": "list_name",
    "media image": "image",
    "media audio": "audio",
    "media video": "video",
    "media big-image": "image",
    "big-image": "image",
    "form title": "form_title",
    "title": "form_title",
    "set form title": "form_title",
    "form id": "form_id",
    "id_string": "form_id",
    "set form id": "form_id",
    "default language": "default_language",
}
_LANGUAGE_NAMES = """nl: nederlands dutch hollands|en: english engels|de: deutsch german duits
    |fr: français francais french frans|es: español espanol spanish spaans|ar: العربية arabic arabisch
    |tr: türkçe turkce turkish turks|pl: polski polish pools|uk: українська ukrainian oekraïens
    |fa: فارسی persian farsi dari|ti: ትግርኛ tigrinya|so: soomaali somali|zh: 中文 chinese chinees|ru: русский russian
    |pt: português portugues portuguese|it: italiano italian|ro: română romanian|bg: български bulgarian
    |fy: frysk frisian fries|pap: papiamento papiamentu|ku: kurdî kurdish"""
_LANGUAGES = {
    word: code.strip()
    for line in _LANGUAGE_NAMES.split("|")
    for code, words in [line.split(":")]
    for word in words.split()
}
_CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\s*\)\s*$")


@dataclass(frozen=True)
class FormColumn:
    """`what` it holds ("label", "relevant", or its own heading); `language` as its heading says, "" for none."""

    index: int
    heading: str
    what: str
    language: str = ""


@dataclass(frozen=True)
class FormSheet:
    name: str
    columns: tuple[FormColumn, ...] = ()
    rows: tuple[SheetRow, ...] = ()
    by_field: dict[str, tuple[FormColumn, ...]] = field(default_factory=dict)

    def cell(self, row: SheetRow, what: str) -> str:
        return next((said for _column, said in self.cells(row, what)), "")

    def cells(self, row: SheetRow, what: str) -> Iterator[tuple[FormColumn, str]]:
        for column in self.by_field.get(what, ()):
            if column.index < len(row.cells) and row.cells[column.index]:
                yield column, row.cells[column.index]


def sheet_of(name: str, rows: Sequence[SheetRow], needs: frozenset[str]) -> FormSheet | None:
    """The rows below the heading row: the first row with all of `needs`. None if there is no such row."""
    for place, row in enumerate(rows[:20]):
        columns = tuple(_column(index, heading) for index, heading in enumerate(row.cells) if heading)
        if needs <= {column.what for column in columns}:
            by_what: dict[str, tuple[FormColumn, ...]] = {}
            for column in columns:
                by_what[column.what] = (*by_what.get(column.what, ()), column)
            return FormSheet(name, columns, tuple(rows[place + 1 :]), by_what)
    return None


def parse_language(name: str) -> str:
    """The code of a language named in a heading; the name itself if unknown."""
    if found := _CODE.search(name):
        return _short(found[1])
    word = re.sub(r"\s*\(.*\)\s*$", "", name).strip().casefold()
    if word in _LANGUAGES:
        return _LANGUAGES[word]
    return _short(word) if re.fullmatch(r"[a-z]{2,3}([-_][a-z0-9]+)?", word) else name.strip()


def _short(code: str) -> str:
    return re.split(r"[-_]", code.lower())[0]


def _column(index: int, heading: str) -> FormColumn:
    parts = [part.strip() for part in re.split(r"\s*::?\s*", heading.strip()) if part.strip()]
    lowered = [part.lower() for part in parts]
    if lowered and lowered[0] in ("bind", "control"):
        parts, lowered = parts[1:], lowered[1:]
    if lowered and lowered[0] in ("media", "jr") and len(lowered) > 1:
        parts, lowered = [" ".join(parts[:2]), *parts[2:]], [" ".join(lowered[:2]), *lowered[2:]]
    if not lowered:
        return FormColumn(index, heading, heading.strip().lower())
    what = re.sub(r"\s+", " ", lowered[0])
    what = _ALIASES.get(what, _ALIASES.get(what.replace("_", " "), what.replace(" ", "_")))
    return FormColumn(index, heading, what, parts[1] if len(parts) > 1 else "")


# The terms of XLSForm: its row types, which of them we can import, and the columns we report.


# Base of the type -> (our type, remark).
XLSFORM_TYPES: Mapping[str, tuple[str, RemarkCode | None]] = {
    "text": ("short_text", None),
    "string": ("short_text", None),
    "integer": ("number", None),
    "int": ("number", None),
    "decimal": ("number", RemarkCode.AS_TEXT),
    "range": ("number", None),
    "date": ("date", None),
    "time": ("short_text", RemarkCode.AS_TEXT),
    "datetime": ("short_text", RemarkCode.AS_TEXT),
    "geopoint": ("place", None),
    "gps": ("place", None),
    "location": ("place", None),
    "phone number": ("short_text", RemarkCode.PERSONAL),
    "email": ("short_text", RemarkCode.PERSONAL),
}
_SKIPPED_TYPES = {
    RemarkCode.META: [
        "start",
        "end",
        "today",
        "deviceid",
        "device_id",
        "subscriberid",
        "simserial",
        "phonenumber",
        "imei",
        "username",
        "audit",
        "start-geopoint",
        "background-audio",
        "background-geopoint",
    ],
    RemarkCode.CALCULATED: ["calculate", "calculation", "hidden"],
    RemarkCode.FILE: [
        "image",
        "photo",
        "picture",
        "audio",
        "video",
        "file",
        "geotrace",
        "geoshape",
        "line",
        "area",
        "draw",
        "signature",
        "annotate",
    ],
    RemarkCode.SCAN: ["barcode"],
    RemarkCode.ACKNOWLEDGE: ["acknowledge", "trigger"],
    RemarkCode.ELSEWHERE: ["xml-external", "csv-external", "osm", "entity"],
}
SKIP_REMARK_BY_TYPE = {name: code for code, names in _SKIPPED_TYPES.items() for name in names}
SELECT_PATTERN = re.compile(
    r"^(?:select[ _]?(?P<one>one|1)|select[ _]?(?P<many>multiple|all(?: that apply)?)|(?P<rank>rank))"
    r"(?P<file>[ _]from[ _]file)?(?P<external>[ _]external)?(?: from)?(?:\s+(?P<list>\S+?))?"
    r"(?P<other>\s+or[ _](?:other|specify other))?$",
    re.IGNORECASE,
)
GROUP = re.compile(r"^(?P<what>begin|end)[ _](?P<kind>group|repeat|lgroup|loop)(?:\s.*)?$", re.IGNORECASE)
REMARK_BY_COLUMN = {
    "required": RemarkCode.REQUIRED,
    "constraint": RemarkCode.CONSTRAINT,
    "default": RemarkCode.DEFAULT,
    "readonly": RemarkCode.READ_ONLY,
    "choice_filter": RemarkCode.FILTER,
    "image": RemarkCode.MEDIA,
    "audio": RemarkCode.MEDIA,
    "video": RemarkCode.MEDIA,
    "calculation": RemarkCode.CALCULATED,
}
# Read elsewhere, or belonging to a column that is reported already.
KNOWN_FORM_COLUMNS = frozenset({"type", "name", "label", "hint", "relevant", "appearance", *REMARK_BY_COLUMN,
                    "constraint_message", "required_message", "repeat_count"})  # fmt: skip
FALSE_VALUES = frozenset({"", "no", "false", "false()", "0", "nee", "non", "off"})
LAYOUT_APPEARANCES = frozenset({"minimal", "field-list", "multiline", "likert", "quick", "compact", "full", "columns",
                               "horizontal", "vertical", "radio", "autocomplete", "w1", "w2", "w3", "w4"})  # fmt: skip
YES_NO = ({"yes", "no"}, {"ja", "nee"}, {"y", "n"})
MAX_SELECTED_PATTERN = re.compile(r"^count-selected\(\s*\.\s*\)\s*(<=|<)\s*(\d{1,2})$")
OTHER_OPTION_TEXTS = {"nl": "Iets anders", "en": "Something else"}
