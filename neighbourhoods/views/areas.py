"""The areas on a map and in a list, one area, and making and changing them by hand."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from neighbourhoods import maps
from neighbourhoods.access import require, staff
from neighbourhoods.errors import DomainError
from neighbourhoods.forms.areas import AreaChangeForm, AreaForm
from neighbourhoods.forms.fields import searched
from neighbourhoods.models import Area, AreaVersion, Membership
from neighbourhoods.registries import area_panels
from neighbourhoods.services import areas as services
from neighbourhoods.states import AreaKind, Power, Role

MANY = 20  # more places than this lie under the map instead of beside it


def _draw(versions: Iterable[AreaVersion], **how) -> maps.Map | None:
    return maps.draw(
        (maps.Place(one.area.slug, one.area.name, one.boundary, one.box) for one in versions), **how
    )


@staff(Role.VIEWER)
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Those in which the person has a role; a search narrows map and list alike."""
    search = searched(request)
    found = Area.objects.visible_to(request.user).select_related("parent")
    if search:
        found = found.filter(name__icontains=search)
    listed = list(found)
    living = [area.pk for area in listed if area.kind == AreaKind.NEIGHBOURHOOD and not area.is_ended]
    versions = AreaVersion.objects.newest().filter(area__in=living).select_related("area")
    wide = len(listed) > MANY
    context = {
        "areas": sorted(listed, key=_in_order),
        "wide": wide,
        "map": _draw(versions, letter=maps.SMALL_LETTER if wide else maps.LETTER),
        "search": search,
        "may_import": request.desk.runs_municipality,
        "may_make": request.desk.has(Role.ADMINISTRATOR),
    }
    return render(request, "neighbourhoods/areas.html", context)


def _in_order(area: Area) -> tuple[str, int, str]:
    """The municipality, then each district with its neighbourhoods; neighbourhoods without a district first."""
    district = area.name if area.kind == AreaKind.DISTRICT else ""
    if area.parent and area.parent.kind == AreaKind.DISTRICT:
        district = area.parent.name
    return district.casefold(), 0 if area.kind != AreaKind.NEIGHBOURHOOD else 1, area.name.casefold()


@staff(Role.VIEWER)
@require_safe
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """One place: its map, who works there, and what the apps above know about it."""
    area = get_object_or_404(
        Area.objects.visible_to(request.user).select_related("parent__parent"), slug=slug
    )
    visible = set(Area.objects.visible_to(request.user).values_list("slug", flat=True))
    version = area.versions.first()
    colleagues = Membership.objects.current().covering(area).select_related("user", "area")
    context = {
        "area": area,
        "above": [one for one in (area.parent and area.parent.parent, area.parent) if one],
        "children": area.children.all(),
        "version": version,
        "map": _draw_around(area, version),
        "visible": visible,
        "panels": [panel for make in area_panels if (panel := make(area))],
        "colleagues": colleagues.order_by("role", "user__title"),
        "may_change": request.desk.can(Role.ADMINISTRATOR, [area]),
    }
    return render(request, "neighbourhoods/area.html", context)


def _draw_around(area: Area, version: AreaVersion | None) -> maps.Map | None:
    """A neighbourhood with what lies around it; of a larger area the neighbourhoods inside it."""
    newest = AreaVersion.objects.newest().select_related("area")
    leaves = newest.filter(area__in=Area.objects.leaves().existing())
    if area.kind != AreaKind.NEIGHBOURHOOD:
        return _draw(leaves.filter(area__in=Area.objects.inside([area.pk])))
    if version is None:
        return None
    around = maps.widened(version.box, 0.6)
    return _draw({one.pk: one for one in (*leaves.touching(*around), version)}.values(), around=around)


# --- by hand ----------------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def area_new(request: HttpRequest) -> HttpResponse:
    form = AreaForm(request.POST if request.method == "POST" else None, parents=_parents(request))
    if request.method == "POST" and form.is_valid():
        try:
            area = services.make_area(by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("%s is on the map.") % area if form.cleaned_data["border"] else _("Added.")
            )
            return redirect(area)
    return render(request, "neighbourhoods/area_form.html", {"form": form})


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def area_change(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.visible_to(request.user), slug=slug)
    require(request, Role.ADMINISTRATOR, area)
    form = AreaChangeForm(
        request.POST if request.method == "POST" else None, area=area, parents=_parents(request, area)
    )
    if request.method == "POST" and form.is_valid():
        fields = {"parent": None, "ended_on": None} | form.cleaned_data
        try:
            services.change_area(area=area, by=request.user, **fields)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(area)
    return render(request, "neighbourhoods/area_form.html", {"form": form, "area": area})


def _parents(request: HttpRequest, area: Area | None = None):
    """Where it can lie: larger areas that the person runs, and where it lies now."""
    larger = Area.objects.exclude(kind=AreaKind.NEIGHBOURHOOD)
    mine = larger.filter(pk__in=Area.objects.where(request.user, least=Power.ADMINISTRATOR))
    if area is None:
        return mine
    return (mine | larger.filter(pk=area.parent_id)).exclude(pk=area.pk)
