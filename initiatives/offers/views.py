"""Pages to make an offer and to change one's own."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import LinkPurpose, sign_link
from accounts.models import Receipt, User
from core import limits
from core.actions import domain_errors_in
from core.errors import DomainError
from core.rows import is_id
from feedback.private.views.choices import receipt_from_link
from initiatives.matching.services.owners import owner_for_area
from initiatives.matching.views.shown_once import code_entry_address, code_from_cookie, set_code_cookie
from initiatives.models import ExpectationCard, Initiative, Offer, VolunteerRole
from initiatives.offers.forms.offers import GiftForm, OwnOfferForm, PauseForm, PublicJoinForm
from initiatives.offers.services import offers
from initiatives.offers.services.offers import Gift, Hands, make_offer
from initiatives.states import OfferState
from neighbourhoods.access import public, resident
from neighbourhoods.models import Area, Municipality, Theme

# --- making an offer ---------------------------------------------------------------------------


HANDS_CHOICE, GIFT_CHOICE = "hands", "gift"


@dataclass(frozen=True)
class OfferContext:
    """What a visitor came for, from the URL: a role, an initiative, a theme, or just the neighbourhood."""

    area: Area
    role: VolunteerRole | None
    initiative: Initiative | None
    theme: Theme | None
    card: ExpectationCard | None
    owner: User | None


def _parse_context(request: HttpRequest, slug: str) -> OfferContext:
    """Parse the URL. What no longer exists is ignored; the invitation of the neighbourhood remains."""
    area = get_object_or_404(Area.objects.existing().select_related("parent__parent"), slug=slug)
    role, initiative = None, None
    roles = VolunteerRole.objects.open().select_related(
        "card", "initiative__theme", "initiative__owner", "initiative__area"
    )
    if is_id(pk := request.GET.get("role", "")):
        role = roles.filter(pk=pk).first()
    if role is None and is_id(pk := request.GET.get("initiative", "")):
        initiative = Initiative.objects.public().select_related("theme", "owner").filter(pk=pk).first()
        theirs = list(roles.filter(initiative=initiative)[:2]) if initiative else []
        role = theirs[0] if len(theirs) == 1 else None
    if role:
        initiative = role.initiative
    theme = initiative.theme if initiative else None
    if theme is None and (named := request.GET.get("theme", "")) and "\0" not in named:
        theme = Theme.objects.in_use().filter(slug=named).first()
    card = role.card if role and role.card else ExpectationCard.objects.invitation_card_for(area)
    owner = initiative.owner if initiative else None
    return OfferContext(area, role, initiative, theme, card, owner or owner_for_area(area))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def offer_new(request: HttpRequest, slug: str) -> HttpResponse:
    """“I want to join in”, or “I have something to offer”. What to expect stands above the choice."""
    asked = _parse_context(request, slug)
    give = request.GET.get("give", "")
    if give not in (HANDS_CHOICE, GIFT_CHOICE):
        give = HANDS_CHOICE if asked.role else ""
    if (give == HANDS_CHOICE and asked.card is None) or asked.owner is None:
        give = ""
    if request.method == "POST" and not give:
        raise Http404
    context = {"asked": asked, "give": give, "area": asked.area}
    if not give:
        query = request.GET.copy()
        for way in (HANDS_CHOICE, GIFT_CHOICE):
            query["give"] = way
            context[f"{way}_url"] = f"?{query.urlencode()}"
        return render(request, "initiatives/offer_choose.html", context)
    sent = request.POST if request.method == "POST" else None
    form = PublicJoinForm(sent) if give == HANDS_CHOICE else GiftForm(sent, area=asked.area)
    if give == HANDS_CHOICE and request.method == "POST" and request.POST.get("card") != str(asked.card.pk):
        form.add_error(
            None,
            _(
                "What you can expect has changed since you opened this page. Read it once more, and then say yes."
            ),
        )
        return render(request, "initiatives/offer_new.html", context | {"form": form}, status=409)
    if form.is_valid() and limits.is_limit_reached(request, limits.MAIL_LIMIT):
        form.add_error(None, _("This was asked for too often from here. Try again in an hour."))
    elif form.is_valid():
        with domain_errors_in(form):
            offer, code = _make(asked, form, form.hands if give == HANDS_CHOICE else form.gift)
            limits.record_attempt(request, limits.MAIL_LIMIT)
            return _redirect_to_thanks(request, offer, code)
    context["form"] = form
    return render(request, "initiatives/offer_new.html", context, status=422 if form.is_bound else 200)


def _make(asked: OfferContext, form: PublicJoinForm | GiftForm, given: Hands | Gift) -> tuple[Offer, str]:
    assert asked.owner is not None
    return make_offer(
        hands=given,
        card=asked.card,
        area=asked.area,
        theme=asked.theme,
        owner=asked.owner,
        wished_role=asked.role if isinstance(given, Hands) else None,
        language=get_language() or "nl",
        email=form.cleaned_data["email"],
        phone=form.cleaned_data["phone"],
        consent=str(form.fields["consent"].label),
        submit_key=form.cleaned_data["submit_key"],
    )


def _redirect_to_thanks(request: HttpRequest, offer: Offer, code: str) -> HttpResponse:
    response = redirect("offer_made", token=sign_link(offer.receipt, LinkPurpose.PAGE))
    return set_code_cookie(request, response, code)


@resident
@require_safe
@receipt_from_link(LinkPurpose.PAGE)
def offer_made(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Thanks: who gets in touch and before when, and the code of the offer."""
    offer = get_object_or_404(Offer.objects.select_related("owner", "area"), receipt=receipt)
    code = code_from_cookie(request)
    contact = getattr(receipt, "contact", None)
    context = {
        "offer": offer,
        "is_asked_by_mail": bool(contact and contact.email and not contact.confirmed_at),
        "code": code,
        "token": token,
        "address": code_entry_address(),
        "danger_text": Municipality.current().danger_text if offer.may_be_danger else None,
    }
    return render(request, "initiatives/offer_made.html", context)


# --- the holder's own offer --------------------------------------------------------------------


def _offer(receipt: Receipt) -> Offer:
    return get_object_or_404(Offer.objects.select_related("owner", "area", "theme"), receipt=receipt)


def _own_page_redirect(token: str) -> HttpResponse:
    return redirect(reverse("private_page", args=[token]) + "#offer")


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.PAGE)
def own_offer_change(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    offer = _offer(receipt)
    if offer.state == OfferState.CLOSED:
        return _own_page_redirect(token)
    form = OwnOfferForm(request.POST if request.method == "POST" else None, offer=offer)
    if form.is_valid():
        with domain_errors_in(form):
            offers.confirm_offer(offer=offer, answers=form.saved_answers)
            return _own_page_redirect(token)
    context = {"offer": offer, "form": form, "token": token}
    return render(request, "initiatives/own_offer.html", context, status=422 if form.is_bound else 200)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.PAGE)
def own_offer_pause(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    offer = _offer(receipt)
    if offer.state == OfferState.CLOSED:
        return _own_page_redirect(token)
    form = PauseForm(request.POST if request.method == "POST" else None, initial=PauseForm.suggested())
    if form.is_valid():
        with domain_errors_in(form):
            offers.pause(offer=offer, until=form.cleaned_data["pause_until"])
            return _own_page_redirect(token)
    context = {"offer": offer, "form": form, "token": token}
    return render(request, "initiatives/own_offer_pause.html", context, status=422 if form.is_bound else 200)


@resident
@require_POST
@receipt_from_link(LinkPurpose.PAGE)
def own_offer_do(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Confirm the offer, or end the pause, in one tap. A closed offer is not an error: the page says so."""
    offer = _offer(receipt)
    action = request.POST.get("action", "")
    try:
        if action == "still_true":
            offers.confirm_offer(offer=offer)
        elif action == "go_on":
            offers.resume_offer(offer=offer)
    except DomainError:
        pass
    return _own_page_redirect(token)
