"""Making an offer: hands, or a gift of a party."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.i18n import pick
from core.rows import refresh_or_gone
from feedback import words
from feedback.contacts.services.hearing_back import request_confirmation
from initiatives.matching import moments as week
from initiatives.matching import next_steps
from initiatives.matching.next_steps import moved_note
from initiatives.matching.services import matches
from initiatives.matching.services.owners import receipt_with_code
from initiatives.models import ExpectationCard, Match, Offer, VolunteerRole
from initiatives.offers.services import offer_mail
from initiatives.offers.services.offer_care import LONGEST_PAUSE, end_pause
from initiatives.states import (
    BOUND_MATCHES,
    Involvement,
    Language,
    MatchState,
    Motive,
    OfferKind,
    OfferState,
    Skill,
    TimeGift,
)
from neighbourhoods.models import Area, ParticipationRules, Place, Theme
from neighbourhoods.states import PartyKind

MOST_MOTIVES = 2
NO_PLACE_ERROR = gettext_lazy("Choose which place it is, or write where it is.")


@dataclass(frozen=True)
class Hands:
    """An offer of hands. Everything but the way is optional."""

    way: str
    time: str = ""
    skills: list[str] = field(default_factory=list)
    motives: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    rather_together: bool | None = None
    is_adult: bool = False
    wishes: list[str] = field(default_factory=list)
    words: str = ""
    until: date | None = None

    kind = OfferKind.HANDS

    def problem(self, today: date) -> str:
        if self.way not in Involvement.values:
            return _("Choose what suits you.")
        if len(self.motives) > MOST_MOTIVES:
            return _("Choose at most two reasons.")
        if not _are_known(self) or (self.time and self.time not in TimeGift.values):
            return _("Choose from the list.")
        return _ends_before(self.until, today)

    def fields(self) -> dict[str, object]:
        return {
            "way": self.way,
            "time": self.time,
            "skills": sorted(set(self.skills)),
            "motives": sorted(set(self.motives)),
            "languages": sorted(set(self.languages)),
            "moments": week.valid_moments(self.moments),
            "rather_together": self.rather_together,
            "is_adult": self.is_adult,
            "wishes": list(dict.fromkeys(self.wishes)),
            "words": self.words.strip(),
            "until": self.until,
        }


@dataclass(frozen=True)
class Gift:
    """A gift of a party: a space, money, hours of staff, materials or knowledge."""

    kind: str
    words: str
    party_kind: str = ""
    party_name: str = ""
    moments: list[str] = field(default_factory=list)
    conditions: str = ""
    until: date | None = None
    # Only for a space: a place on the list, or its address in words.
    place: Place | None = None
    address: str = ""

    def problem(self, today: date) -> str:
        if self.kind not in set(OfferKind.values) - {OfferKind.HANDS}:
            return _("Choose what it is.")
        if not self.words.strip():
            return _("Write in a few words what it is.")
        if self.party_kind and self.party_kind not in PartyKind.values:
            return _("Choose from the list.")
        if self.is_space and self.place is None and not self.address.strip():
            return str(NO_PLACE_ERROR)
        return _ends_before(self.until, today)

    @property
    def is_space(self) -> bool:
        return self.kind == OfferKind.SPACE

    def fields(self) -> dict[str, object]:
        return {
            "place": self.place if self.is_space else None,
            "address": self.address.strip() if self.is_space and self.place is None else "",
            "words": self.words.strip(),
            "party_kind": self.party_kind,
            "party_name": self.party_name.strip(),
            "moments": week.valid_moments(self.moments),
            "conditions": self.conditions.strip(),
            "until": self.until,
        }


def _are_known(hands: Hands) -> bool:
    return (
        set(hands.skills) <= set(Skill.values)
        and set(hands.motives) <= set(Motive.values)
        and set(hands.languages) <= set(Language.values)
    )


def _ends_before(until: date | None, today: date) -> str:
    return _("Choose a day that is still to come.") if until and until < today else ""


@dataclass(frozen=True)
class OfferContact:
    """Contact details, and the sentence they consented to."""

    consent: str
    email: str = ""
    phone: str = ""

    @property
    def is_one(self) -> bool:
        return bool(self.email or self.phone)


@transaction.atomic
def make_offer(
    *,
    hands: Hands | Gift,
    card: ExpectationCard | None,
    area: Area,
    theme: Theme | None,
    owner: User,
    language: str,
    email: str,
    phone: str,
    consent: str,
    submit_key: str,
    wished_role: VolunteerRole | None = None,
    by: User | None = None,
    now: datetime | None = None,
) -> tuple[Offer, str]:
    """Make an offer with its own receipt and private code; nothing ties it to any survey answer.

    Idempotent: the code is derived from the submit key, the contact details and what was asked, so pressing
    twice makes one offer, and changes made after the back button update it. Returns the offer and the code,
    which is shown once. `by` is the colleague who noted it. Raises DomainError with what to correct.
    """
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    reached = OfferContact(consent, email.strip(), phone.strip())
    if problem := hands.problem(today) or _lacks(hands, card, reached):
        raise DomainError(problem)
    hands = _without_retired_wishes(hands)
    receipt, code = receipt_with_code(
        seed=f"{submit_key} {hands.kind} {area.pk} {theme and theme.pk} {wished_role and wished_role.pk} "
        f"{reached.email} {reached.phone}",
        purpose=ReceiptPurpose.OFFER,
        language=language,
        contact__email=reached.email,
        contact__phone=reached.phone,
    )
    if card and hands.kind == OfferKind.HANDS:
        ExpectationCard.objects.show(card, on=today)
    if earlier := Offer.objects.filter(receipt=receipt).select_related("receipt").first():
        return _update_resubmitted(earlier, hands, card, by), code
    contact = Contact.objects.create(
        receipt=receipt,
        email=reached.email,
        phone=reached.phone,
        is_16_or_older=True,
        consent=reached.consent,
        created_at=moment,
    )
    fields = hands.fields()
    offer = Offer.objects.create(
        receipt=receipt,
        area=area,
        theme=theme,
        card=card if hands.kind == OfferKind.HANDS else None,
        kind=hands.kind,
        wished_role=wished_role,
        offered_on=today,
        confirmed_on=today,
        owner=owner,
        may_be_danger=_may_be_danger(fields, by),
        next_action=next_steps.action(OfferState.NEW, owner.language),
        next_action_on=next_steps.next_step_due(
            OfferState.NEW, offered_on=today, today=today, days=ParticipationRules.current().days
        ),
        **fields,
    )
    # A colleague may call or write at once; proposals by mail wait until the address is confirmed.
    request_confirmation(contact, now=moment)
    if by:
        Event.log("noted offer", offer, by=by, area=area.name)
    return offer, code


def _may_be_danger(fields: Mapping[str, object], by: User | None) -> bool:
    """A guess from the words. Not for an offer noted by a colleague, who heard the words."""
    return by is None and words.may_be_danger(str(fields["words"]), str(fields.get("conditions", "")))


def _update_resubmitted(
    offer: Offer, hands: Hands | Gift, card: ExpectationCard | None, by: User | None
) -> Offer:
    """Update an offer sent again from the same page, as long as its state is new. The consent is to the card
    shown now."""
    fields = hands.fields() | ({"card": card} if offer.is_hands else {})
    changed = {name: value for name, value in fields.items() if getattr(offer, name) != value}
    if changed.keys() & {"words", "conditions"}:
        changed["may_be_danger"] = _may_be_danger(fields, by)
    if changed and Offer.objects.filter(pk=offer.pk, state=OfferState.NEW).update(**changed):
        Event.log("changed", offer, by=None)
        refresh_or_gone(offer)
    return offer


def _lacks(hands: Hands | Gift, card: ExpectationCard | None, reached: OfferContact) -> str:
    if hands.kind == OfferKind.HANDS and card is None:
        return _("Nobody is asked to join in without a card that says what to expect.")
    if not reached.is_one:
        return _("Leave an e‑mail address or a phone number, or we can't reach you.")
    return "" if reached.consent.strip() else _("Tick the box if we may contact you, or go on without.")


def _without_retired_wishes(hands: Hands | Gift) -> Hands | Gift:
    """Drop wishes whose theme is no longer in use, rather than refuse the offer."""
    if isinstance(hands, Hands) and hands.wishes:
        there = set(Theme.objects.in_use().filter(slug__in=hands.wishes).values_list("slug", flat=True))
        return replace(hands, wishes=[slug for slug in hands.wishes if slug in there])
    return hands


# Actions of the holder on their own offer, from the private page.


@dataclass(frozen=True)
class SavedAnswers:
    """The fields that a holder may change. A gift uses only `moments` and the fields below it; only a space uses
    `place` and `address`."""

    time: str = ""
    skills: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    rather_together: bool | None = None
    moments: list[str] = field(default_factory=list)
    words: str = ""
    conditions: str = ""
    until: date | None = None
    place: Place | None = None
    address: str = ""

    def problem(self, today: date) -> str:
        known = set(self.skills) <= set(Skill.values) and set(self.languages) <= set(Language.values)
        if not known or (self.time and self.time not in TimeGift.values):
            return _("Choose from the list.")
        if self.until and self.until < today:
            return _("Choose a day that is still to come.")
        return ""


@transaction.atomic
def confirm_offer(*, offer: Offer, answers: SavedAnswers | None = None, now: datetime | None = None) -> Offer:
    """Confirm the offer, with the changes in `answers`. Raises DomainError if it is closed or a value is invalid."""
    today = timezone.localdate(now)
    fields: dict[str, Any] = {"confirmed_on": today}
    if answers:
        if problem := answers.problem(today):
            raise DomainError(problem)
        fields |= {
            "moments": week.valid_moments(answers.moments),
            "words": answers.words.strip(),
            "conditions": answers.conditions.strip(),
            "until": answers.until,
        }
        if offer.kind == OfferKind.SPACE:
            if answers.place is None and not answers.address.strip():
                raise DomainError(str(NO_PLACE_ERROR))
            fields |= {"place": answers.place, "address": "" if answers.place else answers.address.strip()}
        if offer.is_hands:
            fields |= {
                "time": answers.time,
                "skills": sorted(set(answers.skills)),
                "languages": sorted(set(answers.languages)),
                "rather_together": answers.rather_together,
            }
        said = (fields["words"], fields["conditions"])
        if said != (offer.words, offer.conditions):
            fields["may_be_danger"] = words.may_be_danger(*said)
    if not Offer.objects.filter(pk=offer.pk).exclude(state=OfferState.CLOSED).update(**fields):
        raise DomainError(_("This offer is closed."))
    if answers:
        Event.log("changed", offer, by=None)
    else:
        Event.log("said to be still true", offer, by=None)
    refresh_or_gone(offer)
    return offer


@transaction.atomic
def pause(*, offer: Offer, until: date, now: datetime | None = None) -> Offer:
    """Pause it at the holder's request. On `until` a colleague asks whether they go on. Raises DomainError
    unless `until` is within a year."""
    today = timezone.localdate(now)
    if not today < until <= today + LONGEST_PAUSE:
        raise DomainError(_("Choose a day that is still to come, within a year."))
    if offer.state == OfferState.PAUSED:
        Offer.objects.filter(pk=offer.pk, state=OfferState.PAUSED).update(
            paused_until=until, next_action_on=until, pause_asked=True
        )
    else:
        offer.move(
            OfferState.PAUSED,
            paused_until=until,
            pause_asked=True,
            next_action=next_steps.action(OfferState.PAUSED, offer.owner.language),
            next_action_on=until,
        )
    Event.log("paused", offer, by=None, until=until)
    refresh_or_gone(offer)
    offer_mail.notify_about_offer(offer, offer_mail.PAUSE_KIND, round=until.isoformat())
    return offer


def resume_offer(*, offer: Offer, now: datetime | None = None) -> Offer:
    """End the pause today. Idempotent."""
    if offer.state != OfferState.PAUSED:
        return offer
    with transaction.atomic():
        end_pause(offer, today=timezone.localdate(now))
        Event.log("went on", offer, by=None)
    # A separate transaction, because it locks roles before offers. The daily job retries it after a failure.
    matches.introduce_after_pause(offer=offer, now=now)
    refresh_or_gone(offer)
    return offer


# The timeline of an offer as its holder reads it: what happened, what comes next and when.


OLD_OFFER_AGE = timedelta(days=90)
"""The holder is asked again this long after an offer was last confirmed."""
_SHOWN_STATES = (MatchState.PROPOSED, MatchState.WAITLISTED, *sorted(BOUND_MATCHES), MatchState.ENDED)


@dataclass(frozen=True)
class TimelineStep:
    on: date
    text: str
    todo: bool = False
    late: bool = False
    rests: bool = False


def steps(offer: Offer, *, today: date | None = None) -> list[TimelineStep]:
    """Steps ordered by day; the step still to come is last."""
    today = today or timezone.localdate()
    who = capfirst(offer.owner.title) or _("A colleague of the municipality")
    found = [TimelineStep(offer.offered_on, _("You offered this."))]
    if offer.contacted_on:
        found.append(TimelineStep(offer.contacted_on, _("%(who)s spoke to you.") % {"who": who}))
    matches = offer.matches.filter(state__in=_SHOWN_STATES).select_related("role__initiative")
    found += [_match_step(match) for match in matches]
    found.sort(key=lambda step: step.on)
    if offer.next_action_on and offer.state != OfferState.CLOSED:
        late, rests = offer.is_late(today), offer.state == OfferState.PAUSED
        said = _next(offer, who) + moved_note(f"offer:{offer.pk}", offer.next_action_on)
        found.append(TimelineStep(offer.next_action_on, said, todo=True, late=late, rests=rests))
    return found


def _match_step(match: Match) -> TimelineStep:
    name = {"name": pick(match.role.initiative.name, get_language() or "")}
    if match.introduced_at:
        return TimelineStep(
            timezone.localdate(match.introduced_at), _("You were introduced: %(name)s.") % name
        )
    if match.state == MatchState.WAITLISTED:
        return TimelineStep(
            timezone.localdate(match.state_at), _("You are on the waiting list: %(name)s.") % name
        )
    return TimelineStep(timezone.localdate(match.proposed_at), _("We proposed something: %(name)s.") % name)


def _next(offer: Offer, who: str) -> str:
    if offer.state == OfferState.NEW:
        return _("%(who)s gets in touch with you.") % {"who": who}
    if offer.state == OfferState.PAUSED:
        who = offer.owner.title or _("a colleague of the municipality")
        return _("We ask you nothing until then. After that %(who)s asks whether you go on.") % {"who": who}
    if offer.state == OfferState.ACTIVE:
        return _("%(who)s asks you how it is going.") % {"who": who}
    return _("%(who)s makes you a proposal, or says honestly: not now.") % {"who": who}


def is_old(offer: Offer, *, today: date | None = None) -> bool:
    return offer.confirmed_on <= (today or timezone.localdate()) - OLD_OFFER_AGE
