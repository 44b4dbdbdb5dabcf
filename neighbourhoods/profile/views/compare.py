"""Compares all areas: a table, a map, several small maps, and the table as a file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.files import csv_response, xlsx_response
from core.i18n import pick
from neighbourhoods.access import staff
from neighbourhoods.areas import maps
from neighbourhoods.models import Area
from neighbourhoods.profile.classes import Classes, classes
from neighbourhoods.profile.services import compare as service
from neighbourhoods.profile.services.compare import AreaComparison, Heading
from neighbourhoods.states import AreaKind, Role

WAYS = ("table", "map", "small")
_MANY_AREAS = 40  # with more areas the names are small
LEVELS = (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT)


class _Asked:
    """The parsed query string. Invalid values are dropped, also from the links on the page."""

    def __init__(self, request: HttpRequest) -> None:
        wanted = {
            name: request.GET.get(name, "").replace("\0", "")[:80] for name in ("view", "level", "sort", "on")
        }
        self.keys = [key[:80] for key in request.GET.getlist("c") if "\0" not in key][
            : service.MAX_COMPARED_COLUMNS
        ]
        self.view = wanted["view"] if wanted["view"] in WAYS else "table"
        self.level = wanted["level"] if wanted["level"] in LEVELS else AreaKind.NEIGHBOURHOOD
        self.sort = wanted["sort"].removeprefix("-")
        self.down = wanted["sort"].startswith("-")
        self.on = wanted["on"]
        self.choosing = "choose" in request.GET

    def url(self, **changes: Any) -> str:
        """The URL of this page with changes, without default values."""
        sort = ("-" if self.down else "") + self.sort
        asked = {
            "c": self.keys,
            "view": self.view,
            "level": self.level,
            "sort": sort,
            "on": self.on,
        } | changes
        if asked["view"] == "table":
            asked["view"] = ""
        if asked["level"] == AreaKind.NEIGHBOURHOOD:
            asked["level"] = ""
        query = urlencode({name: value for name, value in asked.items() if value}, doseq=True)
        return f"?{query}"


@staff(Role.VIEWER)
@require_safe
def areas_compare(request: HttpRequest) -> HttpResponse:
    asked = _Asked(request)
    areas = service.areas_to_compare(request.user, asked.level, drawn=asked.view != "table")
    comparison = service.compare_area_figures(areas, asked.level, asked.keys)
    context = {
        "comparison": comparison,
        "asked": asked,
        "views": [
            {"url": asked.url(view=view), "label": label, "current": view == asked.view}
            for view, label in (("table", _("Table")), ("map", _("Map")), ("small", _("Small maps")))
        ],
        "levels": [
            {"url": asked.url(level=level), "label": label, "current": level == asked.level}
            for level, label in ((LEVELS[0], _("Neighbourhoods")), (LEVELS[1], _("Districts")))
        ],
        "choose_url": asked.url(choose="1"),
        "choices": _choices(areas, comparison) if asked.choosing else None,
        "at_most": service.MAX_COMPARED_COLUMNS,
        "csv_url": reverse("areas_compare_csv") + asked.url(view=""),
        "xlsx_url": reverse("areas_compare_xlsx") + asked.url(view=""),
        "sources": sorted({one.source for one in comparison.headings if one.source}),
    }
    context |= {"table": _table, "map": _map, "small": _small}[asked.view](asked, comparison)
    return render(request, "neighbourhoods/compare.html", context)


def _choices(areas: list[Area], comparison: AreaComparison) -> list[dict[str, Any]]:
    shown = {one.key for one in comparison.headings}
    return [{"heading": one, "chosen": one.key in shown} for one in service.choices(areas)]


def _table(asked: _Asked, comparison: AreaComparison) -> dict[str, Any]:
    return {
        "rows": comparison.sorted_by(asked.sort, down=asked.down),
        "heads": list(_heads(asked, comparison)),
    }


def _heads(asked: _Asked, comparison: AreaComparison) -> Iterable[dict[str, Any]]:
    """A heading sorts by its column, highest first; clicking it again reverses the order."""
    by_name = comparison.heading(asked.sort) is None
    yield {
        "url": asked.url(sort="" if asked.down or not by_name else "-"),
        "sorted": ("descending" if asked.down else "ascending") if by_name else "",
    }
    for heading in comparison.headings:
        here = heading.key == asked.sort
        yield {
            "heading": heading,
            "url": asked.url(sort=heading.key if here and asked.down else f"-{heading.key}"),
            "sorted": ("descending" if asked.down else "ascending") if here else "",
        }


# --- maps -------------------------------------------------------------------------------------


def _map(asked: _Asked, comparison: AreaComparison) -> dict[str, Any]:
    """One column on the map, with the list beside it, highest first."""
    heading = comparison.heading(asked.on) or next(iter(comparison.headings), None)
    if heading is None:
        return {"heading": None}
    made = classes(comparison.values(heading.key), decimals=heading.decimals, unit=heading.unit)
    return {
        "heading": heading,
        "classes": made,
        "map": _drawn(comparison),
        "shades": _shades(comparison, heading, made),
        "rows": comparison.sorted_by(heading.key, down=True),
        "ons": [
            {"url": asked.url(on=one.key), "heading": one, "current": one.key == heading.key}
            for one in comparison.headings
        ],
    }


def _small(asked: _Asked, comparison: AreaComparison) -> dict[str, Any]:
    """One small map per column, each with its own classes."""
    drawn = []
    for heading in comparison.headings:
        made = classes(comparison.values(heading.key), decimals=heading.decimals, unit=heading.unit)
        drawn.append(
            {
                "heading": heading,
                "classes": made,
                "shades": _shades(comparison, heading, made),
                "url": asked.url(view="map", on=heading.key),
            }
        )
    return {"map": _drawn(comparison, letter=0), "maps": drawn}


def _drawn(comparison: AreaComparison, letter: int | None = None) -> maps.Map | None:
    if letter is None:
        letter = maps.SMALL_LETTER if len(comparison.rows) > _MANY_AREAS else maps.LETTER
    found = ((row.area.slug, row.area.name, row.area.outline) for row in comparison.rows)
    return maps.draw_texts(tuple(sorted(one for one in found if one[2])), letter=letter)


def _shades(comparison: AreaComparison, heading: Heading, made: Classes) -> Mapping[str, int]:
    return {
        row.area.slug: found.shade
        for row in comparison.rows
        if (found := made.of(row.cells[heading.key].value))
    }


# --- downloads --------------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_safe
def compare_csv(request: HttpRequest) -> HttpResponseBase:
    head, rows = _file(request, as_csv=True)
    return csv_response(_("neighbourhoods"), head, rows)


@staff(Role.VIEWER)
@require_safe
def compare_xlsx(request: HttpRequest) -> HttpResponseBase:
    head, rows = _file(request, as_csv=False)
    return xlsx_response(_("neighbourhoods"), head, rows)


def _file(request: HttpRequest, *, as_csv: bool) -> tuple[list[str], Iterator[list[Any]]]:
    """The table as on the page. A gap is a word, never a zero; numbers are as published."""
    asked, language = _Asked(request), get_language() or ""
    areas = service.areas_to_compare(request.user, asked.level, drawn=False)
    comparison = service.compare_area_figures(areas, asked.level, asked.keys)
    head = [_("Name"), _("Lies in"), *(_in_words(one, language) for one in comparison.headings)]
    # Dutch Excel expects a decimal comma in a CSV.
    comma = as_csv and language == "nl"
    rows = (
        [
            row.area.name,
            row.area.parent.name if row.area.parent else "",
            *(_value(row.cells[one.key], comma=comma) for one in comparison.headings),
        ]
        for row in comparison.sorted_by(asked.sort, down=asked.down)
    )
    return head, rows


def _in_words(heading: Heading, language: str) -> str:
    about = [
        heading.unit,
        str(heading.year or ""),
        heading.source,
        _("estimate") if heading.is_estimate else "",
    ]
    said = ", ".join(part for part in about if part)
    return f"{pick(heading.name, language)} ({said})" if said else pick(heading.name, language)


def _value(cell: service.FigureCell, *, comma: bool) -> Any:
    if cell.value is None:
        return cell.why_not
    value = round(cell.value, 4)
    value = int(value) if value == int(value) else value
    return str(value).replace(".", ",") if comma else value
