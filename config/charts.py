"""Small drawings made of numbers: bars, the waiting strip, the bar that always adds up. Pure geometry."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Waiting strip: a row of columns, nine units apart, on both sides of the promised date.
STRIP_WIDTH, LINE_AT, STEP = 184, 122, 9
BEFORE_COLUMNS, AFTER_COLUMNS, ROWS = 13, 6, 5
MOST_CIRCLES = 26


@dataclass(frozen=True)
class Circle:
    x: float
    y: float
    late: bool


@dataclass(frozen=True)
class Strip:
    circles: tuple[Circle, ...]
    each: int
    height: int
    line: int = LINE_AT
    width: int = STRIP_WIDTH


@dataclass(frozen=True)
class Part:
    """One part of a whole that must add up; start, width and middle in per cent of the bar."""

    kind: str
    label: str
    count: int
    start: float
    width: float
    url: str = ""
    action: str = ""

    @property
    def middle(self) -> float:
        return self.start + self.width / 2


def share(value: float, of: float) -> float:
    """Per cent of the whole, between 0 and 100; 0 when there is nothing to divide by."""
    return 0.0 if of <= 0 else round(max(0.0, min(100.0, 100 * value / of)), 2)


def waiting_strip(days: Sequence[int], promised: int) -> Strip:
    """Place everybody who waits: `days` they wait so far, `promised` the day on which an answer was due.

    Above 26 people a circle stands for more of them (`each`); late ones never share with others.
    """
    each = max(1, math.ceil(len(days) / MOST_CIRCLES))
    early = sorted(day for day in days if day <= promised)
    late = sorted(day for day in days if day > promised)
    longest = max([*late, promised * 1.5, promised + 7])
    columns: dict[int, int] = {}
    circles = [
        _place(columns, range(BEFORE_COLUMNS), share(day, promised), False) for day in early[:: each or 1]
    ] + [
        _place(
            columns,
            range(BEFORE_COLUMNS, BEFORE_COLUMNS + AFTER_COLUMNS),
            share(day - promised, longest - promised),
            True,
        )
        for day in late[:: each or 1]
    ]
    rows = max([3, *columns.values()])
    height = rows * STEP + 7
    return Strip(
        tuple(Circle(x, height - 10 - row * STEP, is_late) for x, row, is_late in circles), each, height
    )


def _place(columns: dict[int, int], side: range, position: float, late: bool) -> tuple[float, int, bool]:
    """The wished column, or the nearest one on the same side that still has room."""
    wished = side.start + min(len(side) - 1, int(position * len(side) / 100))
    column = min(side, key=lambda c: (columns.get(c, 0) >= ROWS, columns.get(c, 0) >= 3, abs(c - wished)))
    row = columns.get(column, 0)
    columns[column] = row + 1
    gap = 8 if late else 0
    return 5 + column * STEP + gap, row, late


def parts_of_whole(parts: Sequence[dict], least: float = 6.0) -> tuple[Part, ...]:
    """Turn counts into widths: each part keeps at least `least` per cent, so that one person is seen."""
    present = [part for part in parts if part["count"]]
    total = sum(part["count"] for part in present)
    if not total:
        return ()
    raw = [max(least, 100 * part["count"] / total) for part in present]
    scale, start, placed = 100 / sum(raw), 0.0, []
    for part, width in zip(present, raw, strict=True):
        placed.append(Part(start=round(start, 2), width=round(width * scale, 2), **part))
        start += width * scale
    return tuple(placed)
