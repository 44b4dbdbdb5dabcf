"""Decides which years of a figure are comparable. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shapely.geometry import shape

REDRAWN = 0.02
LEAST = 3
"""Two points are a difference, not a trend."""


@dataclass(frozen=True)
class Point:
    year: int
    value: float
    source: object = None


def comparable(points: Iterable[Point], breaks: Collection[int] = ()) -> list[Point]:
    """The last run of years from one source without a break; empty if it is too short.

    `breaks` are the years in which the border changed: before and after are different places.
    """
    found = sorted(points, key=lambda point: point.year)
    start = 0
    for place, (before, after) in enumerate(pairwise(found), start=1):
        if before.source != after.source or any(before.year < year <= after.year for year in breaks):
            start = place
    return found[start:] if len(found) - start >= LEAST else []


def is_another_place(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether two borders (GeoJSON) differ by more than a redrawn line: two per cent of the surface."""
    if before == after:
        return False
    old, new = shape(before), shape(after)
    return old.symmetric_difference(new).area > REDRAWN * max(old.area, new.area)
