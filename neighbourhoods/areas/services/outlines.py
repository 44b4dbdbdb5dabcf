"""Simplified borders for drawing, made for all areas of one level together, so that shared borders stay shared."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

import shapely
from django.db.models import Case, F, TextField, When, Window
from django.db.models.functions import Abs, Cast, RowNumber
from shapely.geometry.base import BaseGeometry

from neighbourhoods.areas import borders, coverage
from neighbourhoods.models import AreaVersion

_CHUNK_SIZE = 500


@dataclass(frozen=True)
class DrawnBorder:
    """The border of an area as of some year."""

    pk: int
    area: int
    year: int
    shape: BaseGeometry
    outline: BaseGeometry | None  # as stored


def as_of(year: int, *, without: Container[int] = (), **which: Any) -> list[DrawnBorder]:
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


def redraw(kind: str, year: int) -> None:
    """Recompute the outlines of one level as of a year, after a border was changed or removed by hand."""
    drawn = as_of(year, area__kind=kind)
    made = coverage.outlines(coverage.as_array([one.shape for one in drawn]))
    save_outlines(changed_outlines(drawn, made))


def changed_outlines(drawn: list[DrawnBorder], outlines: coverage.Shapes) -> dict[int, BaseGeometry]:
    """The outlines that differ from the stored ones, by version."""
    return {
        one.pk: outline
        for one, outline in zip(drawn, outlines, strict=True)
        if one.outline is None or not shapely.equals_exact(one.outline, outline, tolerance=1e-7)
    }


def save_outlines(outlines: dict[int, BaseGeometry]) -> None:
    pks = list(outlines)
    for start in range(0, len(pks), 200):
        rows = [AreaVersion(pk=pk, outline=borders.boundary(outlines[pk])) for pk in pks[start : start + 200]]
        AreaVersion.objects.bulk_update(rows, ["outline"])
