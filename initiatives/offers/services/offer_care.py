"""Care for offers: every open one has a next step with a day, and ends with a reason."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import absolute
from accounts.models import Contact, Event, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone, refresh_or_gone
from feedback.answers.services.promises import record_postponement
from feedback.delivery.services.outbox import queue_notice
from feedback.registries import daily_jobs, due
from feedback.screening import mask_label
from initiatives.matching import next_steps
from initiatives.matching.services import endings, matches, overdue_items
from initiatives.matching.services.overdue_items import OverdueItem
from initiatives.models import Clearance, Match, Offer
from initiatives.offers.services import offer_mail
from initiatives.states import BOUND_MATCHES, ClearanceKind, OfferKind, OfferState
from neighbourhoods.models import ParticipationRules, Party, Place
from neighbourhoods.profile.services.inventory import lock_areas, save_place
from neighbourhoods.states import PlaceKind

LONGEST_PAUSE = timedelta(days=366)


@transaction.atomic
def record_offer_step(
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
        on = usual_step_due(offer, to, today)
    elif not next_action.strip() and to == OfferState.PAUSED and on:
        next_action = next_steps.action(to, offer.owner.language)
    if not next_action.strip() or on is None or on < today:
        raise DomainError(_("Write the next step, with a day that is still to come."))
    matches.lock_volunteer(
        offer
    )  # lock order: the receipt before the matches and the contact; erasing takes the contact last
    if address_is_right:
        _confirm_address(offer, by)
    fields: dict[str, Any] = {
        "next_action": next_action.strip(),
        "next_action_on": on,
        "paused_until": on if to == OfferState.PAUSED else None,
        "may_be_danger": False,
        "pause_asked": to == OfferState.PAUSED and (pause_asked or offer.pause_asked),
    }
    if to != OfferState.PAUSED:
        matches.move_due_match_steps(offer=offer, on=on, today=today)
    if offer.contacted_on is None and to in (OfferState.CONTACTED, OfferState.ACTIVE):
        fields["contacted_on"] = today
    if to == offer.state:
        told = get_or_gone(Offer.objects.only("next_action", "next_action_on"), pk=offer.pk)
        if to != OfferState.PAUSED and told.next_action == next_action.strip():
            record_postponement(key=f"offer:{offer.pk}", was=told.next_action_on, day=on, why=why)
        if not Offer.objects.filter(pk=offer.pk, state=to).update(**fields):
            raise InvalidTransition(_("Somebody was first. Have another look."))
        Event.log("planned", offer, by=by, next_on=on)
    else:
        offer.move(to, **fields)
        if to == OfferState.PAUSED:
            offer_mail.notify_about_offer(
                offer, offer_mail.PAUSE_KIND if pause_asked else offer_mail.NOT_NOW_KIND, round=on.isoformat()
            )
        Event.log("took a step", offer, by=by, state=OfferState(to), next_on=on)
    refresh_or_gone(offer)
    return offer


def usual_step_due(offer: Offer, to: str, today: date | None = None) -> date:
    """The day on which the usual next step of a state is due."""
    today = today or timezone.localdate()
    return next_steps.next_step_due(
        to, offered_on=offer.offered_on, today=today, days=ParticipationRules.current().days
    )


def _confirm_address(offer: Offer, by: User) -> None:
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
    offer_mail.notify_about_offer(offer, offer_mail.CLOSED_KIND)


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
    name = mask_label(offer.party_name)  # public from here on
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
        told = mask_label(offer.address)
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


# Daily job for offers: ends expired offers and pauses, and warns of clearances to renew.
#
# `overdue_initiative_items` registers overdue items with feedback, which reminds their owners
# (`feedback.answers.services.promises`).


@daily_jobs.register("initiatives.offers")
def run_offer_jobs(now: datetime | None = None) -> str:
    """Run the daily job. Returns a summary."""
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    ended, back = end_expired_offers(today), end_pauses(today)
    warned = warn_of_clearances(today, moment)
    return f"{ended} offers ended, {back} pauses ended, {warned} clearances to renew"


def end_expired_offers(today: date) -> int:
    """End offers whose `until` is past. Returns how many."""
    count = 0
    past = Offer.objects.waiting().filter(until__lt=today).select_related("receipt")
    for offer in past:
        with transaction.atomic(), override(offer.receipt.language):
            try:
                end_offer(
                    offer,
                    _("It was offered until %(day)s, and that day is past.")
                    % {"day": _format_day(offer.until)},
                )
            except InvalidTransition:  # a colleague was first
                continue
        count += 1
    return count


def end_pauses(today: date) -> int:
    """End pauses that are over; the offers are due today. Returns how many."""
    count = 0
    over = Offer.objects.filter(state=OfferState.PAUSED, paused_until__lte=today).select_related("owner")
    for offer in over:
        with transaction.atomic():
            try:
                end_pause(offer, today=today)
            except InvalidTransition:
                continue
        count += 1
    return count


def _format_day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


# --- notices ----------------------------------------------------------------------------------


@due.register("initiatives")
def overdue_initiative_items(today: date, soon: date) -> Iterator[OverdueItem]:
    """Overdue items of initiatives without answers owed, which feedback reads itself.

    Steps are days apart, so they are told one day ahead, whatever `soon` is for promises.
    """
    tomorrow = today + timedelta(days=1)
    return (one for one in overdue_items.overdue_items(today, until=tomorrow) if one.kind.name != "answer")


def warn_of_clearances(today: date, now: datetime) -> int:
    """Warn owners once of clearances that expire within the warning term, unless a newer one was seen.
    Returns how many."""
    within = today + timedelta(days=ParticipationRules.current().days("clearance_warning"))
    due = (
        Clearance.objects.filter(warned_on=None, renew_before__lte=within)
        .exclude(offer__state=OfferState.CLOSED)
        .select_related("offer__owner", "offer__area")
    )
    newest = dict(Clearance.objects.newest_for([one.offer_id for one in due]))
    told: dict[User, list[Clearance]] = defaultdict(list)
    for one in due:
        if newest[one.offer_id] == one.seen_on:
            told[one.offer.owner].append(one)
    for owner, clearances in told.items():
        with transaction.atomic():
            with override(owner.language):
                lines = [
                    _("Offer %(number)d in %(area)s: before %(day)s")
                    % {
                        "number": one.offer_id,
                        "area": one.offer.area.name,
                        "day": _format_day(one.renew_before),
                    }
                    for one in clearances
                ]
                lead = _("These people have to show their certificate of conduct (VOG) anew.")
                text = "\n\n".join([lead, "\n".join(lines), absolute(reverse("hands")), _("Nabij, the desk")])
                subject = _("A certificate has to be renewed")
            key = f"hands:clearance:{owner.pk}:{today.isoformat()}"
            queue_notice(owner, key=key, subject=subject, text=text, now=now)
            Clearance.objects.filter(pk__in=[one.pk for one in clearances]).update(warned_on=today)
    return sum(map(len, told.values()))
