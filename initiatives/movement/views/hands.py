"""The coordinator's day, and the page of one offer with its actions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Contact, Event, User
from core.actions import domain_errors_in
from core.deadlines import days_late, past_due
from core.i18n import pick
from core.rows import is_id
from feedback.words import find_warning_words
from initiatives.matching import next_steps
from initiatives.matching.services import matches, overdue_items
from initiatives.matching.services.owners import reassign
from initiatives.matching.views import suggestions
from initiatives.matching.views.matches import everything_form, hand_over_all_view, match_page
from initiatives.models import ExpectationCard, Initiative, Offer
from initiatives.movement.services import coordinator_dashboard
from initiatives.offers.forms.offer_care import ClearanceForm, CloseForm, PartyForm, PlaceForm, StepForm
from initiatives.offers.forms.offers import places_of
from initiatives.offers.services import offer_care
from initiatives.states import OFFER_TRANSITIONS, Language, Motive, OfferKind, OfferState, Skill
from neighbourhoods.access import require, staff
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Party, Theme
from neighbourhoods.states import Role

OFFERS_PAGE_SIZE = 30
WAITING_TAB, MINE_TAB = "waiting", "mine"


@staff(Role.COORDINATOR)
@require_GET
def hands(request: HttpRequest) -> HttpResponse:
    """The day on one page: offers due, longest waits, roles without volunteers, and recent answers."""
    everybody = Offer.objects.visible_to(request.user)
    today = timezone.localdate()
    offers, owner = everybody, None
    if is_id(pk := request.GET.get("owner", "")):
        owner = User.objects.filter(pk=pk).first()
        offers = offers.filter(owner=pk)
    look = request.GET.get("look", "")
    if look == MINE_TAB:
        offers = offers.filter(owner=request.user)
    page = _page_of(offers, request.GET.get("after", ""), look)
    shown = page[:OFFERS_PAGE_SIZE]
    query = f"owner={owner.pk}&" if owner else f"look={look}&" if look in (WAITING_TAB, MINE_TAB) else ""
    counted = _offer_counts(everybody)
    due = overdue_items.items_due(request.user, today, most=coordinator_dashboard.DASHBOARD_ROWS_SHOWN + 1)
    nobody = list(
        coordinator_dashboard.open_roles(request.user).filter(bound=0)[
            : coordinator_dashboard.DASHBOARD_ROWS_SHOWN + 1
        ]
    )
    context = {
        "offers": _offer_rows(shown),
        "next_url": f"?{query}after={_key(shown[-1], look)}" if len(page) > OFFERS_PAGE_SIZE else "",
        "first_url": f"?{query}" if request.GET.get("after") else "",
        "to_read_first": _to_read_first(offers) if counted["to_read_first"] else [],
        "figures": _figures(request, everybody, counted, len(nobody)),
        "tabs": _tabs(look) if owner is None else None,
        "is_by_waiting": look == WAITING_TAB,
        "owner": owner,
        "left_out": everybody.waiting().exclude(owner=owner).count() if owner else 0,
        "form": everything_form(request, owner, Offer.objects.waiting()) if owner else None,
        "due": due[: coordinator_dashboard.DASHBOARD_ROWS_SHOWN],
        "more_due": len(due) > coordinator_dashboard.DASHBOARD_ROWS_SHOWN,
        "today": today,
        "nobody": nobody[: coordinator_dashboard.DASHBOARD_ROWS_SHOWN],
        "more_nobody": len(nobody) > coordinator_dashboard.DASHBOARD_ROWS_SHOWN,
        "answered": coordinator_dashboard.recent_match_answers(request.user, today=today),
        "round_url": _round_url(),
        "no_card": not ExpectationCard.objects.filter(invites_in__isnull=False).exists(),
        "looking": Initiative.objects.running().count() if not shown else 0,
    }
    return render(request, "initiatives/hands.html", context)


def _to_read_first(offers: QuerySet[Offer]) -> list[dict[str, Any]]:
    """Offers whose words may mean danger; shown before everything else."""
    return _offer_rows(list(offers.unread_danger().select_related("area", "owner")[:OFFERS_PAGE_SIZE]))


def _round_url() -> str:
    try:
        return reverse("hands_round")
    except NoReverseMatch:
        return ""


def _tabs(look: str) -> list[dict[str, Any]]:
    names = {"": _("Whose turn it is"), WAITING_TAB: _("Waits longest"), MINE_TAB: _("Looked after by me")}
    return [
        {
            "url": f"?look={key}" if key else "?",
            "label": name,
            "current": look == key or (not key and look not in names),
        }
        for key, name in names.items()
    ]


def _page_of(offers: QuerySet[Offer], after: str, look: str) -> list[Offer]:
    """Keyset pagination: `after` is the day and the id of the last offer shown."""
    by = "offered_on" if look == WAITING_TAB else "next_action_on"
    waiting = coordinator_dashboard.offers_without_match(offers) if look == WAITING_TAB else offers.waiting()
    waiting = waiting.select_related("area", "theme", "owner")
    said, _tilde, pk = after.partition("~")
    try:
        last = parse_date(said)
    except ValueError:
        last = None
    if last and is_id(pk):
        waiting = waiting.filter(Q(**{f"{by}__gt": last}) | Q(**{by: last, "pk__gt": pk}))
    return list(waiting[: OFFERS_PAGE_SIZE + 1])


def _key(offer: Offer, look: str) -> str:
    return f"{offer.offered_on if look == WAITING_TAB else offer.next_action_on}~{offer.pk}"


def _offer_rows(offers: list[Offer]) -> list[dict[str, Any]]:
    """Each offer with the days since it was made, and the days its step is late."""
    today = timezone.localdate()
    return [
        {
            "offer": offer,
            "waits": (today - offer.offered_on).days,
            "late": days_late(offer.next_action_on, today),
        }
        for offer in offers
    ]


def _offer_counts(offers: QuerySet[Offer]) -> dict[str, int]:
    today = timezone.localdate()
    return (
        offers.waiting()
        .order_by()
        .aggregate(
            late=Count("pk", filter=past_due("next_action_on", today)),
            today=Count("pk", filter=Q(next_action_on=today)),
            to_read_first=Count("pk", filter=Q(may_be_danger=True)),
        )
    )


def _figures(
    request: HttpRequest, offers: QuerySet[Offer], found: dict[str, int], nobody: int
) -> list[dict[str, Any]]:
    rate = coordinator_dashboard.first_contact_rate(offers, today=timezone.localdate())
    if nobody > coordinator_dashboard.DASHBOARD_ROWS_SHOWN:
        nobody = coordinator_dashboard.open_roles(request.user).filter(bound=0).count()
    return [
        {"value": found["late"], "text": _("too late"), "late": found["late"] > 0},
        {"value": found["today"], "text": _("due today")},
        {"value": nobody, "text": _("roles without anybody")},
        {
            "value": "–" if rate.percent is None else f"{rate.percent}%",
            "text": ngettext("spoken to within %(n)d day", "spoken to within %(n)d days", rate.days)
            % {"n": rate.days},
        },
    ]


@staff(Role.COORDINATOR)
@require_GET
def hands_fairness(request: HttpRequest) -> HttpResponse:
    """How soon people were contacted, and where introductions went."""
    today = timezone.localdate()
    initiatives, areas = coordinator_dashboard.introductions(request.user, today=today)
    months = coordinator_dashboard.months(Offer.objects.visible_to(request.user), today=today)
    context = {
        "months": months,
        "initiatives": initiatives,
        "areas": areas,
        "term": matches.term("first_contact"),
    }
    return render(request, "initiatives/fairness.html", context)


# --- one offer --------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_GET
def hand(request: HttpRequest, pk: int) -> HttpResponse:
    return _offer_page(request, _offer(request, pk))


def _offer(request: HttpRequest, pk: int, *, to_change: bool = False) -> Offer:
    offers = Offer.objects.visible_to(request.user).select_related(
        "area", "theme", "owner", "card", "party", "place", "wished_role__initiative"
    )
    offer = get_object_or_404(offers, pk=pk)
    if to_change and offer.owner != request.user:
        require(request, Role.COORDINATOR, offer.area)
    return offer


def _offer_page(
    request: HttpRequest, offer: Offer, contact: Contact | None = None, **bound: forms.Form
) -> HttpResponse:
    themes = [offer.theme_id] if offer.theme_id else []
    today = timezone.localdate()
    due = list(Offer.objects.visible_to(request.user).waiting().select_related("area", "owner")[:8])
    wrong = next(iter(bound.values()), None)
    may = offer.owner == request.user or request.desk.can(Role.COORDINATOR, [offer.area])
    under_way = set(offer.matches.standing().order_by().values_list("state", flat=True))
    wanted = offer.is_hands and offer.state != OfferState.CLOSED
    context = {
        "offer": offer,
        "due": _offer_rows(due),
        "following": next((one for one in due if one.pk != offer.pk), None),
        "skills": Skill.labels_of(offer.skills),
        "languages": [Language(one).label for one in offer.languages if one in Language.values],
        "wishes": _wishes(offer),
        "motives": [Motive(motive).label for motive in offer.motives if motive in Motive.values],
        "waited": (today - offer.offered_on).days,
        "hints": find_warning_words(offer.masked_words, offer.masked_conditions),
        "contact": contact,
        "unconfirmed": _is_unconfirmed(offer),
        "near": Initiative.objects.near(offer.area_id, themes)[:5] if themes else [],
        "log": Event.objects.about(offer).select_related("actor")[:20],
        "step_form": bound.get("step_form") or StepForm(offer=offer),
        "stands": next_steps.how_it_stands(offer.state, under_way),
        "steps": _steps(offer, under_way),
        "close_form": bound.get("close_form") or CloseForm(),
        "hand_over_form": bound.get("hand_over_form")
        or HandoverForm(areas=[offer.area_id], without=offer.owner),
        "clearances": list(offer.clearances.select_related("seen_by")),
        "clearance_form": bound.get("clearance_form") or ClearanceForm(initial={"seen_on": today}),
        "place_form": bound.get("place_form") or _place_form(offer),
        "party_form": bound.get("party_form") or _party_form(request, offer),
        "matches": match_page(request, offer.matches.all()),
        "today": today,
        "bound": wrong,
        "may": may,
        "suggestions": suggestions.role_suggestions(offer, by=request.user, may=may) if wanted else None,
    }
    return render(request, "initiatives/hand.html", context, status=422 if wrong else 200)


def _wishes(offer: Offer) -> list[str]:
    if not offer.wishes:
        return []
    language = get_language() or ""
    return [pick(theme.name, language) for theme in Theme.objects.filter(slug__in=offer.wishes)]


def _is_unconfirmed(offer: Offer) -> bool:
    """Whether the offer has an address that was not confirmed: no proposals go there."""
    contacts = Contact.objects.filter(receipt=offer.receipt_id, confirmed_at=None)
    return contacts.exclude(email="").exists()


def _steps(offer: Offer, matches: set[str]) -> list[dict[str, Any]]:
    """Steps that can be noted with one tap; the usual next step is planned with it. `matches` are the states
    of its standing matches."""
    ahead = set(OFFER_TRANSITIONS.get(offer.state, frozenset()))
    if not next_steps.may_be_at_work(offer.state, matches):
        ahead -= {OfferState.ACTIVE}
    names = {
        OfferState.CONTACTED: _("I spoke to them"),
        OfferState.ACTIVE: _("They go on again")
        if offer.state == OfferState.PAUSED
        else _("They are at work"),
    }
    return [
        {"to": state.value, "label": label, "after": offer_care.usual_step_due(offer, state)}
        for state, label in names.items()
        if state in ahead
    ]


def _place_form(offer: Offer, data: Any = None) -> PlaceForm | None:
    if offer.kind != OfferKind.SPACE:
        return None
    return PlaceForm(data, places=places_of(offer.area), offer=offer, initial={"place": offer.place_id})


def _party_form(request: HttpRequest, offer: Offer, data: Any = None) -> PartyForm | None:
    if offer.is_hands:
        return None
    here = Party.objects.visible_to(request.user).active().filter(areas=offer.area_id)
    return PartyForm(data, parties=here, offer=offer, initial={"party": offer.party_id})


@staff(Role.COORDINATOR)
@require_POST
def hand_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the contact details to a colleague who has to call. Logs who looked."""
    offer = _offer(request, pk, to_change=True)
    return _offer_page(request, offer, offer_care.show_contact(offer=offer, by=request.user))


@staff(Role.COORDINATOR)
@require_POST
def hand_read(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    offer_care.note_read(offer=offer, by=request.user)
    messages.success(request, _("Noted that you read it."))
    return redirect("hand", pk=offer.pk)


@staff(Role.COORDINATOR)
@require_POST
def hand_step(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = StepForm(request.POST, offer=offer)
    return _run_form_action(
        request, offer, form, "step_form",
        lambda: offer_care.record_offer_step(
            offer=offer, to=form.cleaned_data["to"], next_action=form.cleaned_data["next_action"],
            on=form.cleaned_data["on"], address_is_right=form.cleaned_data["address_is_right"],
            pause_asked=form.cleaned_data["pause_asked"], why=form.cleaned_data["why"],
            by=request.user,
        ),
        _("Kept, with a next step."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_close(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = CloseForm(request.POST)
    return _run_form_action(
        request, offer, form, "close_form",
        lambda: offer_care.close(offer=offer, reason=form.cleaned_data["reason"], by=request.user),
        _("Rounded off. They read your reason on their own page."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = HandoverForm(request.POST, areas=[offer.area_id], without=offer.owner)
    return _run_form_action(
        request, offer, form, "hand_over_form",
        lambda: reassign(Offer.objects.waiting().filter(pk=pk), to=form.cleaned_data["to"], by=request.user),
        _("Handed over."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_clearance(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a document was shown. Only when and to whom is kept."""
    offer = _offer(request, pk, to_change=True)
    form = ClearanceForm(request.POST)
    return _run_form_action(
        request, offer, form, "clearance_form",
        lambda: offer_care.note_clearance(
            offer=offer, seen_on=form.cleaned_data["seen_on"], by=request.user
        ),
        _("Noted. The document itself is not kept."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_place(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = _place_form(offer, request.POST)
    if form is None:
        raise Http404
    return _run_form_action(
        request, offer, form, "place_form",
        lambda: offer_care.link_place(offer=offer, place=form.cleaned_data["place"], by=request.user),
        _("Kept."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_party(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = _party_form(request, offer, request.POST)
    if form is None:
        raise Http404
    return _run_form_action(
        request, offer, form, "party_form",
        lambda: offer_care.link_party(offer=offer, party=form.cleaned_data["party"], by=request.user),
        _("Kept."),
    )  # fmt: skip


def _run_form_action(
    request: HttpRequest, offer: Offer, form: forms.Form, name: str, action: Callable[[], Any], said: str
) -> HttpResponse:
    if form.is_valid():
        with domain_errors_in(form):
            action()
            messages.success(request, said)
            return redirect("hand", pk=offer.pk)
    return _offer_page(request, offer, **{name: form})


# --- handing over everything ------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_POST
def hands_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    return hand_over_all_view(
        request, pk, in_hand=Offer.objects.waiting(), back="hands",
        said=lambda n: ngettext("%(count)d offer handed over.", "%(count)d offers handed over.", n) % {"count": n},
    )  # fmt: skip
