"""Borders for pages: which ones lie on a map, and the window around one."""

from collections.abc import Iterable

from neighbourhoods.areas import maps
from neighbourhoods.models import Area, AreaVersion
from neighbourhoods.states import AreaKind


def draw(versions: Iterable[AreaVersion], **how) -> maps.Map | None:
    """`versions` must come from `with_text`."""
    return maps.draw_texts(tuple(sorted((one.area.slug, one.area.name, one.text) for one in versions)), **how)


def versions_around(area: Area, version: AreaVersion | None) -> list[AreaVersion]:
    """The version of an area and the neighbourhoods around it; for the municipality all inside it."""
    newest = AreaVersion.objects.drawn().with_text()
    leaves = newest.filter(area__in=Area.objects.leaves().existing())
    if version is None or area.kind == AreaKind.MUNICIPALITY:
        return list(leaves.filter(area__in=Area.objects.inside([area.pk])))
    found = {one.pk: one for one in leaves.touching(*_bounds_around(version))}
    if area.kind == AreaKind.NEIGHBOURHOOD:
        found[version.pk] = version  # also when it has ended
    return list(found.values())


def _bounds_around(version: AreaVersion) -> maps.Box:
    return maps.expand_box(version.box, 0.3 if version.area.kind == AreaKind.DISTRICT else 0.6)


def map_bounds_kwargs(area: Area, version: AreaVersion | None) -> dict[str, maps.Box]:
    return {"around": _bounds_around(version)} if version and area.kind != AreaKind.MUNICIPALITY else {}


def border(area: Area, version: AreaVersion | None) -> str:
    """The path of the area's own border on that map; "" for the municipality, which fills the map."""
    if version is None or area.kind == AreaKind.MUNICIPALITY:
        return ""
    drawn = draw([version], **map_bounds_kwargs(area, version))
    return drawn.shapes[0].path if drawn and drawn.shapes else ""
