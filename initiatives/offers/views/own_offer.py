"""On one's own page: keeping an offer up to date, and a break."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.links import LinkPurpose
from accounts.models import Receipt
from core.errors import DomainError
from feedback.private.views.holder import holder
from initiatives.models import Offer
from initiatives.offers.forms.offers import OwnOfferForm, PauseForm
from initiatives.offers.services import own_offer
from initiatives.states import OfferState
from neighbourhoods.access import resident


def _offer(receipt: Receipt) -> Offer:
    return get_object_or_404(Offer.objects.select_related("owner", "area", "theme"), receipt=receipt)


def _back(token: str) -> HttpResponse:
    return redirect(reverse("private_page", args=[token]) + "#offer")


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.PAGE)
def own_offer_change(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """What I can, when, until when: as it is now."""
    offer = _offer(receipt)
    if offer.state == OfferState.CLOSED:
        return _back(token)
    form = OwnOfferForm(request.POST if request.method == "POST" else None, offer=offer)
    if form.is_valid():
        try:
            own_offer.keep_up_to_date(offer=offer, kept=form.kept)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _back(token)
    context = {"offer": offer, "form": form, "token": token}
    return render(request, "initiatives/own_offer.html", context, status=422 if form.is_bound else 200)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.PAGE)
def own_offer_pause(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Nothing for a while: until which day?"""
    offer = _offer(receipt)
    if offer.state == OfferState.CLOSED:
        return _back(token)
    form = PauseForm(request.POST if request.method == "POST" else None, initial=PauseForm.suggested())
    if form.is_valid():
        try:
            own_offer.pause(offer=offer, until=form.cleaned_data["pause_until"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _back(token)
    context = {"offer": offer, "form": form, "token": token}
    return render(request, "initiatives/own_offer_pause.html", context, status=422 if form.is_bound else 200)


@resident
@require_POST
@holder(LinkPurpose.PAGE)
def own_offer_do(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """One tap: still true, or going on after a break. What is closed meanwhile says so on the page."""
    offer = _offer(receipt)
    action = request.POST.get("action", "")
    try:
        if action == "still_true":
            own_offer.keep_up_to_date(offer=offer)
        elif action == "go_on":
            own_offer.go_on(offer=offer)
    except DomainError:
        pass
    return _back(token)
