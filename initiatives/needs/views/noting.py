"""On the desk: noting an offer made in a talk, and choosing the card above the open invitation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actions import domain_errors_in
from initiatives.initiatives.services.invite import invite_with
from initiatives.matching.views.shown_once import carried, carry, where_to_type_it
from initiatives.models import ExpectationCard, Offer
from initiatives.offers.forms.offer_care import InviteForm
from initiatives.offers.forms.offers import NotedOfferForm
from initiatives.offers.services.offers import make_offer
from neighbourhoods.access import staff
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_note(request: HttpRequest) -> HttpResponse:
    """Note an offer after a talk: what they offer, what was read to them, and their consent."""
    areas = Area.objects.where(request.user, least=Power.COORDINATOR).existing().order_by("name")  # type: ignore[arg-type]
    here = areas.filter(slug=request.GET.get("area", "").replace("\0", "")).first()
    form = NotedOfferForm(
        request.POST if request.method == "POST" else None,
        areas=areas,
        cards=ExpectationCard.objects.newest(),
        initial={"area": here.pk if here else None},
    )
    if form.is_valid():
        asked = form.cleaned_data
        with domain_errors_in(form):
            offer, code = make_offer(
                hands=form.told,
                card=asked["card"],
                area=asked["area"],
                theme=asked["theme"],
                owner=request.user,  # type: ignore[arg-type]
                language=asked["language"],
                email=asked["email"],
                phone=asked["phone"],
                consent=form.consent_sentence,
                submit_key=asked["submit_key"],
                by=request.user,  # type: ignore[arg-type]
            )
            response = redirect("offer_code", pk=offer.pk)
            return carry(request, response, code)
    context = {"form": form, "cards": form.fields["card"].queryset}
    return render(request, "initiatives/offer_note.html", context, status=422 if form.is_bound else 200)


@staff(Role.COORDINATOR)
@require_safe
def offer_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to give them, on screen or on paper."""
    mine = Offer.objects.visible_to(request.user)  # type: ignore[arg-type]
    offer = get_object_or_404(mine.select_related("area", "receipt"), pk=pk)
    code = carried(request)
    context = {
        "offer": offer,
        "code": code,
        "address": where_to_type_it(),
    }
    response = render(request, "initiatives/offer_code.html", context)
    response["Cache-Control"] = "no-store"
    return response


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def hands_invitation(request: HttpRequest) -> HttpResponse:
    """Choose the card per area: without one nobody there is invited to join in."""
    areas = Area.objects.where(request.user, least=Power.EDITOR).existing().order_by("kind", "name")  # type: ignore[arg-type]
    cards = ExpectationCard.objects.newest()
    form = InviteForm(request.POST if request.method == "POST" else None, areas=areas, cards=cards)
    if form.is_valid():
        with domain_errors_in(form, "card"):
            invite_with(area=form.cleaned_data["area"], card=form.cleaned_data["card"], by=request.user)  # type: ignore[arg-type]
            messages.success(request, _("Kept."))
            return redirect("hands_invitation")
    standing = cards.filter(invites_in__in=areas).select_related("invites_in").order_by("invites_in__name")
    context = {"form": form, "standing": standing, "cards": cards.exists()}
    return render(request, "initiatives/hands_invitation.html", context, status=422 if form.is_bound else 200)
