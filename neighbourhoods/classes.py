"""Classes of a map: at most four, equally wide, with round limits. Pure.

Everything is counted in whole units of what is read (0.1 with one decimal), so a class ends one unit before the next
begins: no value reads as two classes. A class without an area is left out; what has no value is in no class.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise

MOST = 4
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
    values: Iterable[float | None], *, most: int = MOST, decimals: int = 0, unit: str = ""
) -> Classes:
    """The narrowest round classes, at most `most`, with none empty between two others; without such, the narrowest.

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
        used = sorted(places)
        if used[-1] - used[0] < most:
            tried.append((step, places, used))
            if all(after - before == 1 for before, after in pairwise(used)):
                break
    # A step that puts all in one class tells nothing: then the narrowest, without its empty classes.
    step, places, used = tried[0] if len(tried[-1][2]) == 1 else tried[-1]
    made = tuple(
        Class(_shade(nth, len(used)), place * step / units, _high(place, step, top) / units, places[place])
        for nth, place in enumerate(used)
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
    return 1 if of == 1 else round(place * (MOST - 1) / (of - 1))
