"""Writes a planned file with figures, and undoes it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import DomainError
from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.areas.services.areas import FreeSlugs
from neighbourhoods.areas.services.orphan_areas import remove_areas
from neighbourhoods.imports.services import codes, indicators
from neighbourhoods.imports.services.figure_work import (
    BATCH,
    GAPS,
    WRITTEN_CHANGES,
    FigureChange,
    Meaning,
    PlannedFigures,
)
from neighbourhoods.models import Area, AreaVersion, Figure, Import, Indicator, Source
from neighbourhoods.settings.services import set_code
from neighbourhoods.states import AreaKind, FileState, ImportKind


def write_planned_figures(work: PlannedFigures, one: Import, progress: ProgressCallback) -> dict[str, Any]:
    record: dict[str, Any] = {"import": one.pk, "own": ""}
    if work.own and set_code(work.own, instead_of="") is not None:
        record["own"] = work.own
    fresh = _make_areas(work)
    record["areas"] = [area.pk for area in fresh]
    # New areas, with negative numbers, got their version when they were created.
    told = [*work.picked.items(), *((area, named) for (area, _year), named in work.recut.items())]
    known = [(area, named) for area, named in told if area > 0]
    record["versions"] = codes.save_area_codes(known, ours=work.ours, source=one.file_name)
    record["drawn_anew"] = _mark_drawn_anew(work)
    record["indicators"] = indicators.save_indicators([one.indicator for one in work.meanings])
    sources, record["sources"] = indicators.save_sources(one.source for one in work.meanings)
    if work.remember:
        meanings = dict.fromkeys(work.left_out, "") | {m.column.key: m.indicator.slug for m in work.meanings}
        indicators.save_column_mapping(name=work.remember, meanings=meanings)
    record["written"], record["changed"] = 0, []
    for number, meaning in enumerate(work.meanings, start=1):
        record["changed"] += _before(work, meaning)
        record["written"] += _write_figures(work, meaning, fresh, sources[meaning.source["name"]], one)
        progress(number, len(work.meanings))
    return record


def _before(work: PlannedFigures, one: Meaning) -> list[list[Any]]:
    """Rows of the figures that will change, as stored now."""
    changing = {work.rows[number] for number, mark in enumerate(one.marks) if mark == FigureChange.CHANGED}
    if not changing:
        return []
    there = Figure.objects.filter(indicator=one.indicator, year__in={year for _area, year in changing})
    fields = ("area", "indicator", "year", "value", "gap", "source", "imported")
    return [list(row) for row in there.order_by().values_list(*fields) if (row[0], row[2]) in changing]


# In the order of _upsert.
_FIELDS = ("area_id", "indicator_id", "year", "value", "gap", "source_id", "imported_id")
_Row = tuple[int, int, int, float | None, str, int, int | None]


def _write_figures(work: PlannedFigures, one: Meaning, fresh: list[Area], source: Source, of: Import) -> int:
    def rows() -> Iterator[_Row]:
        for number, mark in enumerate(one.marks):
            if mark in WRITTEN_CHANGES:
                area, year = work.rows[number]
                gap = one.gaps[number]
                yield (
                    area if area > 0 else fresh[-area - 1].pk,
                    one.indicator.pk,
                    year,
                    None if gap else one.values[number],
                    GAPS[gap],
                    source.pk,
                    of.pk,
                )

    return _upsert(rows())


def _upsert(rows: Iterable[_Row]) -> int:
    """Upsert a stream of figures in batches. Returns how many.

    Uses raw SQL: a country has 1.5 million figures, and creating model instances took most of the time.
    """
    quote = connection.ops.quote_name
    named = ", ".join(map(quote, _FIELDS))
    key = ", ".join(map(quote, _FIELDS[:3]))
    taken = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in _FIELDS[3:])
    start = f"INSERT INTO {quote(Figure._meta.db_table)} ({named}) VALUES "  # noqa: S608 (names of our own)
    end = f" ON CONFLICT ({key}) DO UPDATE SET {taken}"
    one = f"({', '.join(['%s'] * len(_FIELDS))})"
    count, stream = 0, iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(stream, BATCH)):
            cursor.execute(start + ", ".join([one] * len(batch)) + end, list(chain.from_iterable(batch)))
            count += len(batch)
    return count


def _make_areas(work: PlannedFigures) -> list[Area]:
    """Districts first, so that neighbourhoods find theirs by code."""
    root, slugs = work.ours.root, FreeSlugs()
    made: dict[int, Area] = {}
    districts: dict[str, Area] = {}
    order = sorted(range(len(work.fresh)), key=lambda number: work.fresh[number].kind != AreaKind.DISTRICT)
    for is_district in (True, False):
        these = [n for n in order if (work.fresh[n].kind == AreaKind.DISTRICT) == is_district]
        areas = []
        for number in these:
            row = work.fresh[number].named
            parent = root
            if not is_district and row.municipality:
                parent = districts.get(f"WK{row.code[2:8]}") or work.ours.areas.get(
                    work.ours.district(row.code) or 0, root
                )
            name = row.name or row.code
            areas.append(Area(kind=work.fresh[number].kind, name=name, slug=slugs.take(name), parent=parent))
        for number, area in zip(these, Area.objects.bulk_create(areas, batch_size=500), strict=True):
            made[number] = area
            districts[work.fresh[number].named.code] = area
    AreaVersion.objects.bulk_create(
        [
            AreaVersion(
                area=area, year=work.fresh[n].named.year, code=work.fresh[n].named.code, name=area.name
            )
            for n, area in made.items()
        ],
        batch_size=500,
    )
    return [made[number] for number in range(len(work.fresh))]


def _mark_drawn_anew(work: PlannedFigures) -> list[int]:
    """Mark versions of areas that CBS redrew that year. Returns all of them, including those marked already."""
    areas: dict[int, list[int]] = defaultdict(list)
    for area, year in work.recut:
        areas[year].append(area)
    marked: list[int] = []
    for year, there in areas.items():
        found = AreaVersion.objects.filter(area__in=there, year=year)
        marked += found.values_list("pk", flat=True)
    AreaVersion.objects.filter(pk__in=marked, is_recut=False).update(is_recut=True)
    return marked


def _said_by_others(versions: Iterable[int], of: int) -> set[int]:
    """Which of these versions other files marked as redrawn too: they keep the mark when this file is undone."""
    wanted, said = set(versions), set[int]()
    others = Import.objects.filter(kind=ImportKind.FIGURES, state=FileState.APPLIED).exclude(pk=of)
    for one in others.only("undo").iterator(chunk_size=1) if wanted else ():
        said |= wanted.intersection(one.record.get("drawn_anew", []))
    return said


def put_back(record: dict[str, Any]) -> None:
    mine = Figure.objects.filter(imported=record["import"])
    if mine.count() != record["written"]:
        raise DomainError(_("A later file changed some of these figures. Undo that one first."))
    files = {row[6] for row in record["changed"] if row[6]}
    there = set(Import.objects.filter(pk__in=files).values_list("pk", flat=True))
    _upsert((*row[:6], row[6] if row[6] in there else None) for row in record["changed"])
    mine.delete()
    drawn_anew = record.get("drawn_anew", [])  # absent for files written before this was stored
    stay = _said_by_others(drawn_anew, record["import"])
    codes.remove_area_codes(set(record["versions"]) - stay)
    AreaVersion.objects.filter(pk__in=set(drawn_anew) - stay).update(is_recut=False)
    remove_areas(record["areas"])
    Indicator.objects.filter(pk__in=record["indicators"], figures=None).delete()
    Source.objects.filter(pk__in=record["sources"], figures=None).delete()
    if record["own"]:
        set_code("", instead_of=record["own"])
