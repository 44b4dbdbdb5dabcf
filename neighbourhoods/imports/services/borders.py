"""Files with borders: areas of three levels, and what their border, code and name are in a year."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from neighbourhoods.areas import borders, years
from neighbourhoods.areas.borders import Note, Reading
from neighbourhoods.areas.features import Problem, Refused
from neighbourhoods.imports.services.border_comparing import ENDED, SAME, Comparison, Gone, compare
from neighbourhoods.imports.services.border_writing import Undo, Work
from neighbourhoods.imports.services.import_kinds import Kind, Line, Plan, Progress, Wrong, kind
from neighbourhoods.models import Area, AreaVersion, Import, Municipality
from neighbourhoods.states import AreaKind, ImportKind

MOST_CHOICES = 100

WORDS: dict[Problem, Any] = {
    Problem.TOO_BIG: gettext_lazy("What is in this ZIP is larger than %(detail)s MB."),
    Problem.NOT_TEXT: gettext_lazy(
        "This file is not readable as text (UTF-8), and it is no GeoPackage. Is it a file with borders?"
    ),
    Problem.NOT_JSON: gettext_lazy("This file is not readable as JSON. Is it whole? Line: %(detail)s"),
    Problem.NOT_A_COLLECTION: gettext_lazy("This is JSON, but no GeoJSON with areas (a FeatureCollection)."),
    Problem.NO_FEATURES: gettext_lazy("There are no areas in this file."),
    Problem.TOO_MANY_FEATURES: gettext_lazy("There are %(detail)s areas in this file; 50,000 is the most."),
    Problem.OTHER_CRS: gettext_lazy(
        "The coordinates in this file are in %(detail)s. Save it in the Dutch grid (EPSG:28992) or in degrees"
        " (EPSG:4326)."
    ),
    Problem.MORE_THAN_ONE: gettext_lazy("There are %(detail)s areas in this text; paste one."),
    Problem.NOT_A_GEOPACKAGE: gettext_lazy("This file can't be read as a GeoPackage. Is it whole?"),
    Problem.NO_LAYER: gettext_lazy("There is no table with areas in this GeoPackage."),
    Problem.NOTHING_IN_ZIP: gettext_lazy(
        "A ZIP must have one file with borders in it (GeoJSON or GeoPackage); here there are %(detail)s."
    ),
    Problem.BROKEN_ZIP: gettext_lazy("This ZIP can't be opened. Is it whole, and without a password?"),
    Problem.ONLY_WATER: gettext_lazy("There is only water in this file."),
    Problem.NOT_A_FEATURE: gettext_lazy("This is not a feature of GeoJSON."),
    Problem.NO_NAME: gettext_lazy("It has no name and no code (a property such as “naam”, “name” or “code”)."),
    Problem.NAME_TOO_LONG: gettext_lazy("Its name is longer than 120 signs."),
    Problem.CODE_TOO_LONG: gettext_lazy("Its code %(detail)s is longer than 12 signs."),
    Problem.DOUBLE_CODE: gettext_lazy("Its code stands at feature %(detail)s already."),
    Problem.DOUBLE_NAME: gettext_lazy("It is the same area as feature %(detail)s."),
    Problem.EMPTY: gettext_lazy("It has no border, or one without any surface."),
    Problem.NOT_AN_AREA: gettext_lazy("It is a %(detail)s; an area is a Polygon or MultiPolygon."),
    Problem.NOT_NUMBERS: gettext_lazy("Its coordinates are not pairs of numbers."),
    Problem.BROKEN_BORDER: gettext_lazy("Its border can't be read: it is cut off or damaged."),
    Problem.NOT_ON_EARTH: gettext_lazy(
        "Its coordinates (%(detail)s) are no degrees, and no metres of the Dutch grid."
    ),
    Problem.ANOTHER_CRS: gettext_lazy(
        "Its coordinates (%(detail)s) are of another kind than those of the other areas."
    ),
    Problem.TOO_MANY_POINTS: gettext_lazy("Its border has %(detail)s points; 200,000 is the most."),
    Problem.TOO_FEW_POINTS: gettext_lazy("Its border has only %(detail)s points; a closed one has at least four."),
    Problem.NOT_CLOSED: gettext_lazy("Its border is not closed: the last point is not the first."),
    Problem.SELF_CROSSING: gettext_lazy("Its border crosses itself, at %(detail)s."),
    Problem.OVERLAP: gettext_lazy("It lies over %(area)s: %(size)s (%(part)s %% of the smaller one)."),
}  # fmt: skip
NOTES: dict[Note, Any] = {
    Note.CONVERTED: gettext_lazy("The coordinates were brought from the Dutch grid (RD) to degrees."),
    Note.LIED_RD: gettext_lazy(
        "The file does not say so, but its coordinates are metres of the Dutch grid (RD). They were brought to"
        " degrees."
    ),
    Note.LIED_DEGREES: gettext_lazy(
        "The file says that it is in the Dutch grid (RD), but its coordinates are degrees. They were taken so."
    ),
    Note.SWAPPED: gettext_lazy("Longitude and latitude were swapped in this file. They were put right."),
    Note.MENDED: gettext_lazy(
        "Borders that touch themselves: %(detail)s. They were written in another way; the ground is the same."
    ),
}


def say(problem: Problem, detail: str = "") -> str:
    """The sentence for the reader."""
    if problem == Problem.OVERLAP:
        area, metres, part = detail.rsplit("|", 2)
        return str(WORDS[problem]) % {"area": area, "size": _size(int(metres)), "part": part}
    return str(WORDS[problem]) % {"detail": detail or "?"}


def _size(metres: int) -> str:
    return f"{metres} m²" if metres < 10_000 else f"{number_format(metres / 10_000, 1)} ha"


def check_year(year: int) -> None:
    if not years.is_within_reach(year, timezone.localdate()):
        raise DomainError(_("Choose the year of these borders, at most one year ahead."))


@kind(ImportKind.BORDERS)
class Borders(Kind):
    """Options: year, source, layers, municipality, and choices: what became of an area, by its id."""

    def unmatched(self, count: int) -> str:
        return _("not in this file")

    def stamp(self) -> str:
        rows: list[Any] = [Municipality.current().code]
        rows += Area.objects.order_by("pk").values_list("pk", "kind", "name", "parent", "ended_on")
        versions = AreaVersion.objects.order_by("pk").annotate(size=Length(Cast("boundary", TextField())))
        rows += versions.values_list("pk", "area", "year", "code", "name", "west", "north", "size")
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]

    def plan(self, content: bytes, options: dict[str, Any], progress: Progress) -> Plan:
        check_year(options["year"])
        ours = options.get("municipality") or Municipality.current().code
        try:
            reading = borders.read(content, layers=options.get("layers", ()), ours=ours, progress=progress)
        except Refused as refused:
            raise DomainError(say(refused.problem, refused.detail)) from refused
        plan = Plan(asks=reading.asks, notes=list(_notes(reading)))
        plan.wrong = [Wrong(one.number, one.name, say(one.problem, one.detail)) for one in reading.wrong]
        plan.extra = {
            "layers": reading.layers,
            "chosen": reading.chosen,
            "municipality": reading.municipalities,
            "ours": reading.ours,
            "gone": [],
        }
        if reading.asks:
            return plan
        found = compare(reading.areas, year=options["year"], choices=options.get("choices", {}))
        _fill(plan, found)
        if not plan.wrong:
            plan.work = Work(found, options, reading.ours)
            plan.extra["map"] = plan.work.map()
        return plan

    def write(self, plan: Plan, one: Import, progress: Progress) -> dict[str, Any]:
        return plan.work.write(progress)

    def put_back(self, record: dict[str, Any]) -> None:
        Undo(record).put_back()


def _notes(reading: Reading) -> Iterator[str]:
    for note, detail in reading.notes:
        yield str(NOTES[note]) % {"detail": detail}
    if reading.water:
        yield _("Water was left out: %(count)s areas.") % {"count": reading.water}
    if reading.elsewhere:
        yield _("Areas of another municipality were left out: %(count)s.") % {"count": reading.elsewhere}


def _fill(plan: Plan, found: Comparison) -> None:
    """What the preview says of each area."""
    for one in found.elsewhere:
        reason = _("Its code belongs to an area of another level already.")
        plan.wrong.append(Wrong(one.number, one.name, reason))
    for one, other in found.double:
        plan.wrong.append(Wrong(one.number, one.name, say(Problem.DOUBLE_NAME, str(other.number))))
    # What differs from the year before first; that a year is new is said of all the others.
    for row in sorted(found.rows, key=lambda row: not row.changes):
        group = plan.new if row.area is None else plan.changed if row.is_written else plan.unchanged
        what = row.what
        if row.area is None:
            what = _("not there any more") if row.ended else _level(row.found.kind)
        group.append(Line(row.found.name, row.found.code, what))
    for gone in found.gone:
        plan.unmatched.append(Line(gone.area.name, gone.code, _became(gone)))
        plan.extra["gone"].append(
            {
                "area": gone.area.pk,
                "name": gone.area.name,
                "code": gone.code,
                "into": [[row.found.name, row.found.code, round(share * 100)] for row, share in gone.into],
                "may_be": gone.may_be.found.name if gone.may_be else "",
                "chosen": gone.chosen,
            }
        )
    plan.unmatched += [Line(area.name, "", _("not in this file")) for area in found.absent]
    plan.extra["gone"] = plan.extra["gone"][:MOST_CHOICES]


def _level(level: str) -> str:
    """Most are neighbourhoods, which says nothing."""
    return "" if level == AreaKind.NEIGHBOURHOOD else str(AreaKind(level).label)


def _became(gone: Gone) -> str:
    into = ", ".join(f"{row.found.name} {share * 100:.0f} %" for row, share in gone.into)
    if gone.chosen == SAME:
        return _("is now called %(name)s") % {"name": gone.into[0][0].found.name}
    if gone.chosen == ENDED:
        return _("ends, and went into %(areas)s") % {"areas": into}
    return _("stays as it is; its ground is now %(areas)s") % {"areas": into}
