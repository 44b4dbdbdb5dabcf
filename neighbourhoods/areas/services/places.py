"""Finds the neighbourhood of a point. Called within a request, so each process keeps the borders in memory."""

import threading
from dataclasses import dataclass

import numpy as np
import shapely
from django.db.models import Max
from django.utils import timezone

from accounts.models import Event
from neighbourhoods.areas import coverage
from neighbourhoods.areas.services import outlines
from neighbourhoods.models import Area, AreaVersion, Import
from neighbourhoods.states import AreaKind

_lock = threading.Lock()
_kept: "Places | None" = None


@dataclass(frozen=True)
class Places:
    """A spatial index of the borders of all existing neighbourhoods."""

    mark: tuple[int, int]
    tree: shapely.STRtree
    areas: list[int]

    def at(self, longitude: float, latitude: float) -> int | None:
        """The id of the area; where borders overlap, the first."""
        found = self.tree.query(shapely.Point(longitude, latitude), predicate="intersects")
        return self.areas[int(np.min(found))] if len(found) else None


def area_at(longitude: float, latitude: float) -> Area | None:
    """The neighbourhood that contains this point; None outside all of them."""
    found = _places().at(longitude, latitude)
    return Area.objects.filter(pk=found).first() if found else None


def _places() -> Places:
    global _kept
    mark = _mark()
    kept = _kept
    if kept is None or kept.mark != mark:
        with _lock:
            kept = _kept
            if kept is None or kept.mark != mark:
                kept = _kept = _read(mark)
    return kept


def _mark() -> tuple[int, int]:
    """Cache key that changes with every border, because every way to change one logs an event."""
    kinds = [model._meta.label_lower for model in (Area, Import)]
    newest = Event.objects.filter(kind__in=kinds).aggregate(last=Max("pk"))["last"] or 0
    return newest, AreaVersion.objects.aggregate(last=Max("pk"))["last"] or 0


def _read(mark: tuple[int, int]) -> Places:
    year = timezone.localdate().year
    existing = Area.objects.existing().filter(kind=AreaKind.NEIGHBOURHOOD)
    drawn = outlines.as_of(year, area__in=existing)
    shapes = coverage.as_array([one.shape for one in drawn])
    shapely.prepare(shapes)
    return Places(mark, shapely.STRtree(shapes), [one.area for one in drawn])
