"""Areas from a file with borders: read, previewed, and written all at once or not at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Event, User
from neighbourhoods import geojson
from neighbourhoods.errors import DomainError, InvalidTransition
from neighbourhoods.geojson import Found, Problem, Refused
from neighbourhoods.models import Area, AreaImport, AreaVersion
from neighbourhoods.services.areas import FreeSlugs
from neighbourhoods.services.memberships import one_at_a_time
from neighbourhoods.states import AreaKind, ImportState

KEPT = timedelta(days=1)
FIRST_YEAR = 1990

WORDS: dict[Problem, Any] = {
    Problem.TOO_BIG: gettext_lazy("This file is larger than 20 MB. Cut it in parts, or leave out what is not needed."),
    Problem.NOT_TEXT: gettext_lazy("This file is not readable as text (UTF-8). Is it a GeoJSON file?"),
    Problem.NOT_JSON: gettext_lazy("This file is not readable as JSON. Is it whole? Line: %(detail)s"),
    Problem.NOT_A_COLLECTION: gettext_lazy("This is JSON, but no GeoJSON with areas (a FeatureCollection)."),
    Problem.NO_FEATURES: gettext_lazy("There are no areas in this file."),
    Problem.TOO_MANY_FEATURES: gettext_lazy("There are %(detail)s areas in this file; 20,000 is the most."),
    Problem.OTHER_CRS: gettext_lazy(
        "The coordinates in this file are in %(detail)s. Save it as WGS84 (EPSG:4326), in degrees."
    ),
    Problem.MORE_THAN_ONE: gettext_lazy("There are %(detail)s areas in this text; paste one."),
    Problem.NOT_A_FEATURE: gettext_lazy("This is not a feature of GeoJSON."),
    Problem.NO_NAME: gettext_lazy("It has no name and no code (a property such as “naam”, “name” or “code”)."),
    Problem.NAME_TOO_LONG: gettext_lazy("Its name is longer than 120 signs."),
    Problem.CODE_TOO_LONG: gettext_lazy("Its code %(detail)s is longer than 12 signs."),
    Problem.DOUBLE_CODE: gettext_lazy("Its code stands at feature %(detail)s already."),
    Problem.DOUBLE_NAME: gettext_lazy("It is the same area as feature %(detail)s."),
    Problem.EMPTY: gettext_lazy("It has no border, or one without any surface."),
    Problem.NOT_AN_AREA: gettext_lazy("It is a %(detail)s; an area is a Polygon or MultiPolygon."),
    Problem.NOT_NUMBERS: gettext_lazy("Its coordinates are not pairs of numbers."),
    Problem.RD_METRES: gettext_lazy(
        "Its coordinates (%(detail)s) are metres of the Dutch grid (RD). Save the file as WGS84, in degrees."
    ),
    Problem.NOT_ON_EARTH: gettext_lazy("Its coordinates (%(detail)s) are no degrees of longitude and latitude."),
    Problem.SWAPPED: gettext_lazy("Longitude and latitude seem to be swapped: it lies far from here."),
    Problem.TOO_MANY_POINTS: gettext_lazy("Its border has %(detail)s points; 100,000 is the most."),
    Problem.TOO_FEW_POINTS: gettext_lazy("Its border has only %(detail)s points; a closed one has at least four."),
    Problem.NOT_CLOSED: gettext_lazy("Its border is not closed: the last point is not the first."),
    Problem.SELF_CROSSING: gettext_lazy("Its border crosses itself, at %(detail)s."),
}  # fmt: skip


def say(problem: Problem, detail: str = "") -> str:
    """The sentence for the reader."""
    return str(WORDS[problem]) % {"detail": detail or "?"}


@dataclass(frozen=True)
class Row:
    """One area of the file against what is known. `area` is None when it is new."""

    found: Found
    area: Area | None
    version: AreaVersion | None
    what: str = ""


@dataclass(frozen=True)
class WrongRow:
    number: int
    name: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What an import would do. Nothing is written while anything is wrong."""

    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    wrong: list[WrongRow] = field(default_factory=list)

    @property
    def sums(self) -> str:
        """Compared when carried out: does it still do what was shown?"""
        return f"{len(self.new)}-{len(self.changed)}-{len(self.unchanged)}-{len(self.wrong)}"


# --- what it would do -------------------------------------------------------------------------


def plan_import(text: str, *, year: int) -> Plan:
    """Compare a file with what is known. Raises DomainError when the file as a whole can't be read."""
    try:
        reading = geojson.read(text)
    except Refused as refused:
        raise DomainError(say(refused.problem, refused.detail)) from refused
    known = _Known(year)
    plan = Plan(wrong=[WrongRow(one.number, one.name, say(one.problem, one.detail)) for one in reading.wrong])
    taken: dict[int, int] = {}
    for found in reading.areas:
        area = known.area_of(found)
        if found.code in known.elsewhere:
            reason = _("Its code belongs to a district or to the municipality already.")
            plan.wrong.append(WrongRow(found.number, found.name, reason))
        elif area is None:
            plan.new.append(Row(found, None, None))
        elif area.pk in taken:
            reason = say(Problem.DOUBLE_NAME, str(taken[area.pk]))
            plan.wrong.append(WrongRow(found.number, found.name, reason))
        else:
            taken[area.pk] = found.number
            row = known.compare(found, area)
            (plan.changed if row.what else plan.unchanged).append(row)
    return plan


class _Known:
    """The areas there are: by code of any year, and by name for those without a code."""

    def __init__(self, year: int) -> None:
        self.year = year
        areas = {area.pk: area for area in Area.objects.leaves()}
        self._by_code: dict[str, Area] = {}
        coded = set()
        self.elsewhere: set[str] = set()  # codes of this year that a district or the municipality has
        rows = list(AreaVersion.objects.exclude(code="").values_list("year", "code", "area_id"))
        # The same year counts most, then the latest: a code can be given to another place later on.
        for other_year, code, pk in sorted(rows, key=lambda row: (row[0] == year, row[0])):
            if pk in areas:
                self._by_code[code] = areas[pk]
                coded.add(pk)
            elif other_year == year:
                self.elsewhere.add(code)
        self._by_name = {area.name.casefold(): area for area in areas.values()}
        self._uncoded = {name: area for name, area in self._by_name.items() if area.pk not in coded}
        self._versions = {version.area_id: version for version in AreaVersion.objects.filter(year=year)}

    def area_of(self, found: Found) -> Area | None:
        name = found.name.casefold()
        if not found.code:
            return self._by_name.get(name)
        return self._by_code.get(found.code) or self._uncoded.get(name)

    def compare(self, found: Found, area: Area) -> Row:
        version = self._versions.get(area.pk)
        if version is None:
            return Row(found, area, None, _("first border of %(year)s") % {"year": self.year})
        changes = []
        if version.name != found.name:
            changes.append(_("was called %(name)s") % {"name": version.name})
        if found.code and version.code != found.code:
            changes.append(_("had code %(code)s") % {"code": version.code or "–"})
        if version.boundary != found.geometry:
            changes.append(_("another border"))
        return Row(found, area, version, ", ".join(changes))


# --- doing it ---------------------------------------------------------------------------------


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= timezone.localdate().year + 1:
        raise DomainError(_("Choose the year of these borders, at most one year ahead."))


@transaction.atomic
def preview_import(*, content: bytes, file_name: str, year: int, source: str, by: User) -> AreaImport:
    """Keep a readable file until somebody decides. Raises DomainError when it can't be read at all."""
    _check_year(year)
    try:
        text = geojson.decode(content)
    except Refused as refused:
        raise DomainError(say(refused.problem)) from refused
    plan_import(text, year=year)
    now = timezone.now()
    stale = AreaImport.objects.waiting().filter(created_at__lt=now - KEPT)
    mine = AreaImport.objects.waiting().filter(created_by=by)
    (stale | mine).update(state=ImportState.DROPPED, decided_at=now, content="")
    return AreaImport.objects.create(
        file_name=_short(file_name), year=year, source=source, content=text, created_by=by
    )


@transaction.atomic
def carry_out(*, area_import: AreaImport, by: User, seen: str) -> Plan:
    """Write what the preview showed; `seen` are the sums that were on the screen."""
    one_at_a_time()
    text = AreaImport.objects.waiting().filter(pk=area_import.pk).values_list("content", flat=True).first()
    if text is None:
        raise InvalidTransition(_("This import was carried out or dropped already."))
    plan = plan_import(text, year=area_import.year)
    if plan.sums != seen:
        raise DomainError(_("Something changed since you looked. Check the preview again."))
    _write(plan, year=area_import.year, source=area_import.source)
    AreaImport.objects.filter(pk=area_import.pk).update(
        state=ImportState.APPLIED, decided_at=timezone.now(), content=""
    )
    _log(plan, area_import, by)
    return plan


@transaction.atomic
def drop_import(*, area_import: AreaImport, by: User) -> None:
    changed = (
        AreaImport.objects.waiting()
        .filter(pk=area_import.pk)
        .update(state=ImportState.DROPPED, decided_at=timezone.now(), content="")
    )
    if not changed:
        raise InvalidTransition(_("This import was carried out or dropped already."))
    Event.log("dropped import", area_import, by=by)


@transaction.atomic
def import_areas(
    *, content: bytes, file_name: str, year: int, source: str = "", by: User | None = None
) -> Plan:
    """Read and write in one go, for the command. With anything wrong nothing is written; the plan says what."""
    _check_year(year)
    one_at_a_time()
    try:
        text = geojson.decode(content)
    except Refused as refused:
        raise DomainError(say(refused.problem)) from refused
    plan = plan_import(text, year=year)
    if not plan.wrong:
        _write(plan, year=year, source=source)
        done = AreaImport.objects.create(
            file_name=_short(file_name),
            year=year,
            source=source,
            created_by=by,
            state=ImportState.APPLIED,
            decided_at=timezone.now(),
        )
        _log(plan, done, by)
    return plan


def _short(file_name: str) -> str:
    return "".join(sign for sign in file_name if sign.isprintable())[-120:]


def _log(plan: Plan, area_import: AreaImport, by: User | None) -> None:
    note = f"{area_import.file_name} {area_import.year}: {len(plan.new)} new, {len(plan.changed)} changed"
    Event.log("imported areas", area_import, by=by, note=note)


def _write(plan: Plan, *, year: int, source: str) -> None:
    if plan.wrong:
        raise DomainError(
            ngettext(
                "%(count)s area is wrong, so nothing was written.",
                "%(count)s areas are wrong, so nothing was written.",
                len(plan.wrong),
            )
            % {"count": len(plan.wrong)}
        )
    root, slugs = Area.root(), FreeSlugs()
    fresh = Area.objects.bulk_create(
        Area(kind=AreaKind.NEIGHBOURHOOD, name=row.found.name, slug=slugs.take(row.found.name), parent=root)
        for row in plan.new
    )
    pairs = [(area, row.found) for area, row in zip(fresh, plan.new, strict=True)]
    pairs += [(row.area, row.found) for row in plan.changed if row.area and row.version is None]
    AreaVersion.objects.bulk_create(_versions(pairs, year=year, source=source), batch_size=500)
    again = [row for row in plan.changed if row.version]
    for row in again:
        _fill(row.version, row.found, source)
    AreaVersion.objects.bulk_update(
        [row.version for row in again if row.version],
        ["code", "name", "boundary", "west", "south", "east", "north", "source"],
        batch_size=200,
    )
    _rename(plan.changed, year)


def _versions(pairs: Iterable[tuple[Area, Found]], *, year: int, source: str) -> Iterator[AreaVersion]:
    for area, found in pairs:
        version = AreaVersion(area=area, year=year)
        _fill(version, found, source)
        yield version


def _fill(version: AreaVersion | None, found: Found, source: str) -> None:
    if version is None:
        return
    version.name, version.source, version.boundary = found.name, source, found.geometry
    version.code = found.code or version.code
    version.west, version.south, version.east, version.north = found.box


def _rename(rows: list[Row], year: int) -> None:
    """An area bears the name of its last year."""
    later = set(AreaVersion.objects.filter(year__gt=year).values_list("area_id", flat=True))
    renamed = []
    for row in rows:
        if row.area and row.area.pk not in later and row.area.name != row.found.name:
            row.area.name = row.found.name
            renamed.append(row.area)
    Area.objects.bulk_update(renamed, ["name"], batch_size=500)
