"""Geometry of what pages draw: small charts, the street at dusk, line icons. Pure: numbers in, SVG coordinates out.

In the street a lit window is a neighbour who was heard. Windows light up in one fixed order that looks random, so that
the same count always gives the same street and one more light never moves the others.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# --- charts ---------------------------------------------------------------------------------------


# Waiting strip: columns nine units apart, on both sides of the promised date.
STRIP_WIDTH, LINE_X, STEP = 184, 122, 9
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
    line: int = LINE_X
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


# --- the street -----------------------------------------------------------------------------------


GROUND = 8
PANE_WIDTH, PANE_HEIGHT = 4.5, 6.0  # the stroke adds half a unit on each side and rounds the corners
SCALES = (10, 20, 50, 100, 200, 500, 1000)

# kind, left edge, width, height as a share of the wall, columns and rows of windows
HOUSES = (
    ("flat", -14, 74, 0.84, 5, 4),
    ("gable", 64, 40, 0.72, 2, 2),
    ("step", 138, 36, 0.78, 2, 3),
    ("barn", 188, 70, 0.53, 4, 2),
    ("gable", 262, 38, 0.77, 2, 2),
    ("flat", 304, 44, 1.0, 3, 5),
    ("barn", 382, 64, 0.5, 4, 2),
    ("step", 450, 38, 0.74, 2, 3),
    ("gable", 492, 40, 0.8, 2, 2),
    ("flat", 542, 84, 0.72, 5, 4),
)
TREES = (121, 365)


@dataclass(frozen=True)
class Street:
    width: int
    height: int
    houses: str
    trees: tuple[tuple[float, float], ...]
    dark: str
    lit: str
    own: tuple[float, float] | None
    panes: int


@dataclass(frozen=True)
class Lights:
    """How many windows are lit, and how many neighbours each of them stands for."""

    lit: int
    each: int


def lights_for(people: int, capacity: int) -> Lights:
    """The finest scale at which everybody fits; one light is at least ten people, so that no small group shows."""
    for each in SCALES:
        if people // each <= capacity:
            return Lights(max(people, 0) // each, each)
    return Lights(capacity, SCALES[-1])


def foot_distance(pane: tuple[float, float], height: int) -> float:
    """Relative height of a window. Higher windows are preferred: light of the lower ones falls on the ground."""
    return pane[1] / height


def capacity_of(width: int = 360, height: int = 104) -> int:
    return len(_draw(width, height)[2])


@lru_cache(maxsize=256)
def street(lit: int, *, own: bool = False, width: int = 360, height: int = 104) -> Street:
    """Draw the street with exactly `lit` windows lit (at most all).

    With `own`, one of them is the reader's: always the same window, near the middle, so that it is seen.
    """
    houses, trees, panes = _draw(width, height)
    lit = max(0, min(max(lit, 1) if own else lit, len(panes)))
    mine = min(
        range(len(panes)), key=lambda i: abs(panes[i][0] - width * 0.56) + foot_distance(panes[i], height)
    )
    others = [i for i in _order(len(panes)) if not own or i != mine]
    burning = set(others[: lit - 1 if own else lit])
    own_pane = panes[mine] if own else None
    return Street(
        width=width,
        height=height,
        houses=houses,
        trees=trees,
        dark=_rectangles(p for i, p in enumerate(panes) if i not in burning and p != own_pane),
        lit=_rectangles(p for i, p in enumerate(panes) if i in burning),
        own=own_pane,
        panes=len(panes),
    )


@lru_cache(maxsize=8)
def _draw(
    width: int, height: int
) -> tuple[str, tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    foot = height - GROUND
    tallest = foot - 12
    shapes: list[str] = []
    panes: list[tuple[float, float]] = []
    for kind, left, wide, share, columns, rows in HOUSES:
        if left >= width:
            continue
        top = foot - tallest * share
        outline, first = _outline(kind, left, wide, top, foot)
        shapes.append(outline)
        panes += _panes(left, wide, first, foot, columns, rows, width)
    shapes.append(f"M0 {foot}H{width}V{height}H0z")
    trees = tuple((x, foot) for x in TREES if x < width - 8)
    return "".join(shapes), trees, tuple(panes)


def _outline(kind: str, left: float, wide: float, top: float, foot: float) -> tuple[str, float]:
    """The path of one house, and the y below which its windows may begin."""
    right, middle, sixth = left + wide, left + wide / 2, wide / 6
    if kind == "gable":
        eaves = top + wide / 2
        return f"M{left} {foot}V{eaves:.1f}L{middle} {top:.1f}L{right} {eaves:.1f}V{foot}z", eaves
    if kind == "step":
        return (
            f"M{left} {foot}V{top + 14:.1f}h{sixth:.1f}v-7h{sixth:.1f}v-7h{sixth * 2:.1f}v7h{sixth:.1f}v7"
            f"h{sixth:.1f}V{foot}z"
        ), top + 14
    if kind == "barn":
        eaves = top + 14
        roof = f"M{left} {foot}V{eaves:.1f}L{left + 8} {top:.1f}H{right - 8}L{right} {eaves:.1f}V{foot}z"
        return f"{roof}M{left + 14} {top + 2:.1f}v-8h6v8z", eaves
    return f"M{left} {foot}V{top:.1f}H{right}V{foot}z", top + 4


def _panes(
    left: float, wide: float, top: float, foot: float, columns: int, rows: int, width: int
) -> Iterator[tuple[float, float]]:
    rows = max(1, min(rows, int((foot - 4 - top) / (PANE_HEIGHT + 2.5))))  # a low street has fewer floors
    column, row = wide / columns, (foot - 4 - top) / rows
    for r in range(rows):
        for c in range(columns):
            x = left + column * (c + 0.5) - PANE_WIDTH / 2
            y = top + row * (r + 0.5) - PANE_HEIGHT / 2
            if 1 <= x <= width - PANE_WIDTH - 1:
                yield round(x, 1), round(y, 1)


def _rectangles(panes: Iterable[tuple[float, float]]) -> str:
    return "".join(f"M{x:g} {y:g}h{PANE_WIDTH:g}v{PANE_HEIGHT:g}h-{PANE_WIDTH:g}z" for x, y in panes)


@lru_cache(maxsize=8)
def _order(count: int) -> tuple[int, ...]:
    """A fixed shuffle by multiplicative hash, the same on every machine."""
    return tuple(sorted(range(count), key=lambda i: ((i + 7) * 2_654_435_761) % 4_294_967_296))


def street_svg(drawn: Street, *, role: str) -> str:
    """The SVG of a street; `role` holds its attributes for screen readers, escaped."""
    trees = "".join(
        f'<path class="trunk" d="M{x} {foot}v-14"/><circle class="houses" cx="{x}" cy="{foot - 21}" r="11"/>'
        for x, foot in drawn.trees
    )
    yours = ""
    if drawn.own:
        x, y = drawn.own
        yours = (
            f'<circle class="glow" cx="{round(x + 2.25, 2)}" cy="{round(y + 3, 2)}" r="15"/>'
            f'<rect class="own" x="{round(x - 2.25, 2)}" y="{round(y - 2.3, 2)}" width="9" height="10.6" rx="1.5"/>'
        )
    return (
        f'<svg class="nabij-street" viewBox="0 0 {drawn.width} {drawn.height}" {role}>{trees}'
        f'<path class="houses" d="{drawn.houses}"/><path class="dark" d="{drawn.dark}"/>'
        f'<path class="lit" d="{drawn.lit}"/>{yours}</svg>'
    )


# --- icons ----------------------------------------------------------------------------------------


# Icons with a direction are mirrored in right-to-left languages.
FLIPPED_ICONS = frozenset({"left", "right", "arrow-left", "arrow-right", "undo", "chat", "list", "exit"})

ICON_PATHS: dict[str, str] = tomllib.loads(Path(__file__).with_name("icons.toml").read_text("utf-8"))
