"""The inventory of a neighbourhood, kept by hand: parties, places and key persons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from neighbourhoods.models import Area, KeyPerson, Party, Place, has_in_each
from neighbourhoods.states import KeyPersonKind, PartyKind, Power

STALE_DAYS = 365
"""After a year an entry must be checked again."""
REVIEW_SOON_DAYS = 14


@dataclass(frozen=True)
class Inventory:
    """The inventory of one area and the areas inside it, with the kinds that are missing."""

    parties: list[Party]
    places: list[Place]
    key_persons: list[KeyPerson]

    @property
    def by_kind(self) -> list[tuple[str, list[Party]]]:
        return [
            (str(kind.label), found)
            for kind in PartyKind
            if (found := [party for party in self.parties if party.kind == kind])
        ]

    @property
    def kinds_missing(self) -> list[str]:
        there = {party.kind for party in self.parties}
        return [str(kind.label) for kind in PartyKind if kind not in there]

    @property
    def spoken(self) -> list[KeyPerson]:
        return [person for person in self.key_persons if person.spoken_on]

    @property
    def kinds_never_spoken(self) -> list[str]:
        heard = {person.kind for person in self.spoken} | {KeyPersonKind.OTHER}
        return [str(kind.label) for kind in KeyPersonKind if kind not in heard]

    @property
    def parties_checked_on(self) -> date | None:
        return max((party.checked_on for party in self.parties), default=None)

    @property
    def places_checked_on(self) -> date | None:
        return max((place.checked_on for place in self.places), default=None)

    @property
    def last_conversation_on(self) -> date | None:
        return max((person.spoken_on for person in self.spoken if person.spoken_on), default=None)


def area_inventory(area: Area) -> Inventory:
    inside = list(Area.objects.inside([area.pk]).values_list("pk", flat=True))
    here = Q(areas__in=inside) | Q(areas__in=[one.pk for one in area.above])
    return Inventory(
        list(Party.objects.active().filter(here).distinct()),
        list(Place.objects.active().filter(area__in=inside).select_related("party", "area")),
        # Names are not loaded: a page for every role shows what key persons are, not who.
        list(KeyPerson.objects.filter(area__in=inside).defer("name", "phone", "email")),
    )


# --- parties and places -----------------------------------------------------------------------


@transaction.atomic
def save_party(*, by: User, areas: Iterable[Area], party: Party | None = None, **fields: Any) -> Party:
    """Add or change a party; it counts as checked today. Raises DomainError if an active one has the same name here."""
    wanted = list(areas)
    _require_coordinator(by, wanted)
    lock_areas(wanted)
    if _duplicate_of(Party, fields["name"], wanted, than=party):
        raise DomainError(_("This party is noted here already. Change that one."))
    verb = "changed" if party else "added"
    party = party or Party()
    for name, value in fields.items():
        setattr(party, name, value)
    party.checked_on = timezone.localdate()
    party.save()
    party.areas.set(wanted)
    Event.log(verb, party, by=by, note=party.name)
    return party


@transaction.atomic
def save_place(*, by: User, area: Area, place: Place | None = None, **fields: Any) -> Place:
    _require_coordinator(by, [area])
    lock_areas([area])
    if _duplicate_of(Place, fields["name"], [area], than=place):
        raise DomainError(_("This place is noted here already. Change that one."))
    verb = "changed" if place else "added"
    place = place or Place()
    for name, value in fields.items():
        setattr(place, name, value)
    place.area, place.checked_on = area, timezone.localdate()
    place.save()
    Event.log(verb, place, by=by, note=place.name)
    return place


@transaction.atomic
def confirm_inventory_item(*, thing: Party | Place, by: User) -> None:
    if not type(thing).objects.active().filter(pk=thing.pk).update(checked_on=timezone.localdate()):
        raise InvalidTransition(_("This has ended. Take it up again first."))
    Event.log("checked", thing, by=by)


@transaction.atomic
def end_inventory_item(*, thing: Party | Place, by: User) -> None:
    """End an entry. It is kept, because other records refer to it."""
    if not type(thing).objects.active().filter(pk=thing.pk).update(ended_on=timezone.localdate()):
        raise InvalidTransition(_("This has ended already."))
    Event.log("ended", thing, by=by)


@transaction.atomic
def reopen_inventory_item(*, thing: Party | Place, by: User) -> None:
    """Raises NotedAnew if an active entry has the same name since."""
    areas = list(thing.areas.all()) if isinstance(thing, Party) else [thing.area]
    lock_areas(areas)
    if there := _duplicate_of(type(thing), thing.name, areas, than=thing):
        shared = there.areas.filter(pk__in=[area.pk for area in areas]) if isinstance(there, Party) else areas
        raise DuplicateEntry(there, shared[0])
    ended = type(thing).objects.filter(pk=thing.pk, ended_on__isnull=False)
    if not ended.update(ended_on=None, checked_on=timezone.localdate()):
        raise InvalidTransition(_("This has not ended."))
    Event.log("took up again", thing, by=by)


class DuplicateEntry(DomainError):
    """The entry to take up again is on the list already, under the same name."""

    def __init__(self, there: Party | Place, area: Area) -> None:
        super().__init__(_("“%s” is on the list already.") % there.name)
        self.there, self.area = there, area


def _duplicate_of(
    kind: type[Party | Place], name: str, areas: list[Area], *, than: Party | Place | None
) -> Party | Place | None:
    """Another active entry with this name in one of these areas."""
    here = Q(areas__in=areas) if kind is Party else Q(area__in=areas)
    found = kind.objects.active().filter(here, name__iexact=name)
    return (found.exclude(pk=than.pk) if than else found).first()


# --- key persons ------------------------------------------------------------------------------


@transaction.atomic
def save_key_person(*, by: User, area: Area, person: KeyPerson | None = None, **fields: Any) -> KeyPerson:
    """Add or change a key person. A name requires permission, notice and a review date. No name is logged."""
    _require_coordinator(by, [area])
    if not may_keep_name(**fields):
        raise DomainError(
            _("A name, number or address is kept only with permission, the notice, and a day to look again.")
        )
    lock_areas([area])
    if person is None and KeyPerson.objects.filter(area=area, **fields).exists():
        raise DomainError(
            _("Exactly the same is noted here already. Is it somebody else? Say so in the role.")
        )
    verb = "changed" if person else "added"
    person = person or KeyPerson()
    for name, value in fields.items():
        setattr(person, name, value)
    person.area = area
    person.save()
    Event.log(verb, person, by=by)
    return person


def may_keep_name(
    *,
    name: str = "",
    phone: str = "",
    email: str = "",
    permission_on: date | None = None,
    notified_on: date | None = None,
    review_on: date | None = None,
    **_others: Any,
) -> bool:
    return not (name or phone or email) or bool(permission_on and notified_on and review_on)


@transaction.atomic
def record_conversation(*, person: KeyPerson, by: User) -> None:
    KeyPerson.objects.filter(pk=person.pk).update(spoken_on=timezone.localdate())
    Event.log("spoke", person, by=by)


@transaction.atomic
def forget_key_person(*, person: KeyPerson, by: User) -> None:
    """Erase name, number and address, at their request or at the review; the role stays."""
    KeyPerson.objects.filter(pk=person.pk).forget()
    Event.log("forgot name", person, by=by)


@transaction.atomic
def remove_key_person(*, person: KeyPerson, by: User) -> None:
    Event.log("removed", person, by=by)
    person.delete()


def key_persons_to_review(user: User, *, on: date | None = None) -> list[KeyPerson]:
    """Key persons whose review is near or past, in areas where the user is coordinator. Names are not loaded."""
    last = (on or timezone.localdate()) + timedelta(days=REVIEW_SOON_DAYS)
    mine = Area.objects.where(user, least=Power.COORDINATOR)
    found = KeyPerson.objects.with_a_name().filter(area__in=mine, review_on__lte=last)
    return list(found.defer("name", "phone", "email").select_related("area").order_by("review_on", "pk"))


def lock_areas(areas: Iterable[Area]) -> None:
    """Lock these areas in order of id, so that the second of two taps finds the entry of the first."""
    wanted = [area.pk for area in areas]
    list(Area.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values_list("pk"))


def _require_coordinator(by: User, areas: list[Area]) -> None:
    """Only coordinators of all these areas may note something there. Raises DomainError otherwise."""
    if not has_in_each(by, areas, least=Power.COORDINATOR):
        raise DomainError(_("Choose areas in which you work yourself."))
