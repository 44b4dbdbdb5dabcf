"""A point that a resident puts on the map of their neighbourhoods: drawing that map, and the places on it."""

from collections.abc import Iterable
from typing import Any

from neighbourhoods.areas import maps
from neighbourhoods.models import Area, AreaVersion, Place

DECIMALS = 4
"""Some ten metres: precise enough for a bench, too coarse for a front door."""


def map_of(areas: Iterable[int] | None) -> maps.Map | None:
    """A map of the neighbourhoods in these areas, or (None) of all; None if none of them has a border."""
    within = Area.objects.all() if areas is None else Area.objects.inside(list(areas))
    leaves = within.leaves().existing()
    versions: Any = AreaVersion.objects.drawn().filter(area__in=leaves).with_text()
    return maps.draw_texts(tuple(sorted((one.area.slug, one.area.name, one.text) for one in versions)))


def places_in(areas: Iterable[int]) -> list[Place]:
    """Active places in these areas, for the list beside the map."""
    inside = Area.objects.inside(list(areas))
    return list(Place.objects.active().filter(area__in=inside).order_by("name", "pk"))
