"""Scans a file with figures: what each column holds, and which columns identify the area of a row.

Pure: no database, no Django.
"""

from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from neighbourhoods.imports import columns, numerals, postcodes
from neighbourhoods.imports.columns import ColumnRole
from neighbourhoods.imports.numerals import Decimal, Evidence
from neighbourhoods.imports.tables import CellValue, Table, TableRow

_MIN_SHARE_OF_CELLS = 0.8  # of the cells must match before a column gets a role
SEVERAL = 60  # maximum number of distinct words remembered per column
LONGEST_CODE = 12


@dataclass
class ScannedColumn:
    """One column, with statistics over all its cells."""

    index: int
    head: str
    unit: str
    evidence: Evidence = field(default_factory=Evidence)
    codes: int = 0
    years: int = 0
    postcodes: int = 0
    different: set[str] = field(default_factory=set, repr=False)

    @property
    def key(self) -> str:
        return columns.key(self.head)

    def take(self, cell: CellValue) -> None:
        self.evidence.take(cell)
        if cell == "" or (self.evidence.filled > SEVERAL and not self._says_where):
            return
        if columns.cbs_code(cell, self.head):
            self.codes += 1
            self.different.add(str(cell))
        elif isinstance(cell, str):
            if len(self.different) < SEVERAL:
                self.different.add(cell)
            self.postcodes += bool(postcodes.normalise_postcode(cell))
        self.years += columns.year(cell) is not None

    @property
    def _says_where(self) -> bool:
        return bool(self.codes or self.years or self.postcodes)

    def mostly(self, count: int) -> bool:
        return count > 0 and count >= _MIN_SHARE_OF_CELLS * self.evidence.filled


@dataclass
class Glance:
    """The result of the scan. `parts` maps code, name, year and so on to their column."""

    table: Table
    columns: list[ScannedColumn]
    parts: dict[ColumnRole, int]
    rows: int
    known: Container[str]
    decimal: Decimal | None = None

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
            and not _is_part(one)
        ]

    @property
    def twice(self) -> list[ScannedColumn]:
        """Columns whose name occurred before."""
        seen: set[str] = set()
        return [one for one in self.figures if one.key in seen or seen.add(one.key)]  # type: ignore[func-returns-value]

    def sign(self, one: ScannedColumn, *, counts: bool) -> tuple[Decimal, bool]:
        """The decimal sign of a column, and whether it is certain."""
        return numerals.decide_decimal_sign(
            one.evidence, counts=counts, of_file=self.decimal, delimiter=self.table.delimiter
        )

    def cell(self, line: TableRow, part: ColumnRole) -> CellValue:
        """The cell of a row for this role; "" if no column has it."""
        index = self.parts.get(part)
        return "" if index is None or index >= len(line.cells) else line.cells[index]


def _is_part(one: ScannedColumn) -> bool:
    """For example codes of a larger area beside those of the row itself."""
    return one.mostly(one.codes) or one.mostly(one.postcodes)


def scan_table(
    table: Table, known: Container[str] = (), tell: Callable[[int], None] = lambda row: None
) -> Glance:
    """Read every row once. `known` are the names of figures; `tell` is called with the number of rows read."""
    seen = [
        ScannedColumn(index, head, columns.unit(head) or table.units[index])
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
    found = Glance(table, seen, _parts(seen, rows), rows, known)
    found.decimal = numerals.convention(one.evidence for one in found.figures)
    return found


def _parts(seen: list[ScannedColumn], rows: int) -> dict[ColumnRole, int]:
    parts: dict[ColumnRole, int] = {}
    for part in (
        ColumnRole.MUNICIPALITY,
        ColumnRole.KIND,
        ColumnRole.MARGIN,
        ColumnRole.CHANGE,
        ColumnRole.WATER,
    ):
        named = [one for one in seen if columns.may_be(part, one.head) and one.index not in parts.values()]
        if named and not named[0].mostly(named[0].codes):
            parts[part] = named[0].index
    years = [one for one in seen if columns.may_be(ColumnRole.YEAR, one.head) and one.years > 0]
    if years:
        parts[ColumnRole.YEAR] = years[0].index
    coded = [one for one in seen if one.mostly(one.codes)]
    if coded:  # of several the smallest areas: buurt, not its wijk and gemeente
        parts[ColumnRole.CODE] = max(coded, key=lambda one: (len(one.different), -one.index)).index
    posted = [one for one in seen if one.mostly(one.postcodes)]
    if posted:
        parts[ColumnRole.POSTCODE] = posted[0].index
    worded = [
        one
        for one in seen
        if one.index not in parts.values()
        and not one.mostly(one.codes)
        and one.evidence.words > 0.5 * one.evidence.filled
    ]
    if ColumnRole.CODE not in parts:
        own = [one for one in worded if columns.may_be(ColumnRole.CODE, one.head) and _is_own_code(one)]
        if own:
            parts[ColumnRole.CODE] = own[0].index
    named = [
        one for one in worded if columns.may_be(ColumnRole.NAME, one.head) and one.index not in parts.values()
    ]
    if named:
        parts[ColumnRole.NAME] = named[0].index
    return parts


def _is_own_code(one: ScannedColumn) -> bool:
    """Short words, nearly all with a digit: `A04`, not the name of a neighbourhood."""
    lengths = Counter(len(word) <= LONGEST_CODE for word in one.different)
    with_digit = sum(any(sign.isdigit() for sign in word) for word in one.different)
    return not lengths[False] and with_digit >= _MIN_SHARE_OF_CELLS * len(one.different)
