"""Finds similar areas: nearest in all measures, each on its own scale.

Pure: values in, values out. Each measure is converted to standard deviations from the mean of all areas (a
z-score), so that a percentage and an amount have equal weight. The distance of two areas is the root of the mean
square of their differences over the measures they share.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pstdev
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_MAX_SIMILAR_AREAS = 5
LEAST_SHARED = 3
"""With fewer shared measures, similarity is coincidence."""


@dataclass(frozen=True)
class Similar(Generic[K]):
    """An area, its distance (0 means equal in everything measured), and the number of shared measures."""

    key: K
    distance: float
    shared: int


def nearest(
    own: K, measured: Mapping[K, Mapping[str, float]], *, most: int = _MAX_SIMILAR_AREAS
) -> list[Similar[K]]:
    """The areas most like `own`, nearest first; empty if too little is measured.

    `measured` is area -> measure -> value; unknown values are absent. An area takes part if it shares at least
    three measures with `own`, and at least half of those of `own`.
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
