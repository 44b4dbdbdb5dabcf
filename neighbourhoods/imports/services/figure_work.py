"""What a file with figures holds while it is read, compared and written: numbers in arrays, one per column.

A file of the whole country has a million and a half figures; like this memory holds little more than the file.
"""

from array import array
from dataclasses import dataclass, field
from enum import IntEnum

from neighbourhoods.imports.column_detection import ScannedColumn
from neighbourhoods.imports.numerals import Decimal
from neighbourhoods.imports.services.matching import NamedArea, OurAreas
from neighbourhoods.models import Indicator
from neighbourhoods.states import Gap

NEW = "new"  # the answer for a column that becomes an indicator of its own
GAPS = ["", *Gap.values]
KEEP = 99  # in place of a gap: the file says nothing here, so what is known stays
NOT_ZERO = (
    -1.0
)  # the value of a gap that takes the place of a figure; an empty cell, with 0, takes nothing away
BATCH = 1000


class FigureChange(IntEnum):
    """What writing does with one figure."""

    UNCHANGED = 0
    NEW = 1
    CHANGED = 2
    SILENT = 3  # there is nothing to write: the cell was wrong


WRITTEN_CHANGES = frozenset({FigureChange.NEW, FigureChange.CHANGED})


@dataclass
class Meaning:
    """A column that is brought in: which indicator, how its cells are read, and what they say.

    Three arrays with one place per row of `PlannedFigures.rows`: the value, the gap (an index of GAPS, or KEEP), and
    the change.
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
    """An area that the file names and we don't have."""

    named: NamedArea
    kind: str


@dataclass
class PlannedFigures:
    """What would be written. `rows` holds per row the area, or the number of a fresh one below zero, and the year."""

    meanings: list[Meaning]
    ours: OurAreas
    rows: list[tuple[int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the first rows, as the file names them
    fresh: list[FreshArea] = field(default_factory=list)
    picked: dict[int, NamedArea] = field(default_factory=dict)  # by hand: their codes are remembered
    recut: dict[tuple[int, int], NamedArea] = field(
        default_factory=dict
    )  # by area and year: a border drawn anew
    own: str = ""
    remember: str = ""  # under which name the meaning of the columns is kept
    left_out: list[str] = field(default_factory=list)  # keys of columns that are not brought in
