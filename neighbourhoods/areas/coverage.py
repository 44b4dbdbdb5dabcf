"""What adjacent areas share: borders, overlap, surface.

Pure: arrays of shapes in degrees in, values out. Measures in metres, on a plane around their centre: accurate to a
percent for a town, which is enough here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0  # metres of one degree of latitude

ShapeArray = np.ndarray[Any, Any]
"""An array of polygons and multipolygons."""

# Tolerance of an outline, as a part of the width of the town, limited to a range in metres.
OUTLINE_TOLERANCE_SHARE, MIN_OUTLINE_TOLERANCE, MAX_OUTLINE_TOLERANCE = 1 / 1500, 1.0, 15.0

# A smaller overlap is a border that was drawn twice.
OVERLAP_METRES, OVERLAP_PART = 100.0, 0.01

MIN_SUCCESSION_SHARE = 0.05
"""A smaller part of an area is a border that was redrawn, not a succession."""


def as_array(shapes: Sequence[BaseGeometry]) -> ShapeArray:
    """An object array; np.array would split a multipolygon into its parts."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes)
    return made


class LocalProjection:
    """Converts between degrees and metres around one place."""

    def __init__(self, shapes: ShapeArray) -> None:
        _west, south, _east, north = shapely.total_bounds(shapes)
        self._scale = np.array([cos(radians((south + north) / 2)) * METRES_PER_DEGREE, METRES_PER_DEGREE])

    def there(self, shapes: ShapeArray) -> ShapeArray:
        return shapely.transform(shapes, lambda points: points * self._scale)

    def from_metres(self, shapes: ShapeArray) -> ShapeArray:
        return shapely.transform(shapes, lambda points: np.round(points / self._scale, 6))


def outlines(shapes: ShapeArray) -> ShapeArray:
    """Simplified shapes for the screen; shared borders stay shared."""
    if not len(shapes):
        return shapes
    flat = LocalProjection(shapes)
    metres = flat.there(shapes)
    width = sqrt(float(shapely.area(metres).sum()))
    return flat.from_metres(
        shapely.coverage_simplify(
            metres, min(max(width * OUTLINE_TOLERANCE_SHARE, MIN_OUTLINE_TOLERANCE), MAX_OUTLINE_TOLERANCE)
        )
    )


@dataclass(frozen=True)
class Overlap:
    """Two areas, by their index in the array, that overlap."""

    one: int
    other: int
    metres: float  # square metres
    part: float  # of the smaller of the two


MAX_OVERLAPS_FOUND = 200
"""Maximum number of overlaps reported. If all areas overlap, there would be areas × areas of them."""
_CHUNK_SIZE = 10


def overlaps(shapes: ShapeArray) -> list[Overlap]:
    """Areas that overlap by more than a border drawn twice; at most MAX_OVERLAPS_FOUND."""
    if len(shapes) < 2:
        return []
    metres = LocalProjection(shapes).there(shapes)
    tree = shapely.STRtree(metres)
    # Measure only areas with invalid shared edges; that check is faster, but not if most areas overlap.
    is_suspect = np.ones(len(metres), dtype=bool)
    if not _has_many_overlaps(metres, tree):
        is_suspect = ~shapely.is_empty(shapely.coverage_invalid_edges(metres))
    suspects = np.flatnonzero(is_suspect)
    found: list[Overlap] = []
    for start in range(0, len(suspects), _CHUNK_SIZE):
        some = suspects[start : start + _CHUNK_SIZE]
        ones, others = tree.query(metres[some], predicate="intersects")
        ones = some[ones]
        # Two suspects find each other, so only the first one reports the pair.
        told = (ones < others) | ~is_suspect[others]
        pairs = np.unique(np.sort(np.column_stack((ones[told], others[told]))), axis=0)
        found += _measure(metres, *pairs.T)
        if len(found) >= MAX_OVERLAPS_FOUND:
            break
    return found[:MAX_OVERLAPS_FOUND]


def _has_many_overlaps(metres: ShapeArray, tree: shapely.STRtree) -> bool:
    """Whether many areas overlap. In valid data, a point on an area lies in one area only."""
    points = shapely.point_on_surface(metres)
    starts = range(0, len(points), _CHUNK_SIZE)
    return any(
        tree.query(points[at : at + _CHUNK_SIZE], predicate="intersects").shape[1] > _CHUNK_SIZE * _CHUNK_SIZE
        for at in starts
    )


def _measure(metres: ShapeArray, ones: Any, others: Any) -> list[Overlap]:
    shared = shapely.area(shapely.intersection(metres[ones], metres[others]))
    parts = shared / np.minimum(shapely.area(metres[ones]), shapely.area(metres[others]))
    return [
        Overlap(int(ones[at]), int(others[at]), float(shared[at]), float(parts[at]))
        for at in np.flatnonzero((shared > OVERLAP_METRES) & (parts > OVERLAP_PART))
    ]


@dataclass(frozen=True)
class SuccessionShare:
    """The part of an earlier area that lies in a later one."""

    before: int
    after: int
    of_before: float
    of_after: float

    @property
    def is_same(self) -> bool:
        """Whether it is one area with another name or code: nearly all of each lies in the other."""
        return self.of_before >= 0.9 and self.of_after >= 0.9


def succession_shares(before: ShapeArray, after: ShapeArray) -> list[SuccessionShare]:
    """Which areas became which, largest parts first."""
    if not len(before) or not len(after):
        return []
    flat = LocalProjection(before)
    before, after = flat.there(before), flat.there(after)
    ones, others = shapely.STRtree(after).query(before, predicate="intersects")
    shared = shapely.area(shapely.intersection(before[ones], after[others]))
    of_before, of_after = shared / shapely.area(before[ones]), shared / shapely.area(after[others])
    found = [
        SuccessionShare(
            int(ones[at]), int(others[at]), min(float(of_before[at]), 1.0), min(float(of_after[at]), 1.0)
        )
        for at in np.flatnonzero((of_before >= MIN_SUCCESSION_SHARE) | (of_after >= MIN_SUCCESSION_SHARE))
    ]
    return sorted(found, key=lambda part: (part.before, -part.of_before))
