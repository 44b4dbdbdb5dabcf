"""Incoming mail that could not be taken in automatically."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.actions import domain_errors_in, refused
from feedback.answers.forms import DiscardForm, LinkForm
from feedback.answers.services import replies
from feedback.models import Incoming
from feedback.states import IncomingState
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role

_PAGE_SIZE = 50


@staff(Role.COORDINATOR)
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    waiting = Incoming.objects.visible_to(request.user).waiting()
    context = {"mails": waiting[:_PAGE_SIZE], "more": max(0, waiting.count() - _PAGE_SIZE)}
    return render(request, "feedback/incoming.html", context)


def _find(request: HttpRequest, pk: int) -> Incoming:
    """Raises Http404 if not visible to the user, PermissionDenied if they are only viewer in an area it is about."""
    visible = Incoming.objects.visible_to(request.user).select_related("message", "settled_by")
    found = get_object_or_404(visible, pk=pk)
    areas = Area.objects.filter(topics__owed__receipt=found.receipt_id).distinct() if found.receipt_id else []
    require(request, Role.COORDINATOR, *(areas or [Area.root()]))
    return found


@staff(Role.COORDINATOR)
@require_GET
def incoming_one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


def _page(
    request: HttpRequest,
    found: Incoming,
    *,
    link_form: LinkForm | None = None,
    discard_form: DiscardForm | None = None,
    sender: str = "",
) -> HttpResponse:
    places = replies.places_for(found) if found.state == IncomingState.WAITING else []
    bound = link_form or discard_form
    context: dict[str, Any] = {
        "mail": found,
        "places": places,
        "link_form": link_form or LinkForm(places=places),
        "discard_form": discard_form or DiscardForm(),
        "bound": bound,
        "sender": sender,
    }
    return render(request, "feedback/incoming_one.html", context, status=refused(bound) if bound else 200)


@staff(Role.COORDINATOR)
@require_POST
def incoming_link(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = LinkForm(request.POST, places=replies.places_for(found))
    if form.is_valid():
        with domain_errors_in(form):
            replies.link_incoming_mail(incoming=found, to=form.cleaned_data["to"], by=request.user)
            messages.success(request, _("Taken in. It is owed an answer now."))
            return redirect("incoming")
    return _page(request, found, link_form=form)


@staff(Role.COORDINATOR)
@require_POST
def incoming_discard(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = DiscardForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form):
            replies.discard(incoming=found, by=request.user, note=form.cleaned_data["note"])
            messages.success(request, _("Off the list. Its words are gone."))
            return redirect("incoming")
    return _page(request, found, discard_form=form)


@staff(Role.COORDINATOR)
@require_POST
def incoming_sender(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sender's address, for an answer by hand. Logs who looked."""
    found = _find(request, pk)
    return _page(request, found, sender=replies.show_sender(incoming=found, by=request.user))
