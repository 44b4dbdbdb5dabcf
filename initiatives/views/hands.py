"""The coordinator's day: whose turn it is, one offer, and what happens with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Contact, Event, User
from initiatives.forms.offers import CloseForm, ColleagueForm, StepForm
from initiatives.models import Initiative, Offer
from initiatives.services import offer_care
from initiatives.states import Motive, OfferState, Skill
from neighbourhoods.access import require, staff
from neighbourhoods.errors import DomainError
from neighbourhoods.ids import is_id
from neighbourhoods.states import Role

PAGE = 30


@staff(Role.COORDINATOR)
@require_GET
def hands(request: HttpRequest) -> HttpResponse:
    """Everybody who offered something and is not rounded off: who is due first stands first."""
    everybody = Offer.objects.visible_to(request.user)
    offers, owner = everybody, None
    if is_id(pk := request.GET.get("owner", "")):
        owner = User.objects.filter(pk=pk).first()
        offers = offers.filter(owner=pk)
    page = _page_of(offers, request.GET.get("after", ""))
    shown = page[:PAGE]
    query = f"owner={owner.pk}&" if owner else ""
    context = {
        "offers": shown,
        "next_url": f"?{query}after={_key(shown[-1])}" if len(page) > PAGE else "",
        "first_url": f"?{query}" if request.GET.get("after") else "",
        "figures": _figures(everybody),
        "owner": owner,
        "left_out": everybody.waiting().exclude(owner=owner).count() if owner else 0,
        "form": _everything_form(request, owner) if owner else None,
        "looking": Initiative.objects.running().count(),
    }
    return render(request, "initiatives/hands.html", context)


def _page_of(offers: QuerySet[Offer], after: str) -> list[Offer]:
    waiting = offers.waiting().select_related("area", "theme", "owner")
    day, _tilde, pk = after.partition("~")
    try:
        due = parse_date(day)
    except ValueError:
        due = None
    if due and is_id(pk):
        waiting = waiting.filter(Q(next_action_on__gt=due) | Q(next_action_on=due, pk__gt=pk))
    return list(waiting[: PAGE + 1])


def _key(offer: Offer) -> str:
    return f"{offer.next_action_on}~{offer.pk}"


def _figures(offers: QuerySet[Offer]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    found = offers.waiting().order_by().aggregate(
        late=Count("pk", filter=Q(next_action_on__lt=today)),
        today=Count("pk", filter=Q(next_action_on=today)),
        new=Count("pk", filter=Q(state=OfferState.NEW)),
        active=Count("pk", filter=Q(state=OfferState.ACTIVE)),
    )  # fmt: skip
    return [
        {"value": found["late"], "text": _("too late"), "late": found["late"] > 0},
        {"value": found["today"], "text": _("due today")},
        {"value": found["new"], "text": _("not spoken to yet")},
        {"value": found["active"], "text": _("active")},
    ]


# --- one offer --------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_GET
def hand(request: HttpRequest, pk: int) -> HttpResponse:
    return _offer_page(request, _offer(request, pk))


def _offer(request: HttpRequest, pk: int, *, to_change: bool = False) -> Offer:
    offers = Offer.objects.visible_to(request.user).select_related("area", "theme", "owner", "card")
    offer = get_object_or_404(offers, pk=pk)
    if to_change and offer.owner != request.user:
        require(request, Role.COORDINATOR, offer.area)
    return offer


def _offer_page(
    request: HttpRequest, offer: Offer, contact: Contact | None = None, **bound: forms.Form
) -> HttpResponse:
    themes = [offer.theme_id] if offer.theme_id else []
    context = {
        "offer": offer,
        "due": list(Offer.objects.visible_to(request.user).waiting().select_related("area")[:8]),
        "skills": Skill.said(offer.skills),
        "motives": [Motive(motive).label for motive in offer.motives if motive in Motive.values],
        "waited": (timezone.localdate() - offer.offered_on).days,
        "contact": contact,
        "near": Initiative.objects.near(offer.area_id, themes)[:5] if themes else [],
        "log": Event.objects.about(offer).select_related("actor")[:20],
        "step_form": bound.get("step_form") or StepForm(offer=offer),
        "close_form": bound.get("close_form") or CloseForm(),
        "hand_over_form": bound.get("hand_over_form")
        or ColleagueForm(areas=[offer.area_id], without=offer.owner),
        "bound": next(iter(bound.values()), None),
        "may": offer.owner == request.user or request.desk.can(Role.COORDINATOR, [offer.area]),
        "tomorrow": timezone.localdate() + timedelta(days=1),
    }
    return render(request, "initiatives/hand.html", context)


@staff(Role.COORDINATOR)
@require_POST
def hand_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """How to reach them, for who has to call. That somebody looked is kept."""
    offer = _offer(request, pk, to_change=True)
    return _offer_page(request, offer, offer_care.show_contact(offer=offer, by=request.user))


@staff(Role.COORDINATOR)
@require_POST
def hand_step(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = StepForm(request.POST, offer=offer)
    return _care(
        request, offer, form, "step_form",
        lambda: offer_care.take_step(
            offer=offer, to=form.cleaned_data["to"], next_action=form.cleaned_data["next_action"],
            on=form.cleaned_data["on"], by=request.user,
        ),
        _("Kept, with a next step."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_close(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = CloseForm(request.POST)
    return _care(
        request, offer, form, "close_form",
        lambda: offer_care.close(offer=offer, reason=form.cleaned_data["reason"], by=request.user),
        _("Rounded off. They read your reason on their own page."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def hand_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk, to_change=True)
    form = ColleagueForm(request.POST, areas=[offer.area_id], without=offer.owner)
    return _care(
        request, offer, form, "hand_over_form",
        lambda: offer_care.hand_over(offer=offer, to=form.cleaned_data["to"], by=request.user),
        _("Handed over."),
    )  # fmt: skip


def _care(
    request: HttpRequest, offer: Offer, form: forms.Form, name: str, deed: Callable[[], Any], said: str
) -> HttpResponse:
    if form.is_valid():
        try:
            deed()
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said)
            return redirect("hand", pk=offer.pk)
    return _offer_page(request, offer, **{name: form})


# --- somebody leaves --------------------------------------------------------------------------


def _everything_form(request: HttpRequest, owner: User, data: Any = None) -> ColleagueForm | None:
    """For whoever leaves, or an administrator of all areas concerned."""
    areas = [offer.area for offer in Offer.objects.waiting().filter(owner=owner).select_related("area")]
    if not areas or not (owner == request.user or request.desk.can(Role.ADMINISTRATOR, areas)):
        return None
    return ColleagueForm(data, areas=[area.pk for area in areas], without=owner)


@staff(Role.COORDINATOR)
@require_POST
def hands_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    waiting = Offer.objects.visible_to(request.user).waiting()
    owner = get_object_or_404(User, pk=pk, pk__in=waiting.values("owner"))
    form = _everything_form(request, owner, request.POST)
    if form is None:
        raise PermissionDenied
    if not form.is_valid():
        messages.error(request, _("Choose who takes over."))
        return redirect(f"{reverse('hands')}?owner={pk}")
    try:
        count = offer_care.hand_over_all(owner=owner, to=form.cleaned_data["to"], by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            ngettext("%(count)d offer handed over.", "%(count)d offers handed over.", count)
            % {"count": count},
        )
    return redirect("hands")
