"""Care for offers: every open one has a next step with a day, and ends with a reason."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone, refresh_or_gone
from feedback.answers.services.promises import note_moved
from feedback.masking import mask
from initiatives.matching import next_steps
from initiatives.matching.services import endings, matches
from initiatives.models import Clearance, Match, Offer
from initiatives.offers.services import offer_mail
from initiatives.states import BOUND_MATCHES, ClearanceKind, OfferKind, OfferState
from neighbourhoods.models import ParticipationRules, Party, Place
from neighbourhoods.profile.services.inventory import lock_areas, save_place
from neighbourhoods.states import PlaceKind

LONGEST_PAUSE = timedelta(days=366)


@transaction.atomic
def take_step(
    *,
    offer: Offer,
    to: str,
    next_action: str = "",
    on: date | None = None,
    by: User,
    address_is_right: bool = False,
    pause_asked: bool = False,
    why: str = "",
    today: date | None = None,
) -> Offer:
    """Record the state (contacted, active, paused) and the next step with its day.

    Without step and day the usual next step of the new state is planned. Keeping the state means planning
    again. A pause lasts until the day of its next step; `pause_asked` means the holder asked for it,
    otherwise it is our “not now”. Moving the same step to a later day takes `why`, which the holder reads.
    Raises DomainError when the next step has no day or a day in the past; InvalidTransition when a colleague
    was first.
    """
    today = today or timezone.localdate()
    if to == OfferState.CLOSED:
        raise DomainError(_("Write why it ends: they read it on their own page."))
    if to == OfferState.PAUSED and on and on <= today:
        raise DomainError(_("A pause ends on a day that is still to come."))
    if not next_action.strip() and on is None and to != offer.state:
        next_action = next_steps.action(to, offer.owner.language)
        on = usually(offer, to, today)
    elif not next_action.strip() and to == OfferState.PAUSED and on:
        next_action = next_steps.action(to, offer.owner.language)
    if not next_action.strip() or on is None or on < today:
        raise DomainError(_("Write the next step, with a day that is still to come."))
    matches.lock_volunteer(
        offer
    )  # lock order: the receipt before the matches and the contact; erasing takes the contact last
    if address_is_right:
        _take_for_right(offer, by)
    fields: dict[str, Any] = {
        "next_action": next_action.strip(),
        "next_action_on": on,
        "paused_until": on if to == OfferState.PAUSED else None,
        "may_be_danger": False,
        "pause_asked": to == OfferState.PAUSED and (pause_asked or offer.pause_asked),
    }
    if to != OfferState.PAUSED:
        matches.planned(offer=offer, on=on, today=today)
    if offer.contacted_on is None and to in (OfferState.CONTACTED, OfferState.ACTIVE):
        fields["contacted_on"] = today
    if to == offer.state:
        told = get_or_gone(Offer.objects.only("next_action", "next_action_on"), pk=offer.pk)
        if to != OfferState.PAUSED and told.next_action == next_action.strip():
            note_moved(thing=f"offer:{offer.pk}", was=told.next_action_on, day=on, why=why)
        if not Offer.objects.filter(pk=offer.pk, state=to).update(**fields):
            raise InvalidTransition(_("Somebody was first. Have another look."))
        Event.log("planned", offer, by=by, next_on=on)
    else:
        offer.move(to, **fields)
        if to == OfferState.PAUSED:
            offer_mail.notify_about_offer(
                offer, offer_mail.BREAK if pause_asked else offer_mail.NOT_NOW, round=on.isoformat()
            )
        Event.log("took a step", offer, by=by, state=OfferState(to), next_on=on)
    refresh_or_gone(offer)
    return offer


def usually(offer: Offer, to: str, today: date | None = None) -> date:
    """The day on which the usual next step of a state is due."""
    today = today or timezone.localdate()
    return next_steps.next_step_due(
        to, offered_on=offer.offered_on, today=today, days=ParticipationRules.current().days
    )


def _take_for_right(offer: Offer, by: User) -> None:
    """Confirm the address, because a colleague read it to them: proposals by mail can go out."""
    unconfirmed = Contact.objects.filter(receipt=offer.receipt_id, confirmed_at=None).exclude(email="")
    if unconfirmed.update(confirmed_at=timezone.now()):
        Event.log("took the address for right", offer, by=by)


@transaction.atomic
def close(*, offer: Offer, reason: str, by: User) -> Offer:
    """Close it with a reason, which the holder reads on their page. Raises DomainError without one."""
    if not reason.strip():
        raise DomainError(_("Write why it ends: they read it on their own page."))
    end_offer(offer, reason.strip())
    Event.log("closed", offer, by=by)
    return offer


def end_offer(offer: Offer, reason: str) -> None:
    """Close it and tell its holder. Ends its matches: proposals lapse, running ones end, and their places go
    to the waiting list."""
    endings.end_matches_of_offer(offer=offer)
    offer.move(
        OfferState.CLOSED,
        closed_reason=reason[:200],
        closed_on=timezone.localdate(),
        next_action="",
        next_action_on=None,
    )
    offer_mail.notify_about_offer(offer, offer_mail.CLOSED)


# --- pauses -----------------------------------------------------------------------------------


def state_after_pause(offer: Offer) -> str:
    """The state before the pause: active, contacted or new."""
    if Match.objects.filter(offer=offer, state__in=BOUND_MATCHES).exists():
        return OfferState.ACTIVE
    return OfferState.CONTACTED if offer.contacted_on else OfferState.NEW


def end_pause(offer: Offer, *, today: date) -> None:
    """Resume it with the next step due today: the holder should not wait again."""
    to = state_after_pause(offer)
    offer.move(
        to,
        next_action=next_steps.action(to, offer.owner.language),
        next_action_on=today,
    )


@transaction.atomic
def note_read(*, offer: Offer, by: User) -> None:
    """Note that a colleague read the words that may mean danger, and acted on them. Idempotent."""
    if Offer.objects.filter(pk=offer.pk, may_be_danger=True).update(may_be_danger=False):
        Event.log("read", offer, by=by)


# --- clearances, parties and places -----------------------------------------------------------


@transaction.atomic
def note_clearance(*, offer: Offer, seen_on: date, by: User, today: date | None = None) -> Clearance:
    """Note that a colleague saw the document. Kept are only who saw it, when, and when it expires. Raises
    DomainError if `seen_on` is in the future or has expired."""
    today = today or timezone.localdate()
    holds = timedelta(days=ParticipationRules.current().days("clearance_renewal"))
    if not today - holds < seen_on <= today:
        raise DomainError(_("Choose the day on which you saw it, not longer ago than it holds."))
    renew = seen_on + holds
    clearance, made = Clearance.objects.get_or_create(
        offer=offer,
        kind=ClearanceKind.VOG,
        seen_on=seen_on,
        defaults={"seen_by": by, "renew_before": renew},
    )
    if made:
        Event.log("saw a clearance", offer, by=by, on=seen_on, before=renew)
    return clearance


@transaction.atomic
def link_party(*, offer: Offer, party: Party | None, by: User) -> Offer:
    """Link the party that makes the offer; None adds the party as told to the list. Raises DomainError for hands."""
    if offer.is_hands:
        raise DomainError(_("This is somebody's own offer, not that of a party."))
    held = Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("party", "area")
    offer = get_or_gone(held, pk=offer.pk)
    if party is None:
        if offer.party:
            return offer
        party = _party_of(offer, by)
    Offer.objects.filter(pk=offer.pk).update(party=party)
    Event.log("linked a party", offer, by=by, what=party.name)
    refresh_or_gone(offer)
    return offer


def _party_of(offer: Offer, by: User) -> Party:
    """The active party of that name in the area, or a new one. Raises DomainError if no party was told."""
    if not offer.party_name or not offer.party_kind:
        raise DomainError(_("Choose a party from the list."))
    lock_areas([offer.area])
    name = mask(offer.party_name)  # public from here on
    known = Party.objects.active().filter(areas=offer.area, name=name).first()
    if known:
        return known
    party = Party.objects.create(name=name, kind=offer.party_kind)
    party.areas.add(offer.area)
    Event.log("added", party, by=by)
    return party


@transaction.atomic
def link_place(*, offer: Offer, place: Place | None, by: User) -> Offer:
    """Link the place that is offered; None adds the place as told to the list, as a meeting place. Raises
    DomainError if the offer is no space."""
    if offer.kind != OfferKind.SPACE:
        raise DomainError(_("Only a space that is offered is somewhere."))
    held = Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("party", "area")
    offer = get_or_gone(held, pk=offer.pk)
    if place is None:
        told = mask(offer.address)
        if not told:
            raise DomainError(_("Choose a place from the list."))
        lock_areas([offer.area])
        place = Place.objects.active().filter(area=offer.area, name=told[:120]).first()
        if place is None:
            kind = PlaceKind.MEETING
            place = save_place(by=by, area=offer.area, name=told[:120], kind=kind, address=told)
    Offer.objects.filter(pk=offer.pk).update(place=place, address="")
    Event.log("linked a place", offer, by=by, what=place.name)
    refresh_or_gone(offer)
    return offer


def show_contact(*, offer: Offer, by: User) -> Contact | None:
    """Contact details, with the words as written. Logs who looked."""
    Event.log("contact shown", offer, by=by)
    return Contact.objects.filter(receipt=offer.receipt_id).first()
