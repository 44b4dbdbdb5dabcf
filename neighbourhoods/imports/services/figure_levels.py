"""Finds the level (neighbourhood or district) of areas that a file identifies by name only.

Names recur across levels (in Amsterdam a district and a neighbourhood are both called Kadoelen), so a name
identifies an area only within one level. A code determines its level by itself.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from neighbourhoods.imports import columns
from neighbourhoods.imports.column_detection import Glance
from neighbourhoods.imports.columns import ColumnRole
from neighbourhoods.imports.services.matching import OurAreas, named_area
from neighbourhoods.states import AreaKind

LEVELS = (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT)
_MIN_SHARE_OF_ROWS = 0.8
"""A level that matches this share of the rows by name is taken as the level of the file without asking."""
_HEADS = {
    AreaKind.NEIGHBOURHOOD: re.compile(r"buurt|neighbou?rhood"),
    AreaKind.DISTRICT: re.compile(r"wijk|district"),
}


@dataclass
class Levels:
    """`rows` have only a name; `known` counts how many of them match an area of each level."""

    rows: int = 0
    known: Counter[str] = field(default_factory=Counter)
    told: str = ""

    @property
    def level(self) -> str:
        """The level that the file states or its names imply; "" if the user must choose."""
        fitting = [level for level in LEVELS if self.known[level] >= _MIN_SHARE_OF_ROWS * self.rows]
        return self.told or (fitting[0] if len(fitting) == 1 else "")

    @property
    def is_asked(self) -> bool:
        return bool(self.known) and not self.level


def levels_of(seen: Glance, ours: OurAreas) -> Levels:
    """Reads the names of all rows, not the figures."""
    found = Levels(told=_told(seen))
    head = seen.table.head[seen.parts[ColumnRole.CODE]] if ColumnRole.CODE in seen.parts else ""
    for row in seen.table.lines():
        if row.problem:
            continue
        code = (
            columns.cbs_code(seen.cell(row, ColumnRole.CODE), head)
            or str(seen.cell(row, ColumnRole.CODE)).strip()
        )
        name = str(seen.cell(row, ColumnRole.NAME)).strip()
        named = named_area(code, name, str(seen.cell(row, ColumnRole.KIND)), 0)
        if named.kind or not (name or code) or ours.knows_otherwise(named):
            continue
        found.rows += 1
        found.known.update(ours.levels_named(named))
    return found


def _told(seen: Glance) -> str:
    """The level in the heading of the column with names: “buurtnaam”, “Wijk”."""
    if ColumnRole.NAME not in seen.parts:
        return ""
    head = seen.table.head[seen.parts[ColumnRole.NAME]].casefold()
    said = [level for level, words in _HEADS.items() if words.search(head)]
    return said[0] if len(said) == 1 else ""
