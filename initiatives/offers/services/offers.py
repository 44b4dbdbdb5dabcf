"""Making an offer: hands, or a gift of a party."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Contact, Event, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.rows import refresh_or_gone
from feedback import words
from feedback.contacts.services.hearing_back import ask_whether_theirs
from initiatives.matching import moments as week
from initiatives.matching import next_steps
from initiatives.matching.services.receipts import receipt_with_code
from initiatives.models import ExpectationCard, Offer, VolunteerRole
from initiatives.states import Involvement, Language, Motive, OfferKind, OfferState, Skill, TimeGift
from neighbourhoods.models import Area, ParticipationRules, Place, Theme
from neighbourhoods.states import PartyKind

MOST_MOTIVES = 2
WHICH_PLACE = gettext_lazy("Choose which place it is, or write where it is.")


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
            return str(WHICH_PLACE)
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
class Reached:
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
    reached = Reached(consent, email.strip(), phone.strip())
    if problem := hands.problem(today) or _lacks(hands, card, reached):
        raise DomainError(problem)
    hands = _in_use(hands)
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
        return _mended(earlier, hands, card, by), code
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
    ask_whether_theirs(contact, now=moment)
    if by:
        Event.log("noted offer", offer, by=by, area=area.name)
    return offer, code


def _may_be_danger(fields: Mapping[str, object], by: User | None) -> bool:
    """A guess from the words. Not for an offer noted by a colleague, who heard the words."""
    return by is None and words.may_be_danger(str(fields["words"]), str(fields.get("conditions", "")))


def _mended(offer: Offer, hands: Hands | Gift, card: ExpectationCard | None, by: User | None) -> Offer:
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


def _lacks(hands: Hands | Gift, card: ExpectationCard | None, reached: Reached) -> str:
    if hands.kind == OfferKind.HANDS and card is None:
        return _("Nobody is asked to join in without a card that says what to expect.")
    if not reached.is_one:
        return _("Leave an e‑mail address or a phone number, or we can't reach you.")
    return "" if reached.consent.strip() else _("Tick the box if we may contact you, or go on without.")


def _in_use(hands: Hands | Gift) -> Hands | Gift:
    """Drop wishes whose theme is no longer in use, rather than refuse the offer."""
    if isinstance(hands, Hands) and hands.wishes:
        there = set(Theme.objects.in_use().filter(slug__in=hands.wishes).values_list("slug", flat=True))
        return replace(hands, wishes=[slug for slug in hands.wishes if slug in there])
    return hands
