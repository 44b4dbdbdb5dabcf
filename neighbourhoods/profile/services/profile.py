"""The figures of one area beside those of the municipality and of similar areas. Reads only."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import Max, Q

from neighbourhoods.models import Area, AreaVersion, Figure, Indicator, Source, Succession
from neighbourhoods.profile.statistics import (
    PartialTotal,
    Similar,
    TrendPoint,
    WeightedValue,
    add_parts,
    comparable_run,
    is_another_place,
    nearest_areas,
    weighted_mean,
)
from neighbourhoods.states import AreaKind, Gap, Nature

RESIDENTS_INDICATOR = "residents"
"""The indicator of the population."""
FEW_PEOPLE_LIMIT = 100
"""With fewer people, one person is more than one per cent."""


@dataclass(frozen=True)
class YearFigure:
    """A figure of one year: its value, or why there is none."""

    year: int
    value: float | None = None
    gap: str = ""

    @property
    def why_not(self) -> str:
        return str(Gap(self.gap).label) if self.gap else ""


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator on the page. `newer` is a later year without a value; `made_of` tells how it was totalled."""

    indicator: Indicator
    here: YearFigure
    source: Source | None
    partial_total: PartialTotal | None = None
    newer: YearFigure | None = None
    municipality: float | None = None
    municipality_partial_total: PartialTotal | None = None
    alike: float | None = None
    similar_count: int = 0
    trend: list[TrendPoint] = field(default_factory=list)
    few_people: int | None = None

    @property
    def is_estimate(self) -> bool:
        return self.indicator.nature == Nature.ESTIMATE

    @property
    def decimals(self) -> int:
        """Decimals to show: none if this year's published values have none."""
        published = [value for value in (self.here.value, self.municipality) if value is not None]
        made = self.partial_total or self.municipality_partial_total
        is_whole = not made and published and all(float(value).is_integer() for value in published)
        return 0 if is_whole else self.indicator.decimals


@dataclass(frozen=True)
class Profile:
    """`similar` are the most similar areas; `compared_on` is the number of indicators used for that."""

    root: Area
    lines: list[IndicatorRow]
    similar: list[tuple[Area, Similar[int]]]
    compared_indicator_count: int

    @property
    def years(self) -> list[int]:
        return sorted({line.here.year for line in self.lines})

    @property
    def sources(self) -> list[Source]:
        return list({line.source.pk: line.source for line in self.lines if line.source}.values())

    @property
    def has_estimates(self) -> bool:
        return any(line.is_estimate and line.here.value is not None for line in self.lines)

    @property
    def has_totalled_municipality(self) -> bool:
        return any(line.municipality is not None and line.municipality_partial_total for line in self.lines)

    @property
    def municipality_missing(self) -> int:
        """The largest number of neighbourhoods missing from a figure of the municipality."""
        return max(
            (
                line.municipality_partial_total.missing
                for line in self.lines
                if line.municipality_partial_total
            ),
            default=0,
        )

    @property
    def few_people(self) -> int | None:
        return next((line.few_people for line in self.lines if line.few_people is not None), None)


def read_profile(area: Area) -> Profile:
    """The key figures of an area, in a fixed number of queries."""
    known = _ProfileData(area)
    similar = nearest_areas(area.pk, known.measured()) if area.pk in known.leaves else []
    alike = [one.key for one in similar]
    breaks = _breaks(area) if any(len(found) > 2 for found in known.own.values()) else set()
    lines = [line for one in known.indicators if (line := known.line(one, alike, breaks))]
    compared = sum(1 for one in known.indicators if one.nature != Nature.COUNT and one.pk in known.years)
    return Profile(known.root, lines, [(known.leaves[one.key], one) for one in similar], compared)


class _ProfileData:
    """The data of a profile: own figures of all years, and those of all areas in the years to compare."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self.root = area
        while self.root.parent:
            self.root = self.root.parent
        self.indicators = list(Indicator.objects.filter(is_key=True))
        leaves = Area.objects.leaves().existing().only("name", "slug", "parent")
        self.leaves = {one.pk: one for one in leaves}
        self.own: dict[int, list[Figure]] = defaultdict(list)
        own = Figure.objects.filter(area=area, indicator__in=self.indicators).select_related("source")
        for figure in own.order_by("-year"):
            self.own[figure.indicator_id].append(figure)
        self.years = self._years()
        self.values: dict[tuple[int, int], float | None] = {}
        self.sources: dict[int, Source] = {}
        if self.years:
            self._read()
        people = next((one.pk for one in self.indicators if one.slug == RESIDENTS_INDICATOR), 0)
        self.people = {leaf: self.values.get((people, leaf)) for leaf in self.leaves}

    def _years(self) -> dict[int, int]:
        """Per indicator the year of the area's own figure, else the last year in which neighbourhoods have a value."""
        years = {key: _newest_figures(found)[0].year for key, found in self.own.items()}
        lacking = [one.pk for one in self.indicators if one.pk not in years]
        if lacking:
            rows = Figure.objects.filter(indicator__in=lacking, area__in=self.leaves, value__isnull=False)
            last = rows.order_by().values_list("indicator").annotate(last=Max("year"))
            years |= dict(last.values_list("indicator", "last"))
        return years

    def _read(self) -> None:
        asked = Q()
        for indicator, year in self.years.items():
            asked |= Q(indicator=indicator, year=year)
        found = Figure.objects.filter(asked, area__in=[*self.leaves, self.root.pk]).order_by()
        rows = list(found.values_list("indicator", "area", "value", "source"))
        sources = Source.objects.in_bulk({row[3] for row in rows})
        for indicator, area, value, source in rows:
            self.values[indicator, area] = value
            self.sources[indicator] = sources[source]

    def measured(self) -> dict[int, dict[str, float]]:
        """The values that similarity is based on: shares, averages and estimates. Counts only tell the size of an
        area.
        """
        telling = [one for one in self.indicators if one.nature != Nature.COUNT]
        return {
            leaf: {
                one.slug: value for one in telling if (value := self.values.get((one.pk, leaf))) is not None
            }
            for leaf in self.leaves
        }

    def line(self, indicator: Indicator, alike: list[int], breaks: set[int]) -> IndicatorRow | None:
        """One row of the page; None if nothing is known of it here."""
        own = self.own[indicator.pk]
        here, newer = _newest_figures(own) if own else (None, None)
        made_of = None
        if self.area.kind != AreaKind.NEIGHBOURHOOD and (here is None or here.value is None):
            made_of = self._made_of(indicator, self._inside())
            if made_of.value is not None:
                here, newer = YearFigure(self.years[indicator.pk], made_of.value), None
        if here is None:
            return None
        municipality, municipality_made_of = self._municipality(indicator)
        theirs = [value for one in alike if (value := self.values.get((indicator.pk, one))) is not None]
        source = next((one.source for one in own if one.year == here.year), None)
        return IndicatorRow(
            indicator=indicator,
            here=here,
            newer=newer,
            partial_total=made_of,
            source=source or self.sources.get(indicator.pk),
            municipality=municipality,
            municipality_partial_total=municipality_made_of,
            alike=sum(theirs) / len(theirs) if theirs else None,
            similar_count=len(theirs),
            trend=_trend(indicator, own, breaks),
            few_people=_few_people(indicator, here, self.people.get(self.area.pk)),
        )

    def _inside(self) -> list[int]:
        everything = self.area.kind == AreaKind.MUNICIPALITY
        return [pk for pk, leaf in self.leaves.items() if everything or leaf.parent_id == self.area.pk]

    def _municipality(self, indicator: Indicator) -> tuple[float | None, PartialTotal | None]:
        """The municipality's own figure, else the total of its neighbourhoods."""
        if self.area == self.root:
            return None, None
        own = self.values.get((indicator.pk, self.root.pk))
        if own is not None:
            return own, None
        whole = self._made_of(indicator, list(self.leaves))
        return whole.value, whole

    def _made_of(self, indicator: Indicator, areas: list[int]) -> PartialTotal:
        parts = [WeightedValue(self.values.get((indicator.pk, one)), self.people.get(one)) for one in areas]
        return add_parts(parts) if indicator.nature == Nature.COUNT else weighted_mean(parts)


def _newest_figures(found: list[Figure]) -> tuple[YearFigure, YearFigure | None]:
    """The last year with a value (else the last year), and a later year without one. `found` is newest first."""
    last = YearFigure(found[0].year, found[0].value, found[0].gap)
    valued = next((one for one in found if one.value is not None), None)
    if valued is None or valued.year == last.year:
        return last, None
    return YearFigure(valued.year, valued.value), last


def _few_people(indicator: Indicator, known: YearFigure, people: float | None) -> int | None:
    """The number of people, if a share of so few says little; else None."""
    is_share = indicator.nature in (Nature.PERCENTAGE, Nature.ESTIMATE)
    if known.value is None or not is_share or people is None or people >= FEW_PEOPLE_LIMIT:
        return None
    return round(people)


def _trend(indicator: Indicator, found: list[Figure], breaks: set[int]) -> list[TrendPoint]:
    """A modelled estimate has no trend, because every year uses another model."""
    if indicator.nature == Nature.ESTIMATE:
        return []
    points = [TrendPoint(one.year, one.value, one.source_id) for one in found if one.value is not None]
    return comparable_run(points, breaks)


def _breaks(area: Area) -> set[int]:
    """The years in which the border of this area changed."""
    versions = AreaVersion.objects.filter(area=area, boundary__isnull=False).order_by("year")
    borders = [(one.year, one.drawing or {}) for one in versions]
    moved = {year for (_before, old), (year, new) in pairwise(borders) if is_another_place(old, new)}
    moved |= set(AreaVersion.objects.filter(area=area, is_recut=True).values_list("year", flat=True))
    return moved | set(Succession.objects.filter(after=area).values_list("year", flat=True))
