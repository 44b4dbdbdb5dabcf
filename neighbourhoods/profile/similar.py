"""Which areas are like another one: nearest by what is measured, each measure put on its own scale.

Pure: values in, values out. A measure is put in standard deviations from the mean of all areas (a z-score), so
that a percentage and an amount weigh the same. The distance of two areas is the root of the mean square of
their differences over the measures they share.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pstdev
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_MAX_SIMILAR_AREAS = 5
LEAST_SHARED = 3
"""On fewer measures than this two areas are alike by chance."""


@dataclass(frozen=True)
class Similar(Generic[K]):
    """An area, how far it lies (0 is the same in everything measured), and on how many measures."""

    key: K
    distance: float
    shared: int


def nearest(
    own: K, measured: Mapping[K, Mapping[str, float]], *, most: int = _MAX_SIMILAR_AREAS
) -> list[Similar[K]]:
    """The areas most like `own`, nearest first; empty when too little is measured to say so.

    `measured` is area -> measure -> value; what is not known is left out. An area takes part when it shares at
    least three measures with `own`, and at least half of those of `own`.
    """
    scores = _scores(measured)
    mine = scores.get(own, {})
    least = max(LEAST_SHARED, (len(mine) + 1) // 2)
    found = []
    for key, theirs in scores.items():
        shared = mine.keys() & theirs.keys()
        if key != own and len(shared) >= least:
            distance = sqrt(fmean((mine[measure] - theirs[measure]) ** 2 for measure in sorted(shared)))
            found.append(Similar(key, distance, len(shared)))
    found.sort(key=lambda one: (one.distance, -one.shared, str(one.key)))
    return found[:most]


def _scores(measured: Mapping[K, Mapping[str, float]]) -> dict[K, dict[str, float]]:
    """Per area its z-scores. A measure that is the same everywhere tells no areas apart and is left out."""
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
