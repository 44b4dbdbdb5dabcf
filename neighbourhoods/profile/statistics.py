"""Classes, sums, similar areas and trends of figures: values alone, no queries."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, pairwise
from math import sqrt
from statistics import fmean, pstdev
from typing import Any, Generic, TypeVar

from shapely.geometry import shape

# Classes of a map: at most four, of equal width, with round limits. Pure.
#
# Computed in whole units of what is shown (0.1 with one decimal), so a class ends one unit before the next begins and
# no shown value belongs to two classes. Empty classes are left out; missing values are in no class.


MAX_MAP_CLASSES = 4
PERCENT = 100


@dataclass(frozen=True)
class MapClass:
    """Values from `low` to `high`, inclusive. `shade` is 0 (white) to 3 (darkest)."""

    shade: int
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class MapClasses:
    """Classes from light to dark; `without` is the number of missing values."""

    all: tuple[MapClass, ...]
    without: int = 0
    decimals: int = 0

    def of(self, value: float | None) -> MapClass | None:
        """The class of one of the values that the classes were made from."""
        if value is None:
            return None
        read = round(value, self.decimals)
        return next((one for one in self.all if one.low <= read <= one.high), None)


def make_map_classes(
    values: Iterable[float | None], *, most: int = MAX_MAP_CLASSES, decimals: int = 0, unit: str = ""
) -> MapClasses:
    """As many non-empty round classes as possible, at most `most`. Among widths that give as many, the one with the
    fewest empty classes between them, and of those the narrowest.

    Values that are equal after rounding to `decimals` are equal. 100% is included in the class below it.
    """
    everything = list(values)
    units = 10**decimals
    found = Counter(round(value * units) for value in everything if value is not None)
    without = len(everything) - found.total()
    if not found:
        return MapClasses((), without, decimals)
    top = PERCENT * units if unit == "%" and max(found) <= PERCENT * units else None
    tried = []
    for step in _round_steps():
        places = Counter[int]()
        for n, areas in found.items():
            places[_class_index(n, step, top)] += areas
        empty = max(places) - min(places) + 1 - len(places)
        if len(places) <= most and empty <= most:  # more empty classes: single values, far apart
            tried.append((-len(places), empty, step, places))
        if len(places) <= most and not empty:
            break  # wider classes give no more
    *_order, step, places = min(tried, key=lambda one: one[:3])
    made = tuple(
        MapClass(
            _shade(nth, len(places)), place * step / units, _high(place, step, top) / units, places[place]
        )
        for nth, place in enumerate(sorted(places))
    )
    return MapClasses(made, without, decimals)


def _round_steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 25, 50, 100, 200, 250 and so on."""
    yield from (1, 2, 5)
    for power in count(1):
        yield from (10**power, 2 * 10**power, 25 * 10 ** (power - 1), 5 * 10**power)


def _class_index(n: int, step: int, top: int | None) -> int:
    return (n - 1 if n == top else n) // step


def _high(place: int, step: int, top: int | None) -> int:
    high = (place + 1) * step - 1
    return high if top is None or high < top - 1 else top


def _shade(place: int, of: int) -> int:
    """Spread the shades of few classes as far apart as possible."""
    return 1 if of == 1 else round(place * (MAX_MAP_CLASSES - 1) / (of - 1))


# Computes the figure of a larger area from those inside it. Pure.
#
# Counts are added. Shares and averages are weighted by population. Missing parts are counted, so that an incomplete
# total can say so.


@dataclass(frozen=True)
class WeightedValue:
    """The figure and population of one area inside; None where unknown."""

    value: float | None
    people: float | None = None


@dataclass(frozen=True)
class PartialTotal:
    """A total of `of` parts, of which `missing` had no figure (or no population, where that matters)."""

    value: float | None
    of: int
    missing: int

    @property
    def is_complete(self) -> bool:
        return not self.missing


def add_parts(parts: Iterable[WeightedValue]) -> PartialTotal:
    found = list(parts)
    known = [part.value for part in found if part.value is not None]
    return PartialTotal(sum(known) if known else None, len(found), len(found) - len(known))


def weighted_mean(parts: Iterable[WeightedValue]) -> PartialTotal:
    found = list(parts)
    known = [(part.value, part.people) for part in found if part.value is not None and part.people]
    people = sum(weight for _value, weight in known)
    value = sum(value * weight for value, weight in known) / people if people else None
    return PartialTotal(value, len(found), len(found) - len(known))


# Finds similar areas: nearest in all measures, each on its own scale.
#
# Pure: values in, values out. Each measure is converted to standard deviations from the mean of all areas (a
# z-score), so that a percentage and an amount have equal weight. The distance of two areas is the root of the mean
# square of their differences over the measures they share.


AreaKey = TypeVar("AreaKey", bound=Hashable)

_MAX_SIMILAR_AREAS = 5
MIN_SHARED_MEASURES = 3
"""With fewer shared measures, similarity is coincidence."""


@dataclass(frozen=True)
class Similar(Generic[AreaKey]):
    """An area, its distance (0 means equal in everything measured), and the number of shared measures."""

    key: AreaKey
    distance: float
    shared: int


def nearest_areas(
    own: AreaKey, measured: Mapping[AreaKey, Mapping[str, float]], *, most: int = _MAX_SIMILAR_AREAS
) -> list[Similar[AreaKey]]:
    """The areas most like `own`, nearest first; empty if too little is measured.

    `measured` is area -> measure -> value; unknown values are absent. An area takes part if it shares at least
    three measures with `own`, and at least half of those of `own`.
    """
    scores = _scores(measured)
    mine = scores.get(own, {})
    least = max(MIN_SHARED_MEASURES, (len(mine) + 1) // 2)
    found = []
    for key, theirs in scores.items():
        shared = mine.keys() & theirs.keys()
        if key != own and len(shared) >= least:
            distance = sqrt(fmean((mine[measure] - theirs[measure]) ** 2 for measure in sorted(shared)))
            found.append(Similar(key, distance, len(shared)))
    found.sort(key=lambda one: (one.distance, -one.shared, str(one.key)))
    return found[:most]


def _scores(measured: Mapping[AreaKey, Mapping[str, float]]) -> dict[AreaKey, dict[str, float]]:
    """z-scores per area. A measure that is the same everywhere distinguishes nothing and is left out."""
    values: dict[str, list[float]] = {}
    for measures in measured.values():
        for measure, value in measures.items():
            values.setdefault(measure, []).append(value)
    scale = {
        measure: (fmean(found), spread)
        for measure, found in values.items()
        if len(found) > 2 and (spread := pstdev(found)) > 1e-12
    }
    return {
        key: {
            measure: (value - scale[measure][0]) / scale[measure][1]
            for measure, value in measures.items()
            if measure in scale
        }
        for key, measures in measured.items()
    }


# Decides which years of a figure are comparable. Pure.


MAX_REDRAWN_SHARE = 0.02
MIN_TREND_POINTS = 3
"""Two points are a difference, not a trend."""


@dataclass(frozen=True)
class TrendPoint:
    year: int
    value: float
    source: object = None


def comparable_run(points: Iterable[TrendPoint], breaks: Collection[int] = ()) -> list[TrendPoint]:
    """The last run of years from one source without a break; empty if it is too short.

    `breaks` are the years in which the border changed: before and after are different places.
    """
    found = sorted(points, key=lambda point: point.year)
    start = 0
    for place, (before, after) in enumerate(pairwise(found), start=1):
        if before.source != after.source or any(before.year < year <= after.year for year in breaks):
            start = place
    return found[start:] if len(found) - start >= MIN_TREND_POINTS else []


def is_another_place(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether two borders (GeoJSON) differ by more than a redrawn line: two per cent of the surface."""
    if before == after:
        return False
    old, new = shape(before), shape(after)
    return old.symmetric_difference(new).area > MAX_REDRAWN_SHARE * max(old.area, new.area)
