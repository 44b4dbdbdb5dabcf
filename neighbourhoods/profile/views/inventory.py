"""Shared by the pages for parties, places and key persons: tabs, forms and action buttons."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.actions import Action, domain_errors_in, refused
from core.errors import DomainError
from neighbourhoods.access import require
from neighbourhoods.models import Area, KeyPerson, Party, Place
from neighbourhoods.profile.services import inventory
from neighbourhoods.states import Power, Role

_PlaceOrPerson = TypeVar("_PlaceOrPerson", Place, KeyPerson)


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def mine(request: HttpRequest) -> QuerySet[Area]:
    return Area.objects.where(request.user, least=Power.COORDINATOR).existing()


def near(request: HttpRequest, area: Area, party: Party | None = None) -> QuerySet[Area]:
    """Of these areas the ones to offer: this area, around it, beside it and inside it, and those of the party."""
    found = Q(pk__in=[area.pk, *(one.pk for one in area.above)])
    found |= Q(parent=area.pk) | Q(parent__isnull=False, parent=area.parent_id)
    if party:
        found |= Q(pk__in=party.areas.values("pk"))
    return mine(request).filter(found)


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
    return render(request, template, {"form": form, "back": back} | context, status=refused(form))


def find_in_area(request: HttpRequest, model: type[_PlaceOrPerson], pk: int) -> _PlaceOrPerson:
    """The entry with this id, if the user may change it. 404 or 403 otherwise."""
    found = model.objects.visible_to(request.user).select_related("area__parent__parent")
    thing = get_object_or_404(found, pk=pk)
    require(request, Role.COORDINATOR, thing.area)
    return thing


def at(request: HttpRequest, area: Area) -> dict[str, Any]:
    """Arguments of a form for an entry of this area."""
    return {
        "data": posted(request),
        "areas": mine(request),
        "parties": Party.objects.visible_to(request.user).active(),
        "here": area,
    }


def actions_of(thing: Party | Place, request: HttpRequest) -> dict[str, Action]:
    def take_up_again() -> None:
        try:
            inventory.reopen_inventory_item(thing=thing, by=request.user)
        except inventory.NotedAnew as error:
            there = reverse("parties" if isinstance(error.there, Party) else "places", args=[error.area.slug])
            link = format_html('<a href="{}#thing-{}">{}</a>', there, error.there.pk, _("Look at that one"))
            raise DomainError(format_html("{} {}", str(error), link)) from error

    return {
        "still-true": lambda: inventory.confirm_inventory_item(thing=thing, by=request.user),
        "end": lambda: inventory.end_inventory_item(thing=thing, by=request.user),
        "again": take_up_again,
    }


def back_to(request: HttpRequest, name: str, area: Area) -> str:
    """The list that the button was on, since a party of several areas is on several lists."""
    mine = Area.objects.visible_to(request.user).filter(slug=request.POST.get("area", "")[:140]).first()
    return reverse(name, args=[(mine or area).slug])
