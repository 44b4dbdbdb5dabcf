"""Classes of a map: at most four, equally wide, with round limits. Pure.

Everything is counted in whole units of what is read (0.1 with one decimal), so a class ends one unit before the next
begins: no value reads as two classes. A class without an area is left out; what has no value is in no class.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

MAX_MAP_CLASSES = 4
PERCENT = 100


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
    decimals: int = 0

    def of(self, value: float | None) -> Class | None:
        """The class of one of the values that the classes were made of."""
        if value is None:
            return None
        read = round(value, self.decimals)
        return next((one for one in self.all if one.low <= read <= one.high), None)


def classes(
    values: Iterable[float | None], *, most: int = MAX_MAP_CLASSES, decimals: int = 0, unit: str = ""
) -> Classes:
    """As many round classes as tell something, at most `most`; of widths that make as many, one with the fewest empty
    ones between, and of those the narrowest.

    What reads the same with so many `decimals` is the same. 100% closes the class below it.
    """
    everything = list(values)
    units = 10**decimals
    found = Counter(round(value * units) for value in everything if value is not None)
    without = len(everything) - found.total()
    if not found:
        return Classes((), without, decimals)
    top = PERCENT * units if unit == "%" and max(found) <= PERCENT * units else None
    tried = []
    for step in _round_steps():
        places = Counter[int]()
        for n, areas in found.items():
            places[_place(n, step, top)] += areas
        empty = max(places) - min(places) + 1 - len(places)
        if len(places) <= most and empty <= most:  # more empty ones: single values, far apart
            tried.append((-len(places), empty, step, places))
        if len(places) <= most and not empty:
            break  # wider ones make no more
    *_order, step, places = min(tried, key=lambda one: one[:3])
    made = tuple(
        Class(_shade(nth, len(places)), place * step / units, _high(place, step, top) / units, places[place])
        for nth, place in enumerate(sorted(places))
    )
    return Classes(made, without, decimals)


def _round_steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 25, 50, 100, 200, 250 and so on."""
    yield from (1, 2, 5)
    for power in count(1):
        yield from (10**power, 2 * 10**power, 25 * 10 ** (power - 1), 5 * 10**power)


def _place(n: int, step: int, top: int | None) -> int:
    return (n - 1 if n == top else n) // step


def _high(place: int, step: int, top: int | None) -> int:
    high = (place + 1) * step - 1
    return high if top is None or high < top - 1 else top


def _shade(place: int, of: int) -> int:
    """Few classes are drawn as far apart as they can be."""
    return 1 if of == 1 else round(place * (MAX_MAP_CLASSES - 1) / (of - 1))
