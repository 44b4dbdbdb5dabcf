"""Classes of a map: at most four, each with about as many areas. Pure.

Areas with the same value never fall in different classes, so classes are seldom exactly as large as each
other, and there are fewer when there are few different values. What has no value is in no class.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 4


@dataclass(frozen=True)
class Class:
    """Values from `low` to `high`, both included. `shade` is 0 (white) to 3 (darkest)."""

    shade: int
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Classes:
    """In order, light to dark; `without` is how many have no value."""

    all: tuple[Class, ...]
    without: int = 0
    decimals: int | None = None

    def of(self, value: float | None) -> Class | None:
        """The class of one of the values that the classes were made of."""
        if value is None or not self.all:
            return None
        place = bisect_left([one.high for one in self.all], _as_read(value, self.decimals))
        return self.all[min(place, len(self.all) - 1)]


def classes(values: Iterable[float | None], *, most: int = MOST, decimals: int | None = None) -> Classes:
    """Quantiles of the values, moved to where two different values meet. What reads the same with so many
    `decimals` is the same: a legend never tells two shades of 23%."""
    everything = [None if value is None else _as_read(value, decimals) for value in values]
    found = sorted(value for value in everything if value is not None)
    borders = _borders(found, most)
    pieces = [found[start:end] for start, end in zip([0, *borders], [*borders, len(found)], strict=True)]
    pieces = [piece for piece in pieces if piece]
    made = tuple(
        Class(_shade(place, len(pieces)), piece[0], piece[-1], len(piece))
        for place, piece in enumerate(pieces)
    )
    return Classes(made, without=len(everything) - len(found), decimals=decimals)


def _as_read(value: float, decimals: int | None) -> float:
    return value if decimals is None else round(value, decimals)


def _borders(found: list[float], most: int) -> list[int]:
    """Where classes begin: of the places where the value changes, those nearest to the quantiles."""
    changes = [place for place in range(1, len(found)) if found[place] != found[place - 1]]
    if len(changes) < most:
        return changes
    chosen: list[int] = []
    for part in range(1, most):
        later = [place for place in changes if not chosen or place > chosen[-1]]
        # Enough must be left for the classes that follow.
        later = later[: len(later) - (most - 1 - part)]
        chosen.append(min(later, key=lambda place: abs(place - len(found) * part / most)))
    return chosen


def _shade(place: int, of: int) -> int:
    """Few classes are drawn as far apart as they can be."""
    return 1 if of == 1 else round(place * (MOST - 1) / (of - 1))
