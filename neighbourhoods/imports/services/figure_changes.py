"""What a file with figures would change in the stored figures."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from neighbourhoods.imports.services import indicators
from neighbourhoods.imports.services.figure_work import (
    BATCH,
    GAPS,
    KEEP,
    NOT_ZERO,
    FigureChange,
    Meaning,
    PlannedFigures,
)
from neighbourhoods.imports.services.import_kinds import PREVIEW_LINES_SHOWN, PreviewLine
from neighbourhoods.imports.services.tables import CountedPlan
from neighbourhoods.models import Figure, Source
from neighbourhoods.states import Gap

COLUMNS = 3
"""Number of figures per row that the preview shows with their old and new value."""


def mark(work: PlannedFigures, plan: CountedPlan) -> None:
    """Mark every figure with its change, and add the counts and the first values to `plan`."""
    years = sorted({year for _area, year in work.rows})
    told = ", ".join(map(str, years))
    where = {row: number for number, row in enumerate(work.rows)}
    sources = dict(Source.objects.values_list("pk", "name"))
    before: dict[tuple[int, int], str] = {}  # by row and column number, for the first of each
    for column, one in enumerate(work.meanings):
        one.marks = bytearray(FigureChange.SILENT if gap == KEEP else FigureChange.NEW for gap in one.gaps)
        for number, value, gap, source in _known(one, years, where):
            if number < PREVIEW_LINES_SHOWN and column < COLUMNS:
                before[number, column] = _in_words(value, gap)
            if _stays(one, number, value, gap, has_source=sources[source] == one.source.get("name")):
                one.marks[number] = FigureChange.UNCHANGED
                continue
            one.marks[number] = FigureChange.CHANGED
            if len(plan.changed) < PREVIEW_LINES_SHOWN:
                area = work.ours.areas[work.rows[number][0]]
                what = _becomes(one, number, value, gap)
                plan.changed.append(PreviewLine(str(area), indicators.called(one.indicator), what))
        counts = Counter(one.marks)
        for wanted, group in ((FigureChange.NEW, "new"), (FigureChange.UNCHANGED, "unchanged")):
            if count := counts[wanted]:
                plan.sums[group] += count
                words = ngettext("%(count)s figure", "%(count)s figures", count) % {"count": count}
                getattr(plan, group).append(PreviewLine(indicators.called(one.indicator), told, words))
        plan.sums["changed"] += counts[FigureChange.CHANGED]
    plan.extra["landing"] = [_landing(work, number, before) for number in range(len(work.names))]


def _landing(work: PlannedFigures, number: int, before: dict[tuple[int, int], str]) -> dict[str, Any]:
    """The area a row is stored under, with the old and new value of its first figures."""
    pk, _year = work.rows[number]
    fresh = work.fresh[-pk - 1] if pk < 0 else None
    area = None if fresh else work.ours.areas[pk]
    figures = [
        {
            "name": indicators.called(one.indicator),
            "before": before.get((number, column), ""),
            "after": _in_words(
                None if GAPS[one.gaps[number]] else one.values[number], GAPS[one.gaps[number]]
            ),
        }
        for column, one in enumerate(work.meanings[:COLUMNS])
        if one.gaps[number] != KEEP
    ]
    return {
        "row": work.names[number],
        "area": area.name if area else fresh.named.name if fresh else "",
        "kind": area.kind if area else fresh.kind if fresh else "",
        "is_new": fresh is not None,
        "figures": figures,
    }


def _known(
    one: Meaning, years: list[int], where: dict[tuple[int, int], int]
) -> Iterator[tuple[int, float | None, str, int]]:
    """Stored figures that the file says something about: row number, value, gap and source."""
    if one.indicator.pk is None:
        return
    there = Figure.objects.filter(indicator=one.indicator, year__in=years).order_by()
    rows = there.values_list("area", "year", "value", "gap", "source").iterator(chunk_size=BATCH)
    for area, year, value, gap, source in rows:
        number = where.get((area, year))
        if number is not None and one.gaps[number] != KEEP:
            yield number, value, gap, source


def _stays(one: Meaning, number: int, value: float | None, gap: str, *, has_source: bool) -> bool:
    """Unchanged: the same value from the same source, or an empty cell, which never removes a value."""
    new_value, new_gap = one.values[number], GAPS[one.gaps[number]]
    if new_gap == Gap.MISSING and new_value != NOT_ZERO and value is not None:
        return True
    return has_source and (gap == new_gap if new_gap else value == new_value)


def _becomes(one: Meaning, number: int, value: float | None, gap: str) -> str:
    new_gap = GAPS[one.gaps[number]]
    before, after = _in_words(value, gap), _in_words(None if new_gap else one.values[number], new_gap)
    return f"{before} → {after}" if before != after else _("another source")


def _in_words(value: float | None, gap: str) -> str:
    return f"{value:g}" if value is not None else str(Gap(gap).label)
