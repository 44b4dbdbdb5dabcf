"""Areas at the desk: profile and comparison."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actions import domain_errors_in, form_status
from core.files import csv_response, xlsx_response
from core.forms import search_text
from core.i18n import pick
from neighbourhoods.access import find_area, staff
from neighbourhoods.advice.services import advice_for
from neighbourhoods.advice.views import advice_context
from neighbourhoods.areas import maps, services
from neighbourhoods.areas import views as drawing
from neighbourhoods.imports.forms.imports import AreaChangeForm, AreaForm
from neighbourhoods.models import Area, AreaVersion, Membership
from neighbourhoods.profile.services import compare as service
from neighbourhoods.profile.services.compare import AreaComparison, Heading, area_page_map
from neighbourhoods.profile.services.inventory import area_inventory
from neighbourhoods.profile.services.profile import read_profile
from neighbourhoods.profile.statistics import MapClasses, make_map_classes
from neighbourhoods.registries import PanelPage, panels_on
from neighbourhoods.states import AreaKind, Power, Role

# Pages of areas: the map and list, one area, and making and changing areas by hand.


_MANY_PLACES = 20  # with more places the list is below the map instead of beside it


@staff(Role.VIEWER)
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Areas in which the user has a role; a search filters both map and list."""
    search = search_text(request)
    found = Area.objects.visible_to(request.user).select_related("parent")
    if search:
        found = found.filter(name__icontains=search)
    listed = list(found)
    living = [area.pk for area in listed if area.kind == AreaKind.NEIGHBOURHOOD and not area.is_ended]
    versions = AreaVersion.objects.drawn().filter(area__in=living).with_text()
    wide = len(listed) > _MANY_PLACES
    context = {
        "areas": sorted(listed, key=_area_sort_key),
        "wide": wide,
        "map": drawing.draw(versions, letter=maps.SMALL_FONT_SIZE if wide else maps.FONT_SIZE),
        "search": search,
        "is_empty": not search and all(area.kind == AreaKind.MUNICIPALITY for area in listed),
        "may_import": request.desk.runs_municipality,
        "may_make": request.desk.has(Role.ADMINISTRATOR),
    }
    return render(request, "neighbourhoods/areas.html", context)


def _area_sort_key(area: Area) -> tuple[str, int, str]:
    """Sort key: the municipality, then each district with its neighbourhoods; those without a district first."""
    district = area.name if area.kind == AreaKind.DISTRICT else ""
    if area.parent and area.parent.kind == AreaKind.DISTRICT:
        district = area.parent.name
    return district.casefold(), 0 if area.kind != AreaKind.NEIGHBOURHOOD else 1, area.name.casefold()


@staff(Role.VIEWER)
@require_safe
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """One area: its map, figures, inventory, and the panels of apps above."""
    area = find_area(request, slug)
    visible = set(Area.objects.visible_to(request.user).values_list("slug", flat=True))
    version = area.versions.exclude(boundary=None).with_text().first()
    drawn = drawing.versions_around(area, version)
    colleagues = Membership.objects.current().covering(area).select_related("user", "area")
    may_note = request.desk.can(Role.COORDINATOR, [area])
    may_ask = request.desk.can(Role.EDITOR, [area])
    context = {
        "area": area,
        "children": area.children.all(),
        "version": version,
        "map": drawing.draw(drawn, **drawing.map_bounds_kwargs(area, version)),
        "border": drawing.border(area, version),
        "shown": area_page_map([one.area for one in drawn if one.area.slug in visible]),
        "visible": visible,
        "advice": advice_context(request.desk, area, advice_for(area)),
        "profile": read_profile(area),
        "there": area_inventory(area),
        "panels": [
            (panel, panel.action if panel.action and request.desk.can(panel.action.role, [area]) else None)
            for panel in panels_on(PanelPage.AREA, area)
        ],
        "colleagues": colleagues.order_by("role", "user__title"),
        "may_change": request.desk.can(Role.ADMINISTRATOR, [area]),
        "may_note": may_note,
        "may_ask": may_ask,
        "may_begin": may_ask and not area.is_ended,
        "may_import": request.desk.runs_municipality,
    }
    return render(request, "neighbourhoods/area.html", context)


# --- by hand ----------------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def area_new(request: HttpRequest) -> HttpResponse:
    form = AreaForm(request.POST if request.method == "POST" else None, parents=_parents(request))
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            area = services.make_area(by=request.user, **form.cleaned_data)
            messages.success(
                request, _("%s is on the map.") % area if form.cleaned_data["border"] else _("Added.")
            )
            return redirect(area)
    return render(request, "neighbourhoods/area_form.html", {"form": form}, status=form_status(form))


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def area_change(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.ADMINISTRATOR)
    form = AreaChangeForm(
        request.POST if request.method == "POST" else None, area=area, parents=_parents(request, area)
    )
    if request.method == "POST" and form.is_valid():
        fields = {"parent": None, "ended_on": None} | form.cleaned_data
        with domain_errors_in(form):
            services.change_area(area=area, by=request.user, **fields)
            messages.success(request, _("Saved."))
            return redirect(area)
    return render(
        request, "neighbourhoods/area_form.html", {"form": form, "area": area}, status=form_status(form)
    )


def _parents(request: HttpRequest, area: Area | None = None):
    """Possible parents: larger areas that the user administers, and the current parent."""
    larger = Area.objects.exclude(kind=AreaKind.NEIGHBOURHOOD)
    mine = larger.filter(pk__in=Area.objects.where(request.user, least=Power.ADMINISTRATOR))
    if area is None:
        return mine
    return (mine | larger.filter(pk=area.parent_id)).exclude(pk=area.pk)


# Compares all areas: a table, a map, several small maps, and the table as a file.


COMPARE_VIEWS = ("table", "map", "small")
_MANY_AREAS = 40  # with more areas the names are small
COMPARE_LEVELS = (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT)


class _CompareQuery:
    """The parsed query string. Invalid values are dropped, also from the links on the page."""

    def __init__(self, request: HttpRequest) -> None:
        wanted = {
            name: request.GET.get(name, "").replace("\0", "")[:80] for name in ("view", "level", "sort", "on")
        }
        self.keys = [key[:80] for key in request.GET.getlist("c") if "\0" not in key][
            : service.MAX_COMPARED_COLUMNS
        ]
        self.view = wanted["view"] if wanted["view"] in COMPARE_VIEWS else "table"
        self.level = wanted["level"] if wanted["level"] in COMPARE_LEVELS else AreaKind.NEIGHBOURHOOD
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
    asked = _CompareQuery(request)
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
            for level, label in (
                (COMPARE_LEVELS[0], _("Neighbourhoods")),
                (COMPARE_LEVELS[1], _("Districts")),
            )
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
    return [{"heading": one, "chosen": one.key in shown} for one in service.comparison_choices(areas)]


def _table(asked: _CompareQuery, comparison: AreaComparison) -> dict[str, Any]:
    return {
        "rows": comparison.sorted_by(asked.sort, down=asked.down),
        "heads": list(_heads(asked, comparison)),
    }


def _heads(asked: _CompareQuery, comparison: AreaComparison) -> Iterable[dict[str, Any]]:
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


def _map(asked: _CompareQuery, comparison: AreaComparison) -> dict[str, Any]:
    """One column on the map, with the list beside it, highest first."""
    heading = comparison.heading(asked.on) or next(iter(comparison.headings), None)
    if heading is None:
        return {"heading": None}
    made = make_map_classes(comparison.values(heading.key), decimals=heading.decimals, unit=heading.unit)
    return {
        "heading": heading,
        "classes": made,
        "map": _draw_comparison(comparison),
        "shades": _shades(comparison, heading, made),
        "rows": comparison.sorted_by(heading.key, down=True),
        "ons": [
            {"url": asked.url(on=one.key), "heading": one, "current": one.key == heading.key}
            for one in comparison.headings
        ],
    }


def _small(asked: _CompareQuery, comparison: AreaComparison) -> dict[str, Any]:
    """One small map per column, each with its own classes."""
    drawn = []
    for heading in comparison.headings:
        made = make_map_classes(comparison.values(heading.key), decimals=heading.decimals, unit=heading.unit)
        drawn.append(
            {
                "heading": heading,
                "classes": made,
                "shades": _shades(comparison, heading, made),
                "url": asked.url(view="map", on=heading.key),
            }
        )
    return {"map": _draw_comparison(comparison, letter=0), "maps": drawn}


def _draw_comparison(comparison: AreaComparison, letter: int | None = None) -> maps.Map | None:
    if letter is None:
        letter = maps.SMALL_FONT_SIZE if len(comparison.rows) > _MANY_AREAS else maps.FONT_SIZE
    found = ((row.area.slug, row.area.name, row.area.outline) for row in comparison.rows)
    return maps.draw_texts(tuple(sorted(one for one in found if one[2])), letter=letter)


def _shades(comparison: AreaComparison, heading: Heading, made: MapClasses) -> Mapping[str, int]:
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
    asked, language = _CompareQuery(request), get_language() or ""
    areas = service.areas_to_compare(request.user, asked.level, drawn=False)
    comparison = service.compare_area_figures(areas, asked.level, asked.keys)
    head = [_("Name"), _("Lies in"), *(_heading_text(one, language) for one in comparison.headings)]
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


def _heading_text(heading: Heading, language: str) -> str:
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
