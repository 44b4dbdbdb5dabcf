"""Classes of a map: at most four, of equal width, with round limits. Pure.

Computed in whole units of what is shown (0.1 with one decimal), so a class ends one unit before the next begins and
no shown value belongs to two classes. Empty classes are left out; missing values are in no class.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

MAX_MAP_CLASSES = 4
PERCENT = 100


@dataclass(frozen=True)
class Class:
    """Values from `low` to `high`, inclusive. `shade` is 0 (white) to 3 (darkest)."""

    shade: int
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Classes:
    """Classes from light to dark; `without` is the number of missing values."""

    all: tuple[Class, ...]
    without: int = 0
    decimals: int = 0

    def of(self, value: float | None) -> Class | None:
        """The class of one of the values that the classes were made from."""
        if value is None:
            return None
        read = round(value, self.decimals)
        return next((one for one in self.all if one.low <= read <= one.high), None)


def classes(
    values: Iterable[float | None], *, most: int = MAX_MAP_CLASSES, decimals: int = 0, unit: str = ""
) -> Classes:
    """As many non-empty round classes as possible, at most `most`. Among widths that give as many, the one with the
    fewest empty classes between them, and of those the narrowest.

    Values that are equal after rounding to `decimals` are equal. 100% is included in the class below it.
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
        if len(places) <= most and empty <= most:  # more empty classes: single values, far apart
            tried.append((-len(places), empty, step, places))
        if len(places) <= most and not empty:
            break  # wider classes give no more
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
    """Spread the shades of few classes as far apart as possible."""
    return 1 if of == 1 else round(place * (MAX_MAP_CLASSES - 1) / (of - 1))
