"""A file with figures while it is read, compared and written: numbers in arrays, one set per column.

A file of the whole country has 1.5 million figures; arrays take little more memory than the file.
"""

from array import array
from dataclasses import dataclass, field
from enum import IntEnum

from neighbourhoods.imports.column_detection import ScannedColumn
from neighbourhoods.imports.numerals import Decimal
from neighbourhoods.imports.services.matching import NamedArea, OurAreas
from neighbourhoods.models import Indicator
from neighbourhoods.states import Gap

NEW = "new"  # choice for a column that becomes a new indicator
GAPS = ["", *Gap.values]
KEEP = 99  # in place of a gap: the file says nothing here, so the stored figure stays
NOT_ZERO = -1.0  # value of a gap that replaces a figure; an empty cell (0) replaces nothing
BATCH = 1000


class FigureChange(IntEnum):
    """What writing does to one figure."""

    UNCHANGED = 0
    NEW = 1
    CHANGED = 2
    SILENT = 3  # nothing to write: the cell was wrong


WRITTEN_CHANGES = frozenset({FigureChange.NEW, FigureChange.CHANGED})


@dataclass
class Meaning:
    """A column to import: its indicator, how its cells are read, and their values.

    Three arrays with one element per row of `PlannedFigures.rows`: the value, the gap (an index of GAPS, or KEEP),
    and the change.
    """

    column: ScannedColumn
    indicator: Indicator
    decimal: Decimal
    zero_unknown: bool
    source: dict[str, str]
    values: array = field(default_factory=lambda: array("d"), repr=False)
    gaps: bytearray = field(default_factory=bytearray, repr=False)
    marks: bytearray = field(default_factory=bytearray, repr=False)

    def say(self, value: float) -> None:
        self.values.append(value)
        self.gaps.append(0)

    def say_nothing(self, gap: int, value: float = 0) -> None:
        self.values.append(value)
        self.gaps.append(gap)


@dataclass
class FreshArea:
    """An area in the file that does not exist yet."""

    named: NamedArea
    kind: str


@dataclass
class PlannedFigures:
    """What would be written. `rows` holds (area id, or a negative number for a new area; year) per row."""

    meanings: list[Meaning]
    ours: OurAreas
    rows: list[tuple[int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the first rows, as in the file
    fresh: list[FreshArea] = field(default_factory=list)
    picked: dict[int, NamedArea] = field(default_factory=dict)  # matched by hand: their codes are stored
    recut: dict[tuple[int, int], NamedArea] = field(
        default_factory=dict
    )  # by area and year: a redrawn border
    own: str = ""
    remember: str = ""  # name under which the column mapping is stored
    left_out: list[str] = field(default_factory=list)  # keys of columns that are not imported
