"""Pages of areas: the map and list, one area, and making and changing areas by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actions import domain_errors_in, refused
from core.forms import searched
from neighbourhoods.access import find_area, staff
from neighbourhoods.advice.services.advice import advice_for
from neighbourhoods.advice.views import block
from neighbourhoods.areas import maps
from neighbourhoods.areas import views as drawing
from neighbourhoods.areas.services import areas as services
from neighbourhoods.imports.forms.areas import AreaChangeForm, AreaForm
from neighbourhoods.models import Area, AreaVersion, Membership
from neighbourhoods.profile.services.compare import on_the_map
from neighbourhoods.profile.services.inventory import what_there_is
from neighbourhoods.profile.services.profile import read_profile
from neighbourhoods.registries import Page, panels_on
from neighbourhoods.states import AreaKind, Power, Role

_MANY_PLACES = 20  # with more places the list is below the map instead of beside it


@staff(Role.VIEWER)
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Areas in which the user has a role; a search filters both map and list."""
    search = searched(request)
    found = Area.objects.visible_to(request.user).select_related("parent")
    if search:
        found = found.filter(name__icontains=search)
    listed = list(found)
    living = [area.pk for area in listed if area.kind == AreaKind.NEIGHBOURHOOD and not area.is_ended]
    versions = AreaVersion.objects.drawn().filter(area__in=living).with_text()
    wide = len(listed) > _MANY_PLACES
    context = {
        "areas": sorted(listed, key=_in_order),
        "wide": wide,
        "map": drawing.draw(versions, letter=maps.SMALL_LETTER if wide else maps.LETTER),
        "search": search,
        "is_empty": not search and all(area.kind == AreaKind.MUNICIPALITY for area in listed),
        "may_import": request.desk.runs_municipality,
        "may_make": request.desk.has(Role.ADMINISTRATOR),
    }
    return render(request, "neighbourhoods/areas.html", context)


def _in_order(area: Area) -> tuple[str, int, str]:
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
        "map": drawing.draw(drawn, **drawing.window(area, version)),
        "border": drawing.border(area, version),
        "shown": on_the_map([one.area for one in drawn if one.area.slug in visible]),
        "visible": visible,
        "advice": block(request.desk, area, advice_for(area)),
        "profile": read_profile(area),
        "there": what_there_is(area),
        "panels": [
            (panel, panel.action if panel.action and request.desk.can(panel.action.role, [area]) else None)
            for panel in panels_on(Page.AREA, area)
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
    return render(request, "neighbourhoods/area_form.html", {"form": form}, status=refused(form))


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
        request, "neighbourhoods/area_form.html", {"form": form, "area": area}, status=refused(form)
    )


def _parents(request: HttpRequest, area: Area | None = None):
    """Possible parents: larger areas that the user administers, and the current parent."""
    larger = Area.objects.exclude(kind=AreaKind.NEIGHBOURHOOD)
    mine = larger.filter(pk__in=Area.objects.where(request.user, least=Power.ADMINISTRATOR))
    if area is None:
        return mine
    return (mine | larger.filter(pk=area.parent_id)).exclude(pk=area.pk)
