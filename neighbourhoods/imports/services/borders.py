"""Import of files with borders: areas of three levels, with their border, code and name in a year."""

from collections.abc import Iterator
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.revision import revision_of_rows
from neighbourhoods.areas import borders, maps
from neighbourhoods.areas.borders import BorderCorrection, BorderReading, ProgressCallback
from neighbourhoods.areas.features import BorderFileError, BorderProblem
from neighbourhoods.imports.services.border_comparing import (
    ENDED_CHOICE,
    SAME_AREA_CHOICE,
    BorderComparison,
    MissingArea,
    compare_borders,
)
from neighbourhoods.imports.services.border_writing import BorderRestorer, BorderWriter
from neighbourhoods.imports.services.import_kinds import (
    FileImporter,
    ImportPlan,
    PreviewLine,
    RowError,
    register_importer,
)
from neighbourhoods.models import Area, AreaVersion, Import, Municipality
from neighbourhoods.states import AreaKind, ImportKind

MOST_CHOICES = 100

BORDER_PROBLEM_TEXTS: dict[BorderProblem, Any] = {
    BorderProblem.TOO_BIG: gettext_lazy("What is in this ZIP is larger than %(detail)s MB."),
    BorderProblem.NOT_TEXT: gettext_lazy(
        "This file is not readable as text (UTF-8), and it is no GeoPackage. Is it a file with borders?"
    ),
    BorderProblem.NOT_JSON: gettext_lazy("This file is not readable as JSON. Is it whole? Line: %(detail)s"),
    BorderProblem.NOT_A_COLLECTION: gettext_lazy("This is JSON, but no GeoJSON with areas (a FeatureCollection)."),
    BorderProblem.NO_FEATURES: gettext_lazy("There are no areas in this file."),
    BorderProblem.TOO_MANY_FEATURES: gettext_lazy("There are %(detail)s areas in this file; 50,000 is the most."),
    BorderProblem.OTHER_CRS: gettext_lazy(
        "The coordinates in this file are in %(detail)s. Save it in the Dutch grid (EPSG:28992) or in degrees"
        " (EPSG:4326)."
    ),
    BorderProblem.MORE_THAN_ONE: gettext_lazy("There are %(detail)s areas in this text; paste one."),
    BorderProblem.NOT_A_GEOPACKAGE: gettext_lazy("This file can't be read as a GeoPackage. Is it whole?"),
    BorderProblem.NO_LAYER: gettext_lazy("There is no table with areas in this GeoPackage."),
    BorderProblem.NOTHING_IN_ZIP: gettext_lazy(
        "A ZIP must have one file with borders in it (GeoJSON or GeoPackage); here there are %(detail)s."
    ),
    BorderProblem.BROKEN_ZIP: gettext_lazy("This ZIP can't be opened. Is it whole, and without a password?"),
    BorderProblem.ONLY_WATER: gettext_lazy("There is only water in this file."),
    BorderProblem.NOT_A_FEATURE: gettext_lazy("This is not a feature of GeoJSON."),
    BorderProblem.NO_NAME: gettext_lazy("It has no name and no code (a property such as “naam”, “name” or “code”)."),
    BorderProblem.NAME_TOO_LONG: gettext_lazy("Its name is longer than 120 signs."),
    BorderProblem.CODE_TOO_LONG: gettext_lazy("Its code %(detail)s is longer than 12 signs."),
    BorderProblem.DOUBLE_CODE: gettext_lazy("Its code stands at feature %(detail)s already."),
    BorderProblem.DOUBLE_NAME: gettext_lazy("It is the same area as feature %(detail)s."),
    BorderProblem.EMPTY: gettext_lazy("It has no border, or one without any surface."),
    BorderProblem.NOT_AN_AREA: gettext_lazy("It is a %(detail)s; an area is a Polygon or MultiPolygon."),
    BorderProblem.NOT_NUMBERS: gettext_lazy("Its coordinates are not pairs of numbers."),
    BorderProblem.BROKEN_BORDER: gettext_lazy("Its border can't be read: it is cut off or damaged."),
    BorderProblem.NOT_ON_EARTH: gettext_lazy(
        "Its coordinates (%(detail)s) are no degrees, and no metres of the Dutch grid."
    ),
    BorderProblem.ANOTHER_CRS: gettext_lazy(
        "Its coordinates (%(detail)s) are of another kind than those of the other areas."
    ),
    BorderProblem.TOO_MANY_POINTS: gettext_lazy("Its border has %(detail)s points; 200,000 is the most."),
    BorderProblem.TOO_FEW_POINTS: gettext_lazy(
        "Its border has only %(detail)s points; a closed one has at least four."
    ),
    BorderProblem.NOT_CLOSED: gettext_lazy("Its border is not closed: the last point is not the first."),
    BorderProblem.SELF_CROSSING: gettext_lazy("Its border crosses itself, at %(detail)s."),
    BorderProblem.OVERLAP: gettext_lazy("It lies over %(area)s: %(size)s (%(part)s %% of the smaller one)."),
}  # fmt: skip
CORRECTION_TEXTS: dict[BorderCorrection, Any] = {
    BorderCorrection.CONVERTED: gettext_lazy(
        "The coordinates were brought from the Dutch grid (RD) to degrees."
    ),
    BorderCorrection.LIED_RD: gettext_lazy(
        "The file does not say so, but its coordinates are metres of the Dutch grid (RD). They were brought to"
        " degrees."
    ),
    BorderCorrection.LIED_DEGREES: gettext_lazy(
        "The file says that it is in the Dutch grid (RD), but its coordinates are degrees. They were taken so."
    ),
    BorderCorrection.SWAPPED: gettext_lazy(
        "Longitude and latitude were swapped in this file. They were put right."
    ),
    BorderCorrection.MENDED: gettext_lazy(
        "Borders that touch themselves: %(detail)s. They were written in another way; the ground is the same."
    ),
}


def border_problem_text(problem: BorderProblem, detail: str = "") -> str:
    if problem == BorderProblem.OVERLAP:
        area, metres, part = detail.rsplit("|", 2)
        return str(BORDER_PROBLEM_TEXTS[problem]) % {"area": area, "size": _size(int(metres)), "part": part}
    return str(BORDER_PROBLEM_TEXTS[problem]) % {"detail": detail or "?"}


def _size(metres: int) -> str:
    return f"{metres} m²" if metres < 10_000 else f"{number_format(metres / 10_000, 1)} ha"


def check_year(year: int) -> None:
    if not maps.is_allowed_year(year, timezone.localdate()):
        raise DomainError(_("Choose the year of these borders, at most one year ahead."))


@register_importer(ImportKind.BORDERS)
class BorderImporter(FileImporter):
    """Options: year, source, layers, municipality, and choices: what became of an area, by its id."""

    def unmatched(self, count: int) -> str:
        return _("not in this file")

    def data_revision(self) -> str:
        versions = AreaVersion.objects.order_by("pk").annotate(size=Length(Cast("boundary", TextField())))
        return revision_of_rows(
            [Municipality.current().code],
            Area.objects.order_by("pk").values_list("pk", "kind", "name", "parent", "ended_on"),
            versions.values_list("pk", "area", "year", "code", "name", "west", "north", "size"),
        )

    def plan(self, content: bytes, options: dict[str, Any], progress: ProgressCallback) -> ImportPlan:
        check_year(options["year"])
        ours = options.get("municipality") or Municipality.current().code
        try:
            reading = borders.read_borders(
                content, layers=options.get("layers", ()), ours=ours, progress=progress
            )
        except BorderFileError as refused:
            raise DomainError(border_problem_text(refused.problem, refused.detail)) from refused
        plan = ImportPlan(asks=reading.asks, notes=list(_notes(reading)))
        plan.wrong = [
            RowError(one.number, one.name, border_problem_text(one.problem, one.detail))
            for one in reading.wrong
        ]
        plan.extra = {
            "layers": reading.layers,
            "chosen": reading.chosen,
            "municipality": reading.municipalities,
            "ours": reading.ours,
            "gone": [],
        }
        if reading.asks:
            return plan
        found = compare_borders(reading.areas, year=options["year"], choices=options.get("choices", {}))
        _fill(plan, found)
        if not plan.wrong:
            plan.work = BorderWriter(found, options, reading.ours)
            plan.extra["map"] = plan.work.map()
        return plan

    def write(self, plan: ImportPlan, one: Import, progress: ProgressCallback) -> dict[str, Any]:
        return plan.work.write(progress)

    def put_back(self, record: dict[str, Any]) -> None:
        BorderRestorer(record).put_back()


def _notes(reading: BorderReading) -> Iterator[str]:
    for note, detail in reading.notes:
        yield str(CORRECTION_TEXTS[note]) % {"detail": detail}
    if reading.water:
        yield _("Water was left out: %(count)s areas.") % {"count": reading.water}
    if reading.elsewhere:
        yield _("Areas of another municipality were left out: %(count)s.") % {"count": reading.elsewhere}


def _fill(plan: ImportPlan, found: BorderComparison) -> None:
    for one in found.elsewhere:
        reason = _("Its code belongs to an area of another level already.")
        plan.wrong.append(RowError(one.number, one.name, reason))
    for one, other in found.double:
        plan.wrong.append(
            RowError(one.number, one.name, border_problem_text(BorderProblem.DOUBLE_NAME, str(other.number)))
        )
    # Changes come first; the areas that only get a new year follow.
    for row in sorted(found.rows, key=lambda row: not row.changes):
        group = plan.new if row.area is None else plan.changed if row.is_written else plan.unchanged
        what = row.what
        if row.area is None:
            what = _("not there any more") if row.ended else _level(row.found.kind)
        group.append(PreviewLine(row.found.name, row.found.code, what))
    for gone in found.gone:
        plan.unmatched.append(PreviewLine(gone.area.name, gone.code, _became(gone)))
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
    plan.unmatched += [PreviewLine(area.name, "", _("not in this file")) for area in found.absent]
    plan.extra["gone"] = plan.extra["gone"][:MOST_CHOICES]


def _level(level: str) -> str:
    """ "" for neighbourhoods, which are the default."""
    return "" if level == AreaKind.NEIGHBOURHOOD else str(AreaKind(level).label)


def _became(gone: MissingArea) -> str:
    into = ", ".join(f"{row.found.name} {share * 100:.0f} %" for row, share in gone.into)
    if gone.chosen == SAME_AREA_CHOICE:
        return _("is now called %(name)s") % {"name": gone.into[0][0].found.name}
    if gone.chosen == ENDED_CHOICE:
        return _("ends, and went into %(areas)s") % {"areas": into}
    return _("stays as it is; its ground is now %(areas)s") % {"areas": into}
