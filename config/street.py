"""Drawing of a street at dusk: a lit window is a neighbour who was heard.

Pure: numbers in, SVG path data out. Windows light up in one fixed order that looks random, so that the same count
always gives the same street and one more light never moves the others.
"""

from dataclasses import dataclass
from functools import lru_cache

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


def _panes(left: float, wide: float, top: float, foot: float, columns: int, rows: int, width: int):
    rows = max(1, min(rows, int((foot - 4 - top) / (PANE_HEIGHT + 2.5))))  # a low street has fewer floors
    column, row = wide / columns, (foot - 4 - top) / rows
    for r in range(rows):
        for c in range(columns):
            x = left + column * (c + 0.5) - PANE_WIDTH / 2
            y = top + row * (r + 0.5) - PANE_HEIGHT / 2
            if 1 <= x <= width - PANE_WIDTH - 1:
                yield round(x, 1), round(y, 1)


def _rectangles(panes) -> str:
    return "".join(f"M{x:g} {y:g}h{PANE_WIDTH:g}v{PANE_HEIGHT:g}h-{PANE_WIDTH:g}z" for x, y in panes)


@lru_cache(maxsize=8)
def _order(count: int) -> tuple[int, ...]:
    """A fixed shuffle by multiplicative hash, the same on every machine."""
    return tuple(sorted(range(count), key=lambda i: ((i + 7) * 2_654_435_761) % 4_294_967_296))
