"""The meaning of columns: which indicator, or which part of identifying the area of a row.

Pure: no database, no Django. The dictionary itself is seeds/indicators.toml.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from neighbourhoods.imports import numerals, postcodes
from neighbourhoods.imports.numerals import DecimalSign, NumeralStatistics
from neighbourhoods.imports.tables import CBS_CODE_PATTERN, CellValue, Table, TableRow

SEEDS_PATH = Path(__file__).parent / "seeds"


class ColumnRole(StrEnum):
    """What a column holds when it is not a figure."""

    CODE = "code"
    NAME = "name"
    KIND = "kind"
    MUNICIPALITY = "municipality"
    YEAR = "year"
    MARGIN = "margin"
    CHANGE = "change"
    WATER = "water"
    POSTCODE = "postcode"


@dataclass(frozen=True)
class DictionaryIndicator:
    """An indicator of the dictionary."""

    slug: str
    name: Mapping[str, str]
    explanation: Mapping[str, str]
    nature: str
    columns: Sequence[str]
    unit: str = ""
    decimals: int = 0
    source: str = ""
    sentence: Mapping[str, str] = field(default_factory=dict)
    is_key: bool = False
    never_zero: bool = False
    order: int = 0


@cache
def indicator_dictionary() -> dict[str, DictionaryIndicator]:
    """The indicators that columns are matched with, by slug, in the order of the profile."""
    found = tomllib.loads((SEEDS_PATH / "indicators.toml").read_text("utf-8"))
    return {
        slug: DictionaryIndicator(slug=slug, order=10 * number, **fields)
        for number, (slug, fields) in enumerate(found.items(), start=1)
    }


@cache
def sources() -> dict[str, dict[str, str]]:
    return tomllib.loads((SEEDS_PATH / "sources.toml").read_text("utf-8"))


# --- names ------------------------------------------------------------------------------------

_UNIT = re.compile(r"[\s_]*[(\[]([^()\[\]]*)[)\]]\s*$")
_NUMBER = re.compile(r"(?<=[^\W\d])_\d{1,3}$|(?<=\d[^\W\d])_\d{1,3}$|(?<=\d)_\d{1,3}$")
_YEAR = re.compile(r"[_ ]?((?:19|20)\d\d)$")


@lru_cache(maxsize=4096)
def column_key(head: str) -> str:
    """Normalise a column name: `k_0Tot15Jaar_8`, `0 tot 15 jaar (aantal)` and `0tot15jaar` give one key."""
    name = _UNIT.sub("", head.strip())
    name = _NUMBER.sub("", name)
    name = re.sub(r"^k_(?=\d)", "", name)
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def unit_in_heading(head: str) -> str:
    """The text between brackets after a name: “Aantal inwoners (aantal)”."""
    found = _UNIT.search(head.strip())
    return found[1].strip() if found else ""


_ROLE_COLUMN_NAMES = {
    ColumnRole.CODE: """codering code regiocode buurtcode bucode buurt wijkcode wkcode wijk gemeentecode gmcode
        gwbcode statcode cbscode gebiedscode gebiedcode areacode bccode wijkenenbuurten regios gemeente""",
    ColumnRole.NAME: """regio regionaam naam name buurtnaam bunaam wijknaam wknaam gebiedsnaam gebied statnaam areaname
        bcname wijkenenbuurten buurt wijk neighbourhood neighborhood area""",
    ColumnRole.MUNICIPALITY: "gemeentenaam gmnaam gemeente municipality",
    ColumnRole.KIND: "soortregio recs regiosoort kind niveau",
    ColumnRole.YEAR: "perioden periode jaar year jaartal peiljaar",
    ColumnRole.MARGIN: "marges marge",
    ColumnRole.CHANGE: "indelingswijzigingwijkenenbuurten indelingswijziging indwbz indwijziging",
    ColumnRole.WATER: "water",
    ColumnRole.POSTCODE: "postcode pc6 postcode6 postalcode zipcode",
}
_HEADS = {part: frozenset(names.split()) for part, names in _ROLE_COLUMN_NAMES.items()}


def can_have_role(part: ColumnRole, head: str) -> bool:
    """Whether a column with this name can have that role. “Wijken en buurten” holds codes in one file, names in
    another.
    """
    name = column_key(head)
    return name in _HEADS[part] or _YEAR.sub("", name) in _HEADS[part]


# --- codes ------------------------------------------------------------------------------------

_DIGITS = {"GM": 4, "WK": 6, "BU": 8}


def cbs_code(cell: Any, head: str = "") -> str:
    """The CBS code in a cell, or "". A column of neighbourhoods may leave out `BU` and leading zeros."""
    text = f"{cell:.0f}" if isinstance(cell, float) and cell == int(cell) else str(cell)
    text = text.strip().upper()
    if CBS_CODE_PATTERN.fullmatch(text):
        return text
    letters = _cbs_code_prefix(column_key(head))
    if letters and text.isdecimal() and _DIGITS[letters] - 3 <= len(text) <= _DIGITS[letters]:
        return letters + text.zfill(_DIGITS[letters])
    return ""


def _cbs_code_prefix(name: str) -> str:
    for letters, words in (("BU", ("bu", "buurt")), ("WK", ("wk", "wijk")), ("GM", ("gm", "gemeente"))):
        if name in {*words, *(f"{word}code" for word in words)} or re.fullmatch(rf"{words[1]}\d{{4}}", name):
            return letters
    return ""


def is_water(code: str) -> bool:
    """Whether CBS uses this code for water, where nobody lives."""
    return code.startswith("BU") and code.endswith(("9997", "9998"))


def parse_year(cell: Any) -> int | None:
    """2020 for `2020JJ00` and `2020`; None for a quarter or a month."""
    text = f"{cell:.0f}" if isinstance(cell, float) else str(cell).strip()
    found = re.fullmatch(r"((?:19|20)\d\d)(JJ00)?\*?", text)
    return int(found[1]) if found else None


def is_margin_value(margin: Any) -> bool:
    """Whether the row is the figure itself, not a bound of its margin."""
    return str(margin).strip().upper() in ("", "MW00000", "WAARDE", "VALUE")


# --- detection ------------------------------------------------------------------------------------
# Scans a file with figures: what each column holds, and which columns identify the area of a row.
#
# Pure: no database, no Django.


_MIN_SHARE_OF_CELLS = 0.8  # of the cells must match before a column gets a role
MAX_DISTINCT_WORDS = 60  # maximum number of distinct words remembered per column
LONGEST_CODE = 12


@dataclass
class ScannedColumn:
    """One column, with statistics over all its cells."""

    index: int
    head: str
    unit: str
    evidence: NumeralStatistics = field(default_factory=NumeralStatistics)
    codes: int = 0
    years: int = 0
    postcodes: int = 0
    different: set[str] = field(default_factory=set, repr=False)

    @property
    def key(self) -> str:
        return column_key(self.head)

    def take(self, cell: CellValue) -> None:
        self.evidence.take(cell)
        if cell == "" or (self.evidence.filled > MAX_DISTINCT_WORDS and not self._says_where):
            return
        if cbs_code(cell, self.head):
            self.codes += 1
            self.different.add(str(cell))
        elif isinstance(cell, str):
            if len(self.different) < MAX_DISTINCT_WORDS:
                self.different.add(cell)
            self.postcodes += bool(postcodes.normalise_postcode(cell))
        self.years += parse_year(cell) is not None

    @property
    def _says_where(self) -> bool:
        return bool(self.codes or self.years or self.postcodes)

    def is_majority(self, count: int) -> bool:
        return count > 0 and count >= _MIN_SHARE_OF_CELLS * self.evidence.filled


@dataclass
class TableScan:
    """The result of the scan. `parts` maps code, name, year and so on to their column."""

    table: Table
    columns: list[ScannedColumn]
    parts: dict[ColumnRole, int]
    rows: int
    known: Container[str]
    decimal: DecimalSign | None = None

    @property
    def figures(self) -> list[ScannedColumn]:
        """Columns with numbers and a name, or with a known name. A column without a name is a row number."""
        said = set(self.parts.values())
        return [
            one
            for one in self.columns
            if (one.key in self.known or one.evidence.is_numeric)
            and one.key
            and one.index not in said
            and not _has_role(one)
        ]

    @property
    def duplicate_columns(self) -> list[ScannedColumn]:
        """Columns whose name occurred before."""
        seen: set[str] = set()
        return [one for one in self.figures if one.key in seen or seen.add(one.key)]  # type: ignore[func-returns-value]

    def sign(self, one: ScannedColumn, *, counts: bool) -> tuple[DecimalSign, bool]:
        """The decimal sign of a column, and whether it is certain."""
        return numerals.decide_decimal_sign(
            one.evidence, counts=counts, of_file=self.decimal, delimiter=self.table.delimiter
        )

    def cell(self, line: TableRow, part: ColumnRole) -> CellValue:
        """The cell of a row for this role; "" if no column has it."""
        index = self.parts.get(part)
        return "" if index is None or index >= len(line.cells) else line.cells[index]


def _has_role(one: ScannedColumn) -> bool:
    """For example codes of a larger area beside those of the row itself."""
    return one.is_majority(one.codes) or one.is_majority(one.postcodes)


def scan_table(
    table: Table, known: Container[str] = (), tell: Callable[[int], None] = lambda row: None
) -> TableScan:
    """Read every row once. `known` are the names of figures; `tell` is called with the number of rows read."""
    seen = [
        ScannedColumn(index, head, unit_in_heading(head) or table.units[index])
        for index, head in enumerate(table.head)
    ]
    rows = 0
    for line in table.lines():
        rows += 1
        if rows % 500 == 0:
            tell(rows)
        if line.problem is None:
            for one, cell in zip(seen, line.cells, strict=False):
                one.take(cell)
    found = TableScan(table, seen, _assign_roles(seen, rows), rows, known)
    found.decimal = numerals.common_decimal_sign(one.evidence for one in found.figures)
    return found


def _assign_roles(seen: list[ScannedColumn], rows: int) -> dict[ColumnRole, int]:
    parts: dict[ColumnRole, int] = {}
    for part in (
        ColumnRole.MUNICIPALITY,
        ColumnRole.KIND,
        ColumnRole.MARGIN,
        ColumnRole.CHANGE,
        ColumnRole.WATER,
    ):
        named = [one for one in seen if can_have_role(part, one.head) and one.index not in parts.values()]
        if named and not named[0].is_majority(named[0].codes):
            parts[part] = named[0].index
    years = [one for one in seen if can_have_role(ColumnRole.YEAR, one.head) and one.years > 0]
    if years:
        parts[ColumnRole.YEAR] = years[0].index
    coded = [one for one in seen if one.is_majority(one.codes)]
    if coded:  # of several the smallest areas: buurt, not its wijk and gemeente
        parts[ColumnRole.CODE] = max(coded, key=lambda one: (len(one.different), -one.index)).index
    posted = [one for one in seen if one.is_majority(one.postcodes)]
    if posted:
        parts[ColumnRole.POSTCODE] = posted[0].index
    worded = [
        one
        for one in seen
        if one.index not in parts.values()
        and not one.is_majority(one.codes)
        and one.evidence.words > 0.5 * one.evidence.filled
    ]
    if ColumnRole.CODE not in parts:
        own = [one for one in worded if can_have_role(ColumnRole.CODE, one.head) and _is_own_code(one)]
        if own:
            parts[ColumnRole.CODE] = own[0].index
    named = [
        one for one in worded if can_have_role(ColumnRole.NAME, one.head) and one.index not in parts.values()
    ]
    if named:
        parts[ColumnRole.NAME] = named[0].index
    return parts


def _is_own_code(one: ScannedColumn) -> bool:
    """Short words, nearly all with a digit: `A04`, not the name of a neighbourhood."""
    lengths = Counter(len(word) <= LONGEST_CODE for word in one.different)
    with_digit = sum(any(sign.isdigit() for sign in word) for word in one.different)
    return not lengths[False] and with_digit >= _MIN_SHARE_OF_CELLS * len(one.different)
