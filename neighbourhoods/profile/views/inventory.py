"""Who and what there is in an area: parties, places, key persons; the public page of an area."""

from collections.abc import Callable
from copy import copy
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import Action, dispatch, domain_errors_in, form_status
from core.errors import DomainError
from neighbourhoods.access import find_area, public, require, staff
from neighbourhoods.areas import views as drawing
from neighbourhoods.models import (
    Area,
    AreaVersion,
    Figure,
    KeyPerson,
    Membership,
    Municipality,
    ParticipationPlan,
    Party,
    Place,
    Succession,
)
from neighbourhoods.profile.forms import KeyPersonForm, PartyForm, PlaceForm, PostcodeForm
from neighbourhoods.profile.services import inventory
from neighbourhoods.registries import PanelPage, panels_on
from neighbourhoods.states import AreaKind, Power, Role

# Shared by the pages for parties, places and key persons: tabs, forms and action buttons.


_PlaceOrPerson = TypeVar("_PlaceOrPerson", Place, KeyPerson)


def post_data_or_none(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def coordinated_areas(request: HttpRequest) -> QuerySet[Area]:
    return Area.objects.where(request.user, least=Power.COORDINATOR).existing()


def areas_to_offer(request: HttpRequest, area: Area, party: Party | None = None) -> QuerySet[Area]:
    """Of these areas the ones to offer: this area, around it, beside it and inside it, and those of the party."""
    found = Q(pk__in=[area.pk, *(one.pk for one in area.above)])
    found |= Q(parent=area.pk) | Q(parent__isnull=False, parent=area.parent_id)
    if party:
        found |= Q(pk__in=party.areas.values("pk"))
    return coordinated_areas(request).filter(found)


def context_of(request: HttpRequest, area: Area, page: str, there: inventory.Inventory) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "area": area,
        "may_change": request.desk.can(Role.COORDINATOR, [area]),
        "there": there,
        "tabs": _tabs(area, page),
        "today": today,
        "stale_before": today - timedelta(days=inventory.STALE_DAYS),
    }


def _tabs(area: Area, current: str) -> list[dict[str, Any]]:
    pages = (("parties", _("Parties")), ("places", _("Places")), ("key_persons", _("Key persons")))
    tabs = [
        {"url": reverse(name, args=[area.slug]), "label": label, "current": name == current}
        for name, label in pages
    ]
    initiatives = {
        "url": f"{reverse('initiatives')}?area={area.slug}",
        "label": _("Initiatives"),
        "current": False,
    }
    return [*tabs, initiatives]


def form_page(
    request: HttpRequest,
    form: forms.Form,
    action: Callable[[dict[str, Any]], Any],
    back: str,
    template: str = "neighbourhoods/inventory_form.html",
    **context: Any,
) -> HttpResponse:
    """Show the form, or run the action; a DomainError is shown above the input."""
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            action(form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(back)
    return render(request, template, {"form": form, "back": back} | context, status=form_status(form))


def find_in_area(request: HttpRequest, model: type[_PlaceOrPerson], pk: int) -> _PlaceOrPerson:
    """The entry with this id, if the user may change it. 404 or 403 otherwise."""
    found = model.objects.visible_to(request.user).select_related("area__parent__parent")
    thing = get_object_or_404(found, pk=pk)
    require(request, Role.COORDINATOR, thing.area)
    return thing


def entry_form_kwargs(request: HttpRequest, area: Area) -> dict[str, Any]:
    """Arguments of a form for an entry of this area."""
    return {
        "data": post_data_or_none(request),
        "areas": coordinated_areas(request),
        "parties": Party.objects.visible_to(request.user).active(),
        "here": area,
    }


def actions_of(thing: Party | Place, request: HttpRequest) -> dict[str, Action]:
    def take_up_again() -> None:
        try:
            inventory.reopen_inventory_item(thing=thing, by=request.user)
        except inventory.DuplicateEntry as error:
            there = reverse("parties" if isinstance(error.there, Party) else "places", args=[error.area.slug])
            link = format_html('<a href="{}#thing-{}">{}</a>', there, error.there.pk, _("Look at that one"))
            raise DomainError(format_html("{} {}", str(error), link)) from error

    return {
        "still-true": lambda: inventory.confirm_inventory_item(thing=thing, by=request.user),
        "end": lambda: inventory.end_inventory_item(thing=thing, by=request.user),
        "again": take_up_again,
    }


def list_url(request: HttpRequest, name: str, area: Area) -> str:
    """The list that the button was on, since a party of several areas is on several lists."""
    mine = Area.objects.visible_to(request.user).filter(slug=request.POST.get("area", "")[:140]).first()
    return reverse(name, args=[(mine or area).slug])


# Pages for key persons: roles for all colleagues, names for few, and the privacy notice.


@staff(Role.VIEWER)
@require_safe
def key_persons(request: HttpRequest, slug: str) -> HttpResponse:
    """Roles for everybody with a role in the area; names for coordinators and up."""
    area = find_area(request, slug)
    named = KeyPerson.objects.with_a_name().filter(area__in=Area.objects.inside([area.pk]))
    named = named.filter(area__in=Area.objects.where(request.user, least=Power.COORDINATOR)).in_bulk()
    there = inventory.area_inventory(area)
    people = [(person, named.get(person.pk)) for person in there.key_persons]
    return render(
        request,
        "neighbourhoods/key_persons.html",
        context_of(request, area, "key_persons", there) | {"people": people},
    )


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def key_person_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    form = KeyPersonForm(**entry_form_kwargs(request, area))
    return form_page(
        request,
        form,
        lambda data: inventory.save_key_person(by=request.user, **data),
        reverse("key_persons", args=[area.slug]),
        "neighbourhoods/key_person_form.html",
        area=area,
        heading=_("Who knows the neighbourhood?"),
    )


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def key_person_change(request: HttpRequest, pk: int) -> HttpResponse:
    person = find_in_area(request, KeyPerson, pk)
    form = KeyPersonForm(**entry_form_kwargs(request, person.area), instance=copy(person))
    return form_page(
        request,
        form,
        lambda data: inventory.save_key_person(by=request.user, person=person, **data),
        reverse("key_persons", args=[person.area.slug]),
        "neighbourhoods/key_person_form.html",
        area=person.area,
        heading=person.role,
        thing=person,
    )


@staff(Role.COORDINATOR)
@require_POST
def key_person_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    person = find_in_area(request, KeyPerson, pk)
    actions = {
        "spoken": lambda: inventory.record_conversation(person=person, by=request.user),
        "forget": lambda: inventory.forget_key_person(person=person, by=request.user),
        "remove": lambda: inventory.remove_key_person(person=person, by=request.user),
    }
    return dispatch(
        request, actions, verb, back=list_url(request, "key_persons", person.area), said=_("Noted.")
    )


@staff(Role.COORDINATOR)
@require_safe
def key_person_notice(request: HttpRequest, slug: str) -> HttpResponse:
    """The notice for a person whose name is stored (GDPR article 14): to copy, print or mail."""
    area = find_area(request, slug, to=Role.COORDINATOR)
    texts = []
    for code in Municipality.current().languages:
        with override(code):
            subject = _("What we keep about you")
            text = render_to_string(
                "neighbourhoods/notice.txt", {"area": area, "municipality": Municipality.current()}
            ).strip()
        mail = f"mailto:?subject={quote(subject)}&body={quote(text)}"
        texts.append({"code": code, "subject": subject, "text": text, "mail": mail})
    return render(request, "neighbourhoods/notice.html", {"area": area, "texts": texts})


# Pages for parties of an area: a list, and forms to add, change and end one.


@staff(Role.VIEWER)
@require_safe
def parties(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug)
    context = context_of(request, area, "parties", inventory.area_inventory(area))
    changeable = Party.objects.changeable_by(request.user)
    context["changeable"] = set(changeable.values_list("pk", flat=True))
    context["ended"] = changeable.filter(ended_on__isnull=False, areas=area)
    return render(request, "neighbourhoods/parties.html", context)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def party_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    form = PartyForm(post_data_or_none(request), areas=areas_to_offer(request, area), here=area)
    return form_page(
        request,
        form,
        lambda data: inventory.save_party(by=request.user, **data),
        reverse("parties", args=[area.slug]),
        area=area,
        heading=_("Which party works here?"),
    )


def _party(request: HttpRequest, pk: int) -> tuple[Party, Area]:
    """The party and its first area; 403 unless the user is coordinator in all its areas."""
    found = Party.objects.visible_to(request.user).prefetch_related("areas")
    party = get_object_or_404(found, pk=pk)
    areas = list(party.areas.all())
    require(request, Role.COORDINATOR, *areas)
    return party, areas[0]


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def party_change(request: HttpRequest, pk: int) -> HttpResponse:
    party, area = _party(request, pk)
    form = PartyForm(
        post_data_or_none(request),
        areas=areas_to_offer(request, area, party),
        here=area,
        instance=copy(party),
    )
    return form_page(
        request,
        form,
        lambda data: inventory.save_party(by=request.user, party=party, **data),
        reverse("parties", args=[area.slug]),
        area=area,
        heading=party.name,
        thing=party,
        do="party_do",
    )


@staff(Role.COORDINATOR)
@require_POST
def party_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    party, area = _party(request, pk)
    return dispatch(
        request, actions_of(party, request), verb, back=list_url(request, "parties", area), said=_("Noted.")
    )


# Pages for places of an area: a list, and forms to add, change and end one.


@staff(Role.VIEWER)
@require_safe
def places(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug)
    context = context_of(request, area, "places", inventory.area_inventory(area))
    if context["may_change"]:
        context["panels"] = panels_on(PanelPage.PLACES, area)
        context["ended"] = Place.objects.filter(ended_on__isnull=False, area=area)
    return render(request, "neighbourhoods/places.html", context)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def place_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    form = PlaceForm(**entry_form_kwargs(request, area))
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
    form = PlaceForm(**entry_form_kwargs(request, place.area), instance=copy(place))
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
        back=list_url(request, "places", place.area),
        said=_("Noted."),
    )


# Pages for residents: find a neighbourhood, and read what was asked, heard, promised and done there.


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
        "map": drawing.draw(
            drawing.versions_around(area, version), **drawing.map_bounds_kwargs(area, version)
        ),
        "border": drawing.border(area, version),
        "figures": key_figures.newest().select_related("indicator", "source"),
        "panels": panels_on(PanelPage.RESIDENTS, area),
        "plans": plans.select_related("trajectory").distinct(),
        "works_here": _colleague_titles(area),
        "ended": area.is_ended,
        "came_after": Succession.objects.successors_of(area),
    }
    return render(request, "neighbourhoods/neighbourhood.html", context)


def _colleague_titles(area: Area) -> list[str]:
    """Titles, never names, of the editors and coordinators of this area."""
    here = Membership.objects.current().covering(area).filter(role__in=[Role.EDITOR, Role.COORDINATOR])
    titles = here.exclude(user__title="").order_by("user__title").values_list("user__title", flat=True)
    return list(dict.fromkeys(titles))
