"""Areas, their outlines and the places in them."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.db import router, transaction
from django.db.models import Case, F, TextField, When, Window
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.db.models.functions import Abs, Cast, RowNumber
from django.utils.text import slugify
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from accounts.models import Event, User
from core.errors import DomainError
from neighbourhoods.areas import borders, coverage, maps
from neighbourhoods.areas.borders import Border
from neighbourhoods.colleagues.services import is_administrator_of
from neighbourhoods.models import Area, AreaVersion, Place
from neighbourhoods.states import AreaKind

# Areas that administrators make and change by hand.


class FreeSlugs:
    """Generates unused slugs; reads the taken ones once, so that thousands of names cost one query."""

    # Paths under desk/areas/ that are not areas.
    RESERVED = frozenset({"new", "compare"})

    def __init__(self) -> None:
        self._taken = set(self.RESERVED) | set(Area.objects.values_list("slug", flat=True))

    def take(self, name: str) -> str:
        start = slugify(name)[:130] or "area"
        slug, number = start, 1
        while slug in self._taken:
            number += 1
            slug = f"{start}-{number}"
        self._taken.add(slug)
        return slug


@transaction.atomic
def make_area(
    *, name: str, kind: str, parent: Area, by: User, year: int | None = None, border: Border | None = None
) -> Area:
    """Make a district in the municipality, or a neighbourhood in either, with its border if given.

    Raises DomainError if the user is no administrator there or the place or name is not possible.
    """
    if not is_administrator_of(by, parent):
        raise DomainError(_("You can only make areas inside an area of which you are an administrator."))
    _check_place(kind, parent)
    _check_name(name, parent)
    area = Area.objects.create(name=name, kind=kind, parent=parent, slug=FreeSlugs().take(name))
    if border and year:
        set_border(area=area, year=year, border=border)
    Event.log("made area", area, by=by, note=name)
    return area


@transaction.atomic
def change_area(
    *,
    area: Area,
    name: str,
    parent: Area | None,
    ended_on: date | None,
    by: User,
    year: int | None = None,
    border: Border | None = None,
) -> Area:
    """Change the name, parent, end or border. The slug stays, because printed addresses use it."""
    if not is_administrator_of(by, area, *([parent] if parent else [])):
        raise DomainError(_("You can only change areas of which you are an administrator."))
    if area.kind == AreaKind.MUNICIPALITY:
        parent, ended_on = None, None
    elif parent is None:
        raise DomainError(_("Choose in which area it lies."))
    else:
        if parent.pk != area.parent_id:
            _check_place(area.kind, parent)
        _check_name(name, parent, besides=area)
    area.name, area.parent, area.ended_on = name, parent, ended_on
    area.save(update_fields=["name", "parent", "ended_on"])
    if border and year:
        set_border(area=area, year=year, border=border)
    Event.log("changed area", area, by=by, note=name)
    return area


def set_border(*, area: Area, year: int, border: Border) -> AreaVersion:
    """Set the border of one year; the code of that year stays."""
    geometry, (west, south, east, north) = border
    fields = {"boundary": geometry, "west": west, "south": south, "east": east, "north": north}
    version, _created = AreaVersion.objects.update_or_create(
        area=area, year=year, defaults=fields | {"name": area.name}
    )
    recompute_outlines(area.kind, year)
    return version


def _check_place(kind: str, parent: Area) -> None:
    allowed = {
        AreaKind.DISTRICT: {AreaKind.MUNICIPALITY},
        AreaKind.NEIGHBOURHOOD: {AreaKind.MUNICIPALITY, AreaKind.DISTRICT},
    }
    if parent.kind not in allowed.get(AreaKind(kind), set()):
        raise DomainError(
            _("A district lies in the municipality, a neighbourhood in a district or in the municipality.")
        )


def _check_name(name: str, parent: Area, besides: Area | None = None) -> None:
    there = Area.objects.filter(parent=parent, name__iexact=name)
    if besides:
        there = there.exclude(pk=besides.pk)
    if there.exists():
        raise DomainError(_("There is an area with this name here already."))


# Removes areas that a file created when that file is undone, unless anything else refers to them.


def remove_areas(made: list[int]) -> None:
    """Raises DomainError if anybody works there, anything was said there, or a border was set."""
    if AreaVersion.objects.filter(area__in=made, boundary__isnull=False).exists():
        raise DomainError(_still_used())
    # Smallest first: neighbourhoods protect the district they lie in.
    for kind in (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT):
        areas = list(Area.objects.filter(pk__in=made, kind=kind))
        collector = Collector(using=router.db_for_write(Area))
        try:
            collector.collect(areas)
        except (ProtectedError, RestrictedError) as error:
            raise DomainError(_still_used()) from error
        others = {model for model, rows in collector.data.items() if rows} - {Area, AreaVersion}
        others |= {
            query.model
            for query in collector.fast_deletes
            if query.model is not AreaVersion and query.exists()
        }
        if others:
            raise DomainError(_still_used())
        collector.delete()


def _still_used() -> str:
    return _(
        "Something hangs on areas that this file made: a border, figures, a survey or a role. Undo that first."
    )


# Simplified borders for drawing, made for all areas of one level together, so that shared borders stay shared.


_CHUNK_SIZE = 500


@dataclass(frozen=True)
class DrawnBorder:
    """The border of an area as of some year."""

    pk: int
    area: int
    year: int
    shape: BaseGeometry
    outline: BaseGeometry | None  # as stored


def borders_as_of(year: int, *, without: Container[int] = (), **which: Any) -> list[DrawnBorder]:
    """For every area its border of that year, else the last one before it, else the first one after it.

    `which` filters the areas, as in `area__kind=...`; those in `without` are left out.
    """
    nearest = Window(
        RowNumber(),
        partition_by=F("area"),
        order_by=[Case(When(year__gt=year, then=1), default=0), Abs(F("year") - year)],
    )
    found = (
        AreaVersion.objects.filter(boundary__isnull=False, **which)
        .annotate(place=nearest)
        .filter(place=1)
        .order_by("pk")
        .values_list("pk", "area", "year")
    )
    rows = [row for row in found if row[1] not in without]
    pks = [row[0] for row in rows]
    shapes, kept = shapes_of(pks), shapes_of(pks, "outline")
    return [DrawnBorder(*row, shapes[row[0]], kept.get(row[0])) for row in rows if row[0] in shapes]


def shapes_of(versions: Iterable[int], field: str = "boundary") -> dict[int, BaseGeometry]:
    """Shapes by version. Read as text and in chunks: parsed JSON of a whole country would not fit in memory."""
    found: dict[int, BaseGeometry] = {}
    pks = list(versions)
    for start in range(0, len(pks), _CHUNK_SIZE):
        rows = AreaVersion.objects.filter(
            pk__in=pks[start : start + _CHUNK_SIZE], **{f"{field}__isnull": False}
        )
        pairs = list(rows.annotate(text=Cast(field, TextField())).values_list("pk", "text"))
        made = shapely.from_geojson([text for _pk, text in pairs], on_invalid="ignore")
        found |= {pk: shape for (pk, _text), shape in zip(pairs, made, strict=True) if shape is not None}
    return found


def recompute_outlines(kind: str, year: int) -> None:
    """Recompute the outlines of one level as of a year, after a border was changed or removed by hand."""
    drawn = borders_as_of(year, area__kind=kind)
    made = coverage.outlines(coverage.as_array([one.shape for one in drawn]))
    save_outlines(changed_outlines(drawn, made))


def changed_outlines(drawn: list[DrawnBorder], outlines: coverage.ShapeArray) -> dict[int, BaseGeometry]:
    """The outlines that differ from the stored ones, by version."""
    return {
        one.pk: outline
        for one, outline in zip(drawn, outlines, strict=True)
        if one.outline is None or not shapely.equals_exact(one.outline, outline, tolerance=1e-7)
    }


def save_outlines(outlines: dict[int, BaseGeometry]) -> None:
    pks = list(outlines)
    for start in range(0, len(pks), 200):
        rows = [
            AreaVersion(pk=pk, outline=borders.to_geojson(outlines[pk])) for pk in pks[start : start + 200]
        ]
        AreaVersion.objects.bulk_update(rows, ["outline"])


# Draws the map on which a resident places a point, and lists the places in its areas.


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
