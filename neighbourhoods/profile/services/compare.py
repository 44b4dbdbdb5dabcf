"""Compares areas: figures, and counts from apps above, in one query per kind.

A column is named in the URL by the slug of an indicator, or by "our:" and the slug of a registered column.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Case, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.advice.services import area_sources
from neighbourhoods.models import Area, AreaVersion, Figure, Indicator
from neighbourhoods.profile.services.profile import RESIDENTS_INDICATOR
from neighbourhoods.profile.statistics import (
    MapClasses,
    WeightedValue,
    add_parts,
    make_map_classes,
    weighted_mean,
)
from neighbourhoods.registries import AreaCount, Measure
from neighbourhoods.states import SCORE_NATURES, AreaKind, Gap, Nature

COUNT_KEY_PREFIX = "our:"
MAX_COMPARED_COLUMNS = 12
"""More columns are unreadable."""
DEFAULT_COLUMN_COUNT = 6
TOO_FEW_GAP = "few"


SHORT_GAP_TEXTS = {
    Gap.MISSING: _("not known"),
    Gap.SECRET: _("secret"),
    Gap.LATER: _("not yet"),
    Gap.ENDED: _("ended"),
}
# Explains the short word under the table; the label would only repeat it.
FULL_GAP_TEXTS = {Gap.SECRET: _("too few people to show"), Gap.LATER: _("not published yet")}


@dataclass(frozen=True)
class FigureCell:
    """A value, or why there is none; `missing` is the number of parts left out of a total."""

    value: float | None = None
    gap: str = ""
    missing: int = 0

    @property
    def why_not(self) -> str:
        if self.gap == TOO_FEW_GAP:
            return gettext("too few")
        return str(Gap(self.gap).label) if self.gap else gettext("no figure")

    @property
    def short_gap_text(self) -> str:
        """The reason in one word, for a table that explains the words below it."""
        return str(SHORT_GAP_TEXTS[Gap(self.gap)]) if self.gap in Gap.values else self.why_not


EMPTY_CELL = FigureCell()


@dataclass(frozen=True)
class Heading:
    """A column: its name, unit, year, source and scale."""

    key: str
    name: dict[str, str] | str
    unit: str = ""
    decimals: int = 0
    year: int | None = None
    source: str = ""
    is_estimate: bool = False
    scale: dict[str, str] = field(default_factory=dict)  # what a high value means, for a score without a unit


@dataclass(frozen=True)
class AreaRow:
    area: Area
    cells: Mapping[str, FigureCell]


@dataclass
class AreaComparison:
    """`rows` are in the order of the list of areas; sort with `sorted_by`."""

    headings: list[Heading]
    rows: list[AreaRow] = field(default_factory=list)

    def heading(self, key: str) -> Heading | None:
        return next((one for one in self.headings if one.key == key), None)

    def values(self, key: str) -> list[float | None]:
        return [row.cells.get(key, EMPTY_CELL).value for row in self.rows]

    @property
    def gaps(self) -> list[tuple[str, str]]:
        """The short words for gaps in this table, with their meaning."""
        found = {cell.gap for row in self.rows for cell in row.cells.values()}
        return [
            (str(SHORT_GAP_TEXTS[gap]), str(FULL_GAP_TEXTS.get(gap, gap.label)))
            for gap in Gap
            if gap in found
        ]

    @property
    def has_partial_totals(self) -> bool:
        return any(cell.missing for row in self.rows for cell in row.cells.values())

    def sorted_by(self, key: str, *, down: bool) -> list[AreaRow]:
        """Sorted by name or by a column; rows without a value come last in both directions."""
        if self.heading(key) is None:
            return sorted(self.rows, key=lambda row: row.area.name.casefold(), reverse=down)
        known = [row for row in self.rows if row.cells.get(key, EMPTY_CELL).value is not None]
        known.sort(key=lambda row: row.area.name.casefold())
        known.sort(key=lambda row: row.cells[key].value or 0, reverse=down)
        return known + [row for row in self.rows if row.cells.get(key, EMPTY_CELL).value is None]


def areas_to_compare(user: User, level: str, *, drawn: bool) -> list[Area]:
    """Visible areas of one level, and the neighbourhoods.

    With `drawn`, each has `outline`, the text of its GeoJSON, so that a map in the cache needs no parsing.
    """
    kinds = {level, AreaKind.NEIGHBOURHOOD}
    found = Area.objects.visible_to(user).existing().filter(kind__in=kinds).select_related("parent")
    if drawn:
        versions = AreaVersion.objects.filter(area=OuterRef("pk"), boundary__isnull=False).order_by("-year")
        outline = versions.values(drawn=Cast(Coalesce("outline", "boundary"), TextField()))[:1]
        found = found.annotate(outline=Subquery(outline))
    return list(found)


def comparison_choices(areas: list[Area]) -> list[Heading]:
    """Everything that can be compared, as headings without a year."""
    indicators = [
        Heading(one.slug, one.name, one.unit, one.decimals, is_estimate=one.nature == Nature.ESTIMATE)
        for one in Indicator.objects.all()
    ]
    return [*indicators, *(_heading(column) for column in count_columns([area.pk for area in areas]))]


def count_columns(areas: list[int]) -> list[AreaCount]:
    """The counts that apps above offer; nothing is counted yet."""
    return [column for source in area_sources for column in source.figures(areas)]


def compare_area_figures(areas: list[Area], level: str, keys: Iterable[str] = ()) -> AreaComparison:
    """The chosen columns for every area of the level; by default the first key figures."""
    chosen = list(dict.fromkeys(keys))[:MAX_COMPARED_COLUMNS]
    shown = [area for area in areas if area.kind == level]
    everywhere = [area.pk for area in areas]
    inside: dict[int, list[int]] = defaultdict(list)
    for area in areas:
        if area.parent_id:
            inside[area.parent_id].append(area.pk)
    ours = {COUNT_KEY_PREFIX + column.slug: column for column in count_columns(everywhere)}
    asked = [ours[key] for key in chosen if key in ours]
    needs_people = level != AreaKind.NEIGHBOURHOOD or any(
        column.measure == Measure.PER_THOUSAND for column in asked
    )
    figures = _figures(everywhere, [key for key in chosen if key not in ours], bool(chosen), needs_people)
    if not chosen:
        chosen = [key for key, found in figures.items() if found.is_default]
        asked = [] if chosen else list(ours.values())
        chosen = chosen or list(ours)
    people = {
        area: cell.value for area, cell in _cells_of(figures, RESIDENTS_INDICATOR).items() if cell.value
    }
    made: dict[str, Heading] = {key: figures[key].heading for key in chosen if key in figures}
    cells: dict[str, dict[int, FigureCell]] = {
        key: {area.pk: _figure(figures[key], area.pk, inside[area.pk], people) for area in shown}
        for key in made
    }
    for column in asked:
        heading, counted = _heading(column), column.read()
        made[heading.key] = heading
        cells[heading.key] = {
            area.pk: _count_cell(column, [area.pk, *inside[area.pk]], counted, people) for area in shown
        }
    headings = [_without_false_precision(made[key], cells[key].values()) for key in chosen if key in made]
    return AreaComparison(
        headings, [AreaRow(area, {one.key: cells[one.key][area.pk] for one in headings}) for area in shown]
    )


def _without_false_precision(heading: Heading, cells: Iterable[FigureCell]) -> Heading:
    """Without decimals if no value has any, so that nothing looks more precise than it was published."""
    if heading.decimals and all(cell.value is None or float(cell.value).is_integer() for cell in cells):
        return replace(heading, decimals=0)
    return heading


@dataclass(frozen=True)
class AreaPageMap:
    """The map on an area page: a question, the classes, and each area with its cell, highest first."""

    question: str
    heading: Heading
    classes: MapClasses
    rows: list[tuple[Area, FigureCell]]
    shades: Mapping[str, int]


def area_page_map(areas: list[Area]) -> AreaPageMap | None:
    """The first registered column with a question, over these areas; None if no value is known."""
    everywhere = [area.pk for area in areas]
    column = next((one for one in count_columns(everywhere) if one.question), None)
    if column is None:
        return None
    counted = column.read()
    cells = {area: _count_cell(column, [area.pk], counted, {}) for area in areas}
    heading = _heading(column)
    made = make_map_classes(
        (cell.value for cell in cells.values()), decimals=heading.decimals, unit=heading.unit
    )
    if not made.all:
        return None
    rows = sorted(cells.items(), key=lambda pair: (-(pair[1].value or -1), pair[0].name.casefold()))
    shades = {area.slug: found.shade for area, cell in rows if (found := made.of(cell.value))}
    return AreaPageMap(column.question, heading, made, rows, shades)


def _heading(column: AreaCount) -> Heading:
    per = {Measure.COUNT: ("", 0), Measure.SHARE: ("%", 0), Measure.PER_THOUSAND: ("", 1)}
    unit, decimals = per[column.measure]
    return Heading(COUNT_KEY_PREFIX + column.slug, column.name, unit, decimals)


# --- figures ----------------------------------------------------------------------------------


@dataclass
class _IndicatorCells:
    heading: Heading
    nature: str
    is_default: bool
    cells: dict[int, FigureCell] = field(default_factory=dict)


def _figures(
    areas: list[int], slugs: list[str], chosen: bool, needs_people: bool
) -> dict[str, _IndicatorCells]:
    """Per indicator its heading and its cells, of the last year with any value. One query."""
    default = Indicator.objects.filter(is_key=True).values("pk")[:DEFAULT_COLUMN_COUNT]
    wanted = Q(indicator__slug__in=slugs) if chosen else Q(indicator__in=default)
    if needs_people:
        wanted |= Q(indicator__slug=RESIDENTS_INDICATOR)
    scores = Q(indicator__unit="", indicator__nature__in=SCORE_NATURES)
    rows = (
        Figure.objects.filter(wanted, area__in=areas)
        .of_last_year()
        .order_by("indicator__order", "indicator__slug")
        .values_list(
            # As text: the name is the same in every row and is parsed once.
            "indicator__slug", Cast("indicator__name", TextField()), "indicator__unit", "indicator__decimals",
            "indicator__nature", "indicator__is_key", "year", "source__name", "area", "value", "gap",
            # For scores only: without a unit their values mean nothing without the explanation.
            Case(
                When(scores, then=Cast("indicator__explanation", TextField())),
                default=Value("{}"), output_field=TextField(),
            ),
        )
    )  # fmt: skip
    found: dict[str, _IndicatorCells] = {}
    for slug, name, unit, decimals, nature, is_key, year, source, area, value, gap, scale in rows:
        if slug not in found:
            heading = Heading(
                slug,
                json.loads(name),
                unit,
                decimals,
                year,
                source,
                nature == Nature.ESTIMATE,
                json.loads(scale),
            )
            found[slug] = _IndicatorCells(heading, nature, is_key)
        found[slug].cells[area] = FigureCell(value, gap)
    return found


def _cells_of(figures: Mapping[str, _IndicatorCells], slug: str) -> Mapping[int, FigureCell]:
    return figures[slug].cells if slug in figures else {}


def _figure(found: _IndicatorCells, area: int, inside: list[int], people: Mapping[int, float]) -> FigureCell:
    """The area's own figure, else the total of the areas inside."""
    own = found.cells.get(area, EMPTY_CELL)
    if own.value is not None or not inside:
        return own
    parts = [WeightedValue(found.cells.get(one, EMPTY_CELL).value, people.get(one)) for one in inside]
    whole = add_parts(parts) if found.nature == Nature.COUNT else weighted_mean(parts)
    return own if whole.value is None else FigureCell(whole.value, missing=whole.missing)


# --- counts of apps above ---------------------------------------------------------------------


def _count_cell(
    column: AreaCount,
    areas: list[int],
    counted: Mapping[int, tuple[float, float]],
    people: Mapping[int, float],
) -> FigureCell:
    pairs = [counted[area] for area in areas if area in counted]
    part, whole = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    if 0 < part < column.least:
        return FigureCell(gap=TOO_FEW_GAP)
    if column.measure == Measure.COUNT:
        return FigureCell(part)
    if column.measure == Measure.PER_THOUSAND:
        whole = sum(people.get(area, 0) for area in areas)
        return FigureCell(1000 * part / whole) if whole else EMPTY_CELL
    return FigureCell(100 * part / whole) if whole else EMPTY_CELL
