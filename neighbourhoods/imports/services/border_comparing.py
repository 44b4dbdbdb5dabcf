"""Compares the areas of a file with the known areas: which are the same, which are new, and what became of the rest."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from neighbourhoods.areas import coverage
from neighbourhoods.areas.borders import AreaInFile
from neighbourhoods.areas.services import DrawnBorder, borders_as_of, shapes_of
from neighbourhoods.models import Area, AreaVersion
from neighbourhoods.models.areas import BOX_FIELDS
from neighbourhoods.states import AreaKind

SAME_AREA_CHOICE, ENDED_CHOICE, UNCHANGED_CHOICE = "same", "ended", "leave"
MIN_COVERED_SHARE = 0.5
"""A known area missing from the file is reported only if this share of its surface lies in the file."""


@dataclass
class BorderRow:
    """One area of the file. `area` is None if it is new; `version` is None if it has no border of this year yet."""

    found: AreaInFile
    area: Area | None = None
    version: AreaVersion | None = None
    parent: "BorderRow | Area | None" = None
    changes: list[str] = field(default_factory=list)
    first_known_year: int | None = None  # the year of its first border, if this is it
    ended: bool = False  # it is from an earlier year and does not exist any more
    outline: BaseGeometry | None = None

    @property
    def is_written(self) -> bool:
        return self.area is None or bool(self.changes) or self.first_known_year is not None

    @property
    def what(self) -> str:
        first = (
            [_("first border of %(year)s") % {"year": self.first_known_year}] if self.first_known_year else []
        )
        return ", ".join([*self.changes, *first])


@dataclass
class MissingArea:
    """A known area missing from the file, whose ground is covered by areas in the file."""

    area: Area
    code: str
    into: list[tuple[BorderRow, float]]  # each with its share of the surface, largest first
    chosen: str
    may_be: BorderRow | None  # the new area that may be the same


@dataclass
class BorderComparison:
    rows: list[BorderRow] = field(default_factory=list)
    gone: list[MissingArea] = field(default_factory=list)
    absent: list[Area] = field(default_factory=list)  # known areas of which no ground is in the file
    successions: list[tuple[BorderRow, Area, float]] = field(
        default_factory=list
    )  # of areas of an earlier year
    # Pairs that match the same known area, and areas whose code belongs to an area of another level.
    double: list[tuple[AreaInFile, AreaInFile]] = field(default_factory=list)
    elsewhere: list[AreaInFile] = field(default_factory=list)

    def of(self, kind: str) -> list[BorderRow]:
        return [row for row in self.rows if row.found.kind == kind]


class KnownAreas:
    """The known areas, by code of any year and by name."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.areas = {area.pk: area for area in Area.objects.select_related("parent")}
        self.root = self.areas[Area.root().pk]
        self.codes: dict[int, str] = {}  # the last code of each area
        self._by_code: dict[str, Area] = {}
        self._ground: dict[str, tuple[int, BaseGeometry | None]] = {}  # code -> year and bounding box
        rows = AreaVersion.objects.exclude(code="").values_list("year", "code", "area_id", *BOX_FIELDS)
        # The same year takes precedence, then the latest: a code can be reused for another place.
        for of, code, pk, *sides in sorted(rows, key=lambda row: (row[0] == year, row[0])):
            self._by_code[code] = self.areas[pk]
            self._ground[code] = of, None if None in sides else shapely.box(*sides)
            self.codes[pk] = code
        self.versions = {
            version.area_id: version
            for version in AreaVersion.objects.filter(year=year).defer("boundary", "outline")
        }
        self.shapes = shapes_of(version.pk for version in self.versions.values())
        names = Counter((area.kind, area.name.casefold()) for area in self.areas.values())
        self._by_name = {
            key: area for area in self.areas.values() if names[key := (area.kind, area.name.casefold())] == 1
        }

    def of_code(self, code: str) -> Area | None:
        return self._by_code.get(code)

    def area_of(self, found: AreaInFile) -> Area | None:
        """The known area that is the same as this one of the file."""
        if found.kind == AreaKind.MUNICIPALITY:
            return self.root
        if found.code and (area := self.of_code(found.code)) and not self._is_elsewhere(found):
            return area
        named = self._by_name.get((found.kind, found.name.casefold()))
        return named if named and not (found.code and named.pk in self.codes) else None

    def _is_elsewhere(self, found: AreaInFile) -> bool:
        """Whether the code was reused for another place: it lies nowhere near its place in another year."""
        year, ground = self._ground[found.code]
        return year != self.year and ground is not None and not ground.intersects(shapely.box(*found.box))


def compare_borders(areas: list[AreaInFile], *, year: int, choices: dict[str, str]) -> BorderComparison:
    known = KnownAreas(year)
    made = BorderComparison()
    taken: dict[int, AreaInFile] = {}
    for found in areas:
        area = known.area_of(found)
        if area and area.kind != found.kind:
            made.elsewhere.append(found)
        elif area and area.pk in taken:
            made.double.append((found, taken[area.pk]))
        else:
            if area:
                taken[area.pk] = found
            made.rows.append(BorderRow(found, area))
    for level in (AreaKind.DISTRICT, AreaKind.NEIGHBOURHOOD):
        _match_by_surface(made, known, level, set(taken), choices)
    _find_parents(made, known)
    for row in made.rows:
        _find_changes(row, known)
    return made


# --- merged, split, renamed, renumbered ----------------------------------------------------------


def _match_by_surface(
    made: BorderComparison, known: KnownAreas, kind: str, taken: set[int], choices: dict[str, str]
) -> None:
    """Match areas by their surface when neither code nor name matches."""
    rows = made.of(kind)
    rest = {pk: area for pk, area in known.areas.items() if area.kind == kind and pk not in taken}
    if not rows or not rest:
        return
    drawn = borders_as_of(known.year, without=taken, area__kind=kind)
    made.absent += [area for pk, area in rest.items() if pk not in {one.area for one in drawn}]
    later = [one for one in drawn if one.year > known.year]
    _find_missing_areas(made, known, rows, [one for one in drawn if one.year <= known.year], choices)
    _find_what_was(made, known, rows, later)


def _find_missing_areas(
    made: BorderComparison,
    known: KnownAreas,
    rows: list[BorderRow],
    drawn: list[DrawnBorder],
    choices: dict[str, str],
) -> None:
    """Areas of an earlier year (or of this one) that are missing from the file."""
    found = coverage.succession_shares(_array(drawn), coverage.as_array([row.found.shape for row in rows]))
    went: dict[int, list[coverage.SuccessionShare]] = defaultdict(list)
    for part in found:
        if part.of_before >= coverage.MIN_SUCCESSION_SHARE:
            went[part.before].append(part)
    claimed: set[int] = set()
    for index, one in enumerate(drawn):
        area, its = known.areas[one.area], went[index]
        if area.is_ended:
            continue
        if sum(part.of_before for part in its) < MIN_COVERED_SHARE:
            made.absent.append(area)
            continue
        into = [(rows[part.after], part.of_before) for part in its]
        best = rows[its[0].after]
        may_be = best if best.area is None else None
        chosen = choices.get(str(area.pk), SAME_AREA_CHOICE if may_be and its[0].is_same else ENDED_CHOICE)
        if chosen == SAME_AREA_CHOICE and (may_be is None or its[0].after in claimed):
            chosen = UNCHANGED_CHOICE
        if chosen == SAME_AREA_CHOICE:
            claimed.add(its[0].after)
        made.gone.append(MissingArea(area, known.codes.get(area.pk, ""), into, chosen, may_be))
    for gone in made.gone:
        if gone.chosen == SAME_AREA_CHOICE and gone.may_be:
            gone.may_be.area = gone.area


def _find_what_was(
    made: BorderComparison, known: KnownAreas, rows: list[BorderRow], drawn: list[DrawnBorder]
) -> None:
    """In a file of an earlier year, a new area existed before, and became a known one."""
    fresh = [row for row in rows if row.area is None]
    if not fresh or not drawn:
        return
    taken: set[int] = set()
    for part in coverage.succession_shares(
        coverage.as_array([row.found.shape for row in fresh]), _array(drawn)
    ):
        row, area = fresh[part.before], known.areas[drawn[part.after].area]
        if part.is_same and area.pk not in taken:
            taken.add(area.pk)
            row.area = area
    matched = [
        one for one in borders_as_of(known.year, area__kind=rows[0].found.kind) if one.year > known.year
    ]
    fresh = [row for row in fresh if row.area is None]
    for part in coverage.succession_shares(
        coverage.as_array([row.found.shape for row in fresh]), _array(matched)
    ):
        if part.of_before >= coverage.MIN_SUCCESSION_SHARE:
            row = fresh[part.before]
            row.ended = True
            made.successions.append((row, known.areas[matched[part.after].area], part.of_before))


def _array(drawn: list[DrawnBorder]) -> coverage.ShapeArray:
    return coverage.as_array([one.shape for one in drawn])


# --- where they lie, and what changes ---------------------------------------------------------------


def _find_parents(made: BorderComparison, known: KnownAreas) -> None:
    """A neighbourhood lies in the district of its code, if there is one; else its parent stays."""
    districts: dict[str, BorderRow] = {
        row.found.code: row for row in made.of(AreaKind.DISTRICT) if row.found.code
    }
    for row in made.rows:
        if row.found.kind == AreaKind.MUNICIPALITY:
            continue
        above: BorderRow | Area | None = known.root
        if row.found.kind == AreaKind.NEIGHBOURHOOD:
            above = districts.get(row.found.parent)
            if above is None:
                named = known.of_code(row.found.parent) if row.found.parent else None
                above = named if named and named.kind == AreaKind.DISTRICT else None
        if above is None:
            above = row.area.parent if row.area else known.root
        row.parent = above.area or above if isinstance(above, BorderRow) else above


def _find_changes(row: BorderRow, known: KnownAreas) -> None:
    if row.area is None:
        return
    row.version = known.versions.get(row.area.pk)
    row.changes = list(_changes(row, known))


def _changes(row: BorderRow, known: KnownAreas) -> Iterator[str]:
    found, area, version = row.found, row.area, row.version
    if version is None or version.pk not in known.shapes:
        row.first_known_year = known.year
    elif not shapely.equals_exact(known.shapes[version.pk], found.shape, tolerance=1e-9):
        yield _("another border")
    if version is None:
        before, code = area.name if area else "", known.codes.get(area.pk, "") if area else ""
    else:
        before, code = version.name, version.code
    if before != found.name and found.kind != AreaKind.MUNICIPALITY:
        yield _("was called %(name)s") % {"name": before}
    if found.code and code and code != found.code:
        yield _("had code %(code)s") % {"code": code}
    elif found.code and version is not None and not code:
        yield _("gets code %(code)s") % {"code": found.code}
    above = (
        row.parent.found.name if isinstance(row.parent, BorderRow) else row.parent.name if row.parent else ""
    )
    if area and row.parent != area.parent:
        yield _("now lies in %(area)s") % {"area": above}
