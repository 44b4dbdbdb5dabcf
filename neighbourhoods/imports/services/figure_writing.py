"""Writes figures that were read: levels, changes, the job."""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, islice
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.areas.services import FreeSlugs, remove_areas
from neighbourhoods.imports import columns
from neighbourhoods.imports.columns import ColumnRole, ScannedColumn, TableScan
from neighbourhoods.imports.numerals import DecimalSign
from neighbourhoods.imports.services import indicators, matching
from neighbourhoods.imports.services.import_kinds import PREVIEW_LINES_SHOWN, PreviewLine
from neighbourhoods.imports.services.imports import CountedPlan
from neighbourhoods.imports.services.matching import AreaIndex, NamedArea, named_area
from neighbourhoods.models import Area, AreaVersion, Figure, Import, Indicator, Source
from neighbourhoods.settings.services import set_code
from neighbourhoods.states import AreaKind, FileState, Gap, ImportKind

# Finds the level (neighbourhood or district) of areas that a file identifies by name only.
#
# Names recur across levels (in Amsterdam a district and a neighbourhood are both called Kadoelen), so a name
# identifies an area only within one level. A code determines its level by itself.


LEVELS_IN_FILES = (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT)
_MIN_SHARE_OF_ROWS = 0.8
"""A level that matches this share of the rows by name is taken as the level of the file without asking."""
_HEADS = {
    AreaKind.NEIGHBOURHOOD: re.compile(r"buurt|neighbou?rhood"),
    AreaKind.DISTRICT: re.compile(r"wijk|district"),
}


@dataclass
class LevelCounts:
    """`rows` have only a name; `known` counts how many of them match an area of each level."""

    rows: int = 0
    known: Counter[str] = field(default_factory=Counter)
    told: str = ""

    @property
    def level(self) -> str:
        """The level that the file states or its names imply; "" if the user must choose."""
        fitting = [level for level in LEVELS_IN_FILES if self.known[level] >= _MIN_SHARE_OF_ROWS * self.rows]
        return self.told or (fitting[0] if len(fitting) == 1 else "")

    @property
    def is_asked(self) -> bool:
        return bool(self.known) and not self.level


def levels_of(seen: TableScan, ours: AreaIndex) -> LevelCounts:
    """Reads the names of all rows, not the figures."""
    found = LevelCounts(told=_stated_level(seen))
    head = seen.table.head[seen.parts[ColumnRole.CODE]] if ColumnRole.CODE in seen.parts else ""
    for row in seen.table.lines():
        if row.problem:
            continue
        code = (
            columns.cbs_code(seen.cell(row, ColumnRole.CODE), head)
            or str(seen.cell(row, ColumnRole.CODE)).strip()
        )
        name = str(seen.cell(row, ColumnRole.NAME)).strip()
        named = named_area(code, name, str(seen.cell(row, ColumnRole.KIND)), 0)
        if named.kind or not (name or code) or ours.needs_no_name(named):
            continue
        found.rows += 1
        found.known.update(ours.levels_named(named))
    return found


def _stated_level(seen: TableScan) -> str:
    """The level in the heading of the column with names: “buurtnaam”, “Wijk”."""
    if ColumnRole.NAME not in seen.parts:
        return ""
    head = seen.table.head[seen.parts[ColumnRole.NAME]].casefold()
    said = [level for level, words in _HEADS.items() if words.search(head)]
    return said[0] if len(said) == 1 else ""


# A file with figures while it is read, compared and written: numbers in arrays, one set per column.
#
# A file of the whole country has 1.5 million figures; arrays take little more memory than the file.


NEW_INDICATOR = "new"  # choice for a column that becomes a new indicator
GAP_VALUES = ["", *Gap.values]
KEEP_STORED_FIGURE = 99  # in place of a gap: the file says nothing here, so the stored figure stays
REPLACING_GAP_VALUE = -1.0  # value of a gap that replaces a figure; an empty cell (0) replaces nothing
BATCH = 1000


class FigureChange(IntEnum):
    """What writing does to one figure."""

    UNCHANGED = 0
    NEW = 1
    CHANGED = 2
    SKIPPED = 3  # nothing to write: the cell was wrong


WRITTEN_CHANGES = frozenset({FigureChange.NEW, FigureChange.CHANGED})


@dataclass
class ImportedColumn:
    """A column to import: its indicator, how its cells are read, and their values.

    Three arrays with one element per row of `PlannedFigures.rows`: the value, the gap (an index of GAPS, or KEEP),
    and the change.
    """

    column: ScannedColumn
    indicator: Indicator
    decimal: DecimalSign
    zero_unknown: bool
    source: dict[str, str]
    values: array = field(default_factory=lambda: array("d"), repr=False)
    gaps: bytearray = field(default_factory=bytearray, repr=False)
    marks: bytearray = field(default_factory=bytearray, repr=False)

    def say(self, value: float) -> None:
        self.values.append(value)
        self.gaps.append(0)

    def add_gap(self, gap: int, value: float = 0) -> None:
        self.values.append(value)
        self.gaps.append(gap)


@dataclass
class NewArea:
    """An area in the file that does not exist yet."""

    named: NamedArea
    kind: str


@dataclass
class PlannedFigures:
    """What would be written. `rows` holds (area id, or a negative number for a new area; year) per row."""

    meanings: list[ImportedColumn]
    ours: AreaIndex
    rows: list[tuple[int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the first rows, as in the file
    fresh: list[NewArea] = field(default_factory=list)
    picked: dict[int, NamedArea] = field(default_factory=dict)  # matched by hand: their codes are stored
    redrawn: dict[tuple[int, int], NamedArea] = field(
        default_factory=dict
    )  # by area and year: a redrawn border
    own: str = ""
    remember: str = ""  # name under which the column mapping is stored
    left_out: list[str] = field(default_factory=list)  # keys of columns that are not imported


# What a file with figures would change in the stored figures.


PREVIEW_COLUMNS_SHOWN = 3
"""Number of figures per row that the preview shows with their old and new value."""


def mark_changes(work: PlannedFigures, plan: CountedPlan) -> None:
    """Mark every figure with its change, and add the counts and the first values to `plan`."""
    years = sorted({year for _area, year in work.rows})
    told = ", ".join(map(str, years))
    where = {row: number for number, row in enumerate(work.rows)}
    sources = dict(Source.objects.values_list("pk", "name"))
    before: dict[tuple[int, int], str] = {}  # by row and column number, for the first of each
    for column, one in enumerate(work.meanings):
        one.marks = bytearray(
            FigureChange.SKIPPED if gap == KEEP_STORED_FIGURE else FigureChange.NEW for gap in one.gaps
        )
        for number, value, gap, source in _stored_figures(one, years, where):
            if number < PREVIEW_LINES_SHOWN and column < PREVIEW_COLUMNS_SHOWN:
                before[number, column] = _value_text(value, gap)
            if _stays(one, number, value, gap, has_source=sources[source] == one.source.get("name")):
                one.marks[number] = FigureChange.UNCHANGED
                continue
            one.marks[number] = FigureChange.CHANGED
            if len(plan.changed) < PREVIEW_LINES_SHOWN:
                area = work.ours.areas[work.rows[number][0]]
                what = _becomes(one, number, value, gap)
                plan.changed.append(PreviewLine(str(area), indicators.indicator_name(one.indicator), what))
        counts = Counter(one.marks)
        for wanted, group in ((FigureChange.NEW, "new"), (FigureChange.UNCHANGED, "unchanged")):
            if count := counts[wanted]:
                plan.sums[group] += count
                words = ngettext("%(count)s figure", "%(count)s figures", count) % {"count": count}
                getattr(plan, group).append(
                    PreviewLine(indicators.indicator_name(one.indicator), told, words)
                )
        plan.sums["changed"] += counts[FigureChange.CHANGED]
    plan.extra["landing"] = [_matched_row_preview(work, number, before) for number in range(len(work.names))]


def _matched_row_preview(
    work: PlannedFigures, number: int, before: dict[tuple[int, int], str]
) -> dict[str, Any]:
    """The area a row is stored under, with the old and new value of its first figures."""
    pk, _year = work.rows[number]
    fresh = work.fresh[-pk - 1] if pk < 0 else None
    area = None if fresh else work.ours.areas[pk]
    figures = [
        {
            "name": indicators.indicator_name(one.indicator),
            "before": before.get((number, column), ""),
            "after": _value_text(
                None if GAP_VALUES[one.gaps[number]] else one.values[number], GAP_VALUES[one.gaps[number]]
            ),
        }
        for column, one in enumerate(work.meanings[:PREVIEW_COLUMNS_SHOWN])
        if one.gaps[number] != KEEP_STORED_FIGURE
    ]
    return {
        "row": work.names[number],
        "area": area.name if area else fresh.named.name if fresh else "",
        "kind": area.kind if area else fresh.kind if fresh else "",
        "is_new": fresh is not None,
        "figures": figures,
    }


def _stored_figures(
    one: ImportedColumn, years: list[int], where: dict[tuple[int, int], int]
) -> Iterator[tuple[int, float | None, str, int]]:
    """Stored figures that the file says something about: row number, value, gap and source."""
    if one.indicator.pk is None:
        return
    there = Figure.objects.filter(indicator=one.indicator, year__in=years).order_by()
    rows = there.values_list("area", "year", "value", "gap", "source").iterator(chunk_size=BATCH)
    for area, year, value, gap, source in rows:
        number = where.get((area, year))
        if number is not None and one.gaps[number] != KEEP_STORED_FIGURE:
            yield number, value, gap, source


def _stays(one: ImportedColumn, number: int, value: float | None, gap: str, *, has_source: bool) -> bool:
    """Unchanged: the same value from the same source, or an empty cell, which never removes a value."""
    new_value, new_gap = one.values[number], GAP_VALUES[one.gaps[number]]
    if new_gap == Gap.MISSING and new_value != REPLACING_GAP_VALUE and value is not None:
        return True
    return has_source and (gap == new_gap if new_gap else value == new_value)


def _becomes(one: ImportedColumn, number: int, value: float | None, gap: str) -> str:
    new_gap = GAP_VALUES[one.gaps[number]]
    before, after = _value_text(value, gap), _value_text(None if new_gap else one.values[number], new_gap)
    return f"{before} → {after}" if before != after else _("another source")


def _value_text(value: float | None, gap: str) -> str:
    return f"{value:g}" if value is not None else str(Gap(gap).label)


# Writes a planned file with figures, and undoes it.


def write_planned_figures(work: PlannedFigures, one: Import, progress: ProgressCallback) -> dict[str, Any]:
    record: dict[str, Any] = {"import": one.pk, "own": ""}
    if work.own and set_code(work.own, instead_of="") is not None:
        record["own"] = work.own
    fresh = _make_areas(work)
    record["areas"] = [area.pk for area in fresh]
    # New areas, with negative numbers, got their version when they were created.
    told = [*work.picked.items(), *((area, named) for (area, _year), named in work.redrawn.items())]
    known = [(area, named) for area, named in told if area > 0]
    record["versions"] = matching.save_area_codes(known, ours=work.ours, source=one.file_name)
    record["drawn_anew"] = _mark_redrawn(work)
    record["indicators"] = indicators.save_indicators([one.indicator for one in work.meanings])
    sources, record["sources"] = indicators.save_sources(one.source for one in work.meanings)
    if work.remember:
        meanings = dict.fromkeys(work.left_out, "") | {m.column.key: m.indicator.slug for m in work.meanings}
        indicators.save_column_mapping(name=work.remember, meanings=meanings)
    record["written"], record["changed"] = 0, []
    for number, meaning in enumerate(work.meanings, start=1):
        record["changed"] += _figures_before(work, meaning)
        record["written"] += _write_figures(work, meaning, fresh, sources[meaning.source["name"]], one)
        progress(number, len(work.meanings))
    return record


def _figures_before(work: PlannedFigures, one: ImportedColumn) -> list[list[Any]]:
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


def _write_figures(
    work: PlannedFigures, one: ImportedColumn, fresh: list[Area], source: Source, of: Import
) -> int:
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
                    GAP_VALUES[gap],
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


def _mark_redrawn(work: PlannedFigures) -> list[int]:
    """Mark versions of areas that CBS redrew that year. Returns all of them, including those marked already."""
    areas: dict[int, list[int]] = defaultdict(list)
    for area, year in work.redrawn:
        areas[year].append(area)
    marked: list[int] = []
    for year, there in areas.items():
        found = AreaVersion.objects.filter(area__in=there, year=year)
        marked += found.values_list("pk", flat=True)
    AreaVersion.objects.filter(pk__in=marked, is_recut=False).update(is_recut=True)
    return marked


def _redrawn_in_other_imports(versions: Iterable[int], of: int) -> set[int]:
    """Which of these versions other files marked as redrawn too: they keep the mark when this file is undone."""
    wanted, said = set(versions), set[int]()
    others = Import.objects.filter(kind=ImportKind.FIGURES, state=FileState.APPLIED).exclude(pk=of)
    for one in others.only("undo").iterator(chunk_size=1) if wanted else ():
        said |= wanted.intersection(one.record.get("drawn_anew", []))
    return said


def undo_figures(record: dict[str, Any]) -> None:
    mine = Figure.objects.filter(imported=record["import"])
    if mine.count() != record["written"]:
        raise DomainError(_("A later file changed some of these figures. Undo that one first."))
    files = {row[6] for row in record["changed"] if row[6]}
    there = set(Import.objects.filter(pk__in=files).values_list("pk", flat=True))
    _upsert((*row[:6], row[6] if row[6] in there else None) for row in record["changed"])
    mine.delete()
    drawn_anew = record.get("drawn_anew", [])  # absent for files written before this was stored
    stay = _redrawn_in_other_imports(drawn_anew, record["import"])
    matching.remove_area_codes(set(record["versions"]) - stay)
    AreaVersion.objects.filter(pk__in=set(drawn_anew) - stay).update(is_recut=False)
    remove_areas(record["areas"])
    Indicator.objects.filter(pk__in=record["indicators"], figures=None).delete()
    Source.objects.filter(pk__in=record["sources"], figures=None).delete()
    if record["own"]:
        set_code("", instead_of=record["own"])
