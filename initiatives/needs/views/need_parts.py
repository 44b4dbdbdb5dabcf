"""Sources and links of a need, merging and splitting."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.actions import dispatch
from core.errors import DomainError, InvalidTransition
from core.ids import is_id
from initiatives.models import Need
from initiatives.needs.forms import IntoForm, SplitForm
from initiatives.needs.services import need_links, need_sources
from initiatives.needs.views.need_page import find_need, municipality_languages, need_page
from neighbourhoods.access import staff
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role


def _back(request: HttpRequest, need: Need) -> str:
    """To the list if the button was there, else to the need."""
    if request.POST.get("back") == "list":
        return reverse("needs") + "?link=none"
    return reverse("need", args=[need.pk])


def _action(request: HttpRequest, need: Need, action: Callable[[], Any], said: str) -> HttpResponseBase:
    return dispatch(request, {"": action}, "", back=_back(request, need), said=said)


@staff(Role.COORDINATOR)
@require_POST
def need_link(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    what = request.POST.get("what", "")[:80].replace("\0", "")
    return _action(
        request, need, lambda: need_links.link_need(need=need, what=what, by=request.user), _("Linked.")
    )


@staff(Role.COORDINATOR)
@require_POST
def need_unlink(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    given = request.POST.get("link", "")
    link = need.links.filter(pk=given).first() if is_id(given) else None
    if link is None:  # removed already, perhaps by a double press
        return redirect("need", pk=need.pk)
    return _action(
        request, need, lambda: need_links.unlink(link=link, by=request.user), _("No longer linked.")
    )


@staff(Role.COORDINATOR)
@require_POST
def need_source_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    given = request.POST.get("remove", "")
    source = need.sources.filter(pk=given).first() if is_id(given) else None
    if source is None:
        return redirect("need", pk=need.pk)
    return _action(
        request,
        need,
        lambda: need_sources.remove_source(need=need, source=source, by=request.user),
        _("Taken away. The number of people follows."),
    )


@staff(Role.COORDINATOR)
@require_POST
def need_merge(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    form = IntoForm(request.POST, needs=Need.objects.standing().filter(area__in=mine).exclude(pk=need.pk))
    if form.is_valid():
        try:
            into = need_sources.merge(need=need, into=form.cleaned_data["into"], by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
            need.refresh_from_db()
            return need_page(request, need, status=status, into_form=form)
        messages.success(
            request, _("Taken together. It can be undone from the page of the one that was taken in.")
        )
        return redirect("need", pk=into.pk)
    return need_page(request, need, status=422, into_form=form)


@staff(Role.COORDINATOR)
@require_POST
def need_undo_merge(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    return _action(
        request,
        need,
        lambda: need_sources.undo_merge(need=need, by=request.user),
        _("It stands alone again, with what it came with."),
    )


@staff(Role.COORDINATOR)
@require_POST
def need_split(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    form = SplitForm(request.POST, languages=municipality_languages())
    if form.is_valid():
        chosen = [int(one) for one in request.POST.getlist("source")[:500] if is_id(one)]
        try:
            part = need_sources.split(need=need, sources=chosen, title=form.texts("title"), by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
            need.refresh_from_db()
            return need_page(request, need, status=status, split_form=form)
        messages.success(request, _("Taken apart: this is the new need."))
        return redirect("need", pk=part.pk)
    return need_page(request, need, status=422, split_form=form)
