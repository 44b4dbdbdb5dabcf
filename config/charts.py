"""Geometry of small charts: bars, sparklines, the waiting strip, the reconciliation bar. Pure functions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Waiting strip: columns nine units apart, on both sides of the promised date.
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
class BarSegment:
    """One part of a whole; start, width and middle in per cent of the bar."""

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


@dataclass(frozen=True)
class Polyline:
    """A sparkline: the points of an SVG polyline, and the last point."""

    points: str
    last: tuple[float, float]
    width: int
    height: int


def line(points: Sequence[tuple[float, float]], width: int = 72, height: int = 22) -> Polyline:
    """A sparkline of (when, value) points in order, scaled to fill the box; a constant series is centred."""
    whens, values = [when for when, _value in points], [value for _when, value in points]
    since, low = min(whens), min(values)
    long, tall = max(whens) - since or 1, max(values) - low
    inner_width, inner_height = width - 6, height - 6
    placed = [
        (
            round(3 + inner_width * (when - since) / long, 1),
            round(3 + inner_height * (1 - (value - low) / tall if tall else 0.5), 1),
        )
        for when, value in points
    ]
    return Polyline(" ".join(f"{x},{y}" for x, y in placed), placed[-1], width, height)


def share(value: float, of: float) -> float:
    """Per cent of the whole, limited to 0–100; 0 when there is nothing to divide by."""
    return 0.0 if of <= 0 else round(max(0.0, min(100.0, 100 * value / of)), 2)


def waiting_strip(waits: Sequence[tuple[float, int]], promised: int) -> Strip:
    """Place everybody who waits: `waits` holds (days so far, people), `promised` is the number of days promised.

    Above 26 people a circle stands for `each` people; late ones never share a circle with others.
    """
    each = max(1, math.ceil(sum(people for _days, people in waits) / MOST_CIRCLES))
    early = sorted((days, people) for days, people in waits if days <= promised)
    late = sorted((days, people) for days, people in waits if days > promised)
    longest = max([*(days for days, _people in late), promised * 1.5, promised + 7])
    columns: dict[int, int] = {}
    circles = [
        _place(columns, range(BEFORE_COLUMNS), share(days, promised), False) for days in _every(each, early)
    ] + [
        _place(
            columns,
            range(BEFORE_COLUMNS, BEFORE_COLUMNS + AFTER_COLUMNS),
            share(days - promised, longest - promised),
            True,
        )
        for days in _every(each, late)
    ]
    rows = max([3, *columns.values()])
    height = rows * STEP + 7
    return Strip(
        tuple(Circle(x, height - 10 - row * STEP, is_late) for x, row, is_late in circles), each, height
    )


def _every(each: int, waits: Sequence[tuple[float, int]]) -> Iterator[float]:
    """The waiting time of every `each`-th person, in order."""
    ahead = 0
    for days, people in waits:
        shown = range(ahead, people, each)
        yield from [days] * len(shown)
        ahead += len(shown) * each - people


def _place(columns: dict[int, int], side: range, position: float, late: bool) -> tuple[float, int, bool]:
    """The wanted column, or the nearest one on the same side that has room."""
    wished = side.start + min(len(side) - 1, int(position * len(side) / 100))
    column = min(side, key=lambda c: (columns.get(c, 0) >= ROWS, columns.get(c, 0) >= 3, abs(c - wished)))
    row = columns.get(column, 0)
    columns[column] = row + 1
    gap = 8 if late else 0
    return 5 + column * STEP + gap, row, late


def parts_of_whole(parts: Sequence[dict], least: float = 6.0) -> tuple[BarSegment, ...]:
    """Turn counts into widths. Each part gets at least `least` per cent before scaling, so that one person stays
    visible.
    """
    present = [part for part in parts if part["count"]]
    total = sum(part["count"] for part in present)
    if not total:
        return ()
    raw = [max(least, 100 * part["count"] / total) for part in present]
    scale, start, placed = 100 / sum(raw), 0.0, []
    for part, width in zip(present, raw, strict=True):
        placed.append(BarSegment(start=round(start, 2), width=round(width * scale, 2), **part))
        start += width * scale
    return tuple(placed)
