"""Pages for residents: find a neighbourhood, and read what was asked, heard, promised and done there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from neighbourhoods.access import public
from neighbourhoods.areas import views as drawing
from neighbourhoods.models import Area, AreaVersion, Figure, Membership, ParticipationPlan, Succession
from neighbourhoods.profile.forms import PostcodeForm
from neighbourhoods.registries import Page, panels_on
from neighbourhoods.states import AreaKind, Role


@public
@require_http_methods(["GET", "HEAD", "POST"])
def find_neighbourhood(request: HttpRequest) -> HttpResponse:
    """Find by postcode, on the map, or in the list. If a postcode lies in two neighbourhoods, the resident chooses."""
    form = PostcodeForm(request.POST if request.method == "POST" else None)
    choices: list[Area] = []
    if form.is_valid():
        choices = form.cleaned_data["postcode"]
        if len(choices) == 1:
            return redirect("neighbourhood", slug=choices[0].slug)
    areas = list(Area.objects.leaves().existing().select_related("parent"))
    context = {
        "form": form,
        "choices": choices,
        "districts": _by_district(areas),
        "map": drawing.draw(AreaVersion.objects.drawn().filter(area__in=areas).with_text()),
    }
    return render(request, "neighbourhoods/find.html", context, status=422 if form.errors else 200)


def _by_district(areas: list[Area]) -> list[tuple[str, list[Area]]]:
    """Neighbourhoods per district; those without a district first, under ""."""
    found: dict[str, list[Area]] = {}
    for area in sorted(areas, key=lambda one: one.name.casefold()):
        inside = area.parent and area.parent.kind == AreaKind.DISTRICT
        found.setdefault(area.parent.name if inside and area.parent else "", []).append(area)
    return sorted(found.items(), key=lambda pair: pair[0].casefold())


@public
@require_safe
def neighbourhood(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked, heard, promised and done here, what residents can join, and whom to contact."""
    area = get_object_or_404(Area.objects.select_related("parent__parent"), slug=slug)
    version = area.versions.exclude(boundary=None).with_text().first()
    plans = ParticipationPlan.objects.published().filter(
        trajectory__closed_on=None,
        trajectory__areas__in=Area.objects.inside([area.pk]),
    )
    key_figures = Figure.objects.filter(area=area, indicator__is_key=True)
    context = {
        "area": area,
        "children": area.children.existing(),
        "map": drawing.draw(drawing.versions_around(area, version), **drawing.window(area, version)),
        "border": drawing.border(area, version),
        "figures": key_figures.newest().select_related("indicator", "source"),
        "panels": panels_on(Page.RESIDENTS, area),
        "plans": plans.select_related("trajectory").distinct(),
        "works_here": _who_works_here(area),
        "ended": area.is_ended,
        "came_after": Succession.objects.out_of(area),
    }
    return render(request, "neighbourhoods/neighbourhood.html", context)


def _who_works_here(area: Area) -> list[str]:
    """Titles, never names, of the editors and coordinators of this area."""
    here = Membership.objects.current().covering(area).filter(role__in=[Role.EDITOR, Role.COORDINATOR])
    titles = here.exclude(user__title="").order_by("user__title").values_list("user__title", flat=True)
    return list(dict.fromkeys(titles))
