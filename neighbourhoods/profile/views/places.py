"""Pages for places of an area: a list, and forms to add, change and end one."""

from copy import copy

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch
from neighbourhoods.access import find_area, staff
from neighbourhoods.models import Place
from neighbourhoods.profile.forms import PlaceForm
from neighbourhoods.profile.services import inventory
from neighbourhoods.profile.views.inventory import (
    actions_of,
    at,
    back_to,
    context_of,
    find_in_area,
    form_page,
)
from neighbourhoods.registries import Page, panels_on
from neighbourhoods.states import Role


@staff(Role.VIEWER)
@require_safe
def places(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug)
    context = context_of(request, area, "places", inventory.what_there_is(area))
    if context["may_change"]:
        context["panels"] = panels_on(Page.PLACES, area)
        context["ended"] = Place.objects.filter(ended_on__isnull=False, area=area)
    return render(request, "neighbourhoods/places.html", context)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def place_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    form = PlaceForm(**at(request, area))
    return form_page(
        request,
        form,
        lambda data: inventory.save_place(by=request.user, **data),
        reverse("places", args=[area.slug]),
        area=area,
        heading=_("Where can people be?"),
    )


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def place_change(request: HttpRequest, pk: int) -> HttpResponse:
    place = find_in_area(request, Place, pk)
    form = PlaceForm(**at(request, place.area), instance=copy(place))
    return form_page(
        request,
        form,
        lambda data: inventory.save_place(by=request.user, place=place, **data),
        reverse("places", args=[place.area.slug]),
        area=place.area,
        heading=place.name,
        thing=place,
        do="place_do",
    )


@staff(Role.COORDINATOR)
@require_POST
def place_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    place = find_in_area(request, Place, pk)
    return dispatch(
        request,
        actions_of(place, request),
        verb,
        back=back_to(request, "places", place.area),
        said=_("Noted."),
    )
