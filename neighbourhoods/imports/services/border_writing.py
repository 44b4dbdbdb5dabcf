"""Writes the borders of a file to the database, all at once, and undoes that."""

import json
from datetime import date
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast, Length
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from core.errors import DomainError
from neighbourhoods.areas import borders, coverage, maps
from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.areas.services import (
    FreeSlugs,
    borders_as_of,
    changed_outlines,
    recompute_outlines,
    remove_areas,
    save_outlines,
)
from neighbourhoods.imports.services.border_comparing import ENDED_CHOICE, BorderComparison, BorderRow
from neighbourhoods.models import Area, AreaVersion, Succession
from neighbourhoods.settings.services import set_code
from neighbourhoods.states import AreaKind

MOST_ON_MAP = 1_500
_CHUNK_SIZE = 200


class BorderWriter:
    """Prepares and writes a comparison. Slow work, such as outlines, is done before the transaction."""

    def __init__(self, found: BorderComparison, options: dict[str, Any], ours: str) -> None:
        self.found, self.ours = found, ours
        self.year, self.source = options["year"], options.get("source", "")
        # Changed outlines of areas that are not in the file, by version.
        self.redrawn: dict[int, BaseGeometry] = {}
        for level in AreaKind:
            self._draw(level)

    def _draw(self, level: str) -> None:
        """Make the outlines of all areas of a level together, including those that are not in the file."""
        rows = self.found.of(level)
        if not rows:
            return
        in_file = {row.area.pk for row in rows if row.area}
        gone = {one.area.pk for one in self.found.gone if one.chosen == ENDED_CHOICE}
        others = borders_as_of(
            self.year, without=in_file | gone, area__kind=level, area__ended_on__isnull=True
        )
        shapes = coverage.as_array([*(row.found.shape for row in rows), *(one.shape for one in others)])
        made = coverage.outlines(shapes)
        for row, outline in zip(rows, made, strict=False):
            row.outline = outline
        self.redrawn |= changed_outlines(others, made[len(rows) :])

    def map(self) -> dict[str, Any] | None:
        """A preview map of the smallest level with few enough areas, each with what happens to it."""
        for level in (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT, AreaKind.MUNICIPALITY):
            rows = self.found.of(level)
            if 0 < len(rows) <= MOST_ON_MAP:
                return _map(rows)
        return None

    def write(self, progress: ProgressCallback) -> dict[str, Any]:
        record: dict[str, Any] = {"year": self.year, "kinds": sorted({r.found.kind for r in self.found.rows})}
        record["municipality"] = set_code(self.ours) if self.ours else None
        record["areas"] = self._make_areas()
        record["areas_before"] = self._change_areas()
        record["successions"] = self._write_successions()
        record["versions"], record["versions_before"] = self._write_versions(progress)
        save_outlines(self.redrawn)
        record["areas_after"] = _states(record["areas_before"])
        record["versions_after"] = _fingerprints([*record["versions"], *record["versions_before"]])
        return record

    def _make_areas(self) -> list[int]:
        slugs, made = FreeSlugs(), []
        for level in (AreaKind.DISTRICT, AreaKind.NEIGHBOURHOOD):
            fresh = [row for row in self.found.of(level) if row.area is None]
            for start in range(0, len(fresh), _CHUNK_SIZE):
                rows = fresh[start : start + _CHUNK_SIZE]
                areas = Area.objects.bulk_create(
                    Area(
                        kind=level,
                        name=row.found.name,
                        slug=slugs.take(row.found.name),
                        parent=_area(row.parent),
                        ended_on=date(self.year + 1, 1, 1) if row.ended else None,
                    )
                    for row in rows
                )
                for row, area in zip(rows, areas, strict=True):
                    row.area = area
                    made.append(area.pk)
        return made

    def _change_areas(self) -> dict[str, list[Any]]:
        """Set names, parents and ends. An area has the name of its last year."""
        later = set(AreaVersion.objects.filter(year__gt=self.year).values_list("area_id", flat=True))
        before: dict[str, list[Any]] = {}
        changed = []
        for row in self.found.rows:
            area, parent = row.area, _area(row.parent)
            if area is None or area.pk in later or row.found.kind == AreaKind.MUNICIPALITY:
                continue
            if area.name != row.found.name or area.parent_id != parent.pk:
                before[str(area.pk)] = _state(area)
                area.name, area.parent = row.found.name, parent
                changed.append(area)
        for gone in self.found.gone:
            if gone.chosen == ENDED_CHOICE:
                before[str(gone.area.pk)] = _state(gone.area)
                gone.area.ended_on = date(self.year, 1, 1)
                changed.append(gone.area)
        Area.objects.bulk_update(changed, ["name", "parent", "ended_on"], batch_size=_CHUNK_SIZE)
        return before

    def _write_successions(self) -> list[int]:
        pairs: list[tuple[Area | None, Area | None, float]] = [
            (gone.area, row.area, share)
            for gone in self.found.gone
            if gone.chosen == ENDED_CHOICE
            for row, share in gone.into
        ]
        pairs += [(row.area, area, share) for row, area, share in self.found.successions if row.ended]
        made = Succession.objects.bulk_create(
            [
                Succession(before=before, after=after, year=self.year, share=share)
                for before, after, share in pairs
                if before and after and before != after
            ],
            batch_size=_CHUNK_SIZE,
        )
        return [one.pk for one in made]

    def _write_versions(self, progress: ProgressCallback) -> tuple[list[int], dict[str, Any]]:
        """In small batches, because parsed borders of a whole country would not fit in memory."""
        rows = [row for row in self.found.rows if row.area and (row.version is None or row.is_written)]
        made: list[int] = []
        before: dict[str, Any] = {}
        for start in range(0, len(rows), _CHUNK_SIZE):
            progress(start, len(rows))
            batch = rows[start : start + _CHUNK_SIZE]
            fresh = [self._version(row) for row in batch if row.version is None]
            made += [one.pk for one in AreaVersion.objects.bulk_create(fresh)]
            known = [row.version.pk for row in batch if row.version]
            before |= {str(one["id"]): one for one in _as_text(known)}
            again = [self._version(row) for row in batch if row.version]
            AreaVersion.objects.bulk_update(again, _WRITTEN_FIELDS)
        same = {row.version.pk: row.outline for row in self.found.rows if row.version and not row.is_written}
        self.redrawn |= {pk: outline for pk, outline in same.items() if outline is not None}
        return made, before

    def _version(self, row: BorderRow) -> AreaVersion:
        found, west_to_north = row.found, row.found.box
        version = AreaVersion(
            pk=row.version.pk if row.version else None,
            area=row.area,
            year=self.year,
            code=found.code or (row.version.code if row.version else ""),
            name=found.name,
            source=self.source,
            boundary=borders.to_geojson(found.shape),
            outline=borders.to_geojson(row.outline) if row.outline is not None else None,
        )
        version.west, version.south, version.east, version.north = west_to_north
        return version


_WRITTEN_FIELDS = ["code", "name", "source", "boundary", "outline", "west", "south", "east", "north"]


GEOMETRY_FIELDS = ("boundary", "outline")


def _as_text(versions: list[int]) -> Any:
    """These versions as rows, with the borders as text."""
    texts = {f"{field}_text": Cast(field, TextField()) for field in GEOMETRY_FIELDS}
    plain = [field for field in _WRITTEN_FIELDS if field not in GEOMETRY_FIELDS]
    return AreaVersion.objects.filter(pk__in=versions).annotate(**texts).values("id", *plain, *texts)


def _from_text(fields: dict[str, Any]) -> AreaVersion:
    fields = dict(fields)
    drawn = {field: json.loads(fields.pop(f"{field}_text") or "null") for field in GEOMETRY_FIELDS}
    return AreaVersion(**fields, **drawn)


def _area(parent: BorderRow | Area | None) -> Area:
    area = parent.area if isinstance(parent, BorderRow) else parent
    return area if area is not None else Area.root()


def _map(rows: list[BorderRow]) -> dict[str, Any] | None:
    places = {
        str(number): (
            row,
            maps.MapArea(str(number), row.found.name, borders.to_geojson(row.outline), row.found.box),
        )
        for number, row in enumerate(rows)
        if row.outline is not None
    }
    drawn = maps.draw((place for _row, place in places.values()), letter=maps.SMALL_FONT_SIZE)
    if drawn is None:
        return None
    groups = {
        key: "new" if row.area is None else "changed" if row.changes else "unchanged"
        for key, (row, _place) in places.items()
    }
    return {
        "width": drawn.width,
        "height": drawn.height,
        "letter": drawn.letter,
        "shapes": [[groups[one.key], one.title, one.path, one.x, one.y, one.name] for one in drawn.shapes],
    }


# --- undoing --------------------------------------------------------------------------------------


def _state(area: Area) -> list[Any]:
    return [area.name, area.parent_id, area.ended_on.isoformat() if area.ended_on else None]


def _states(pks: Any) -> dict[str, list[Any]]:
    return {str(area.pk): _state(area) for area in Area.objects.filter(pk__in=[int(pk) for pk in pks])}


def _fingerprints(versions: list[Any]) -> dict[str, list[Any]]:
    """A fingerprint of each version, to detect later changes."""
    found = {}
    pks = [int(pk) for pk in versions]
    for start in range(0, len(pks), 500):
        rows = AreaVersion.objects.filter(pk__in=pks[start : start + 500])
        sized = rows.annotate(size=Length(Cast("boundary", TextField())))
        for row in sized.values_list("pk", "code", "name", "source", "west", "north", "size"):
            found[str(row[0])] = list(row[1:])
    return found


class BorderRestorer:
    """Restores everything as it was before one file, unless it was changed since."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def put_back(self) -> None:
        self._refuse_changed()
        record = self.record
        Succession.objects.filter(pk__in=record["successions"]).delete()
        for start in range(0, len(record["versions"]), 500):
            AreaVersion.objects.filter(pk__in=record["versions"][start : start + 500]).delete()
        before = list(record["versions_before"].values())
        for start in range(0, len(before), _CHUNK_SIZE):
            rows = [_from_text(fields) for fields in before[start : start + _CHUNK_SIZE]]
            AreaVersion.objects.bulk_update(rows, _WRITTEN_FIELDS)
        areas = [
            Area(pk=int(pk), name=name, parent_id=parent, ended_on=ended)
            for pk, (name, parent, ended) in record["areas_before"].items()
        ]
        Area.objects.bulk_update(areas, ["name", "parent", "ended_on"], batch_size=_CHUNK_SIZE)
        remove_areas(record["areas"])
        if record["municipality"] is not None:
            set_code(record["municipality"])
        for level in record["kinds"]:
            recompute_outlines(level, record["year"])

    def _refuse_changed(self) -> None:
        record = self.record
        prints = _fingerprints([*record["versions"], *record["versions_before"]])
        if prints != record["versions_after"] or _states(record["areas_before"]) != record["areas_after"]:
            raise DomainError(_("Areas of this file were changed since. Undo what came after it first."))
