"""What is already there for something a resident named: groups, rooms, and what we do about it.

For pages of residents: never the name of a person, and only published numbers. Uses a fixed number of
queries, because it is on the page after a survey.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from feedback.models import Topic
from feedback.record.services.public_record import how_many
from initiatives.matching import moments
from initiatives.models import Initiative, Meeting, Need, NeedLink, NeedSource, Offer
from initiatives.states import PUBLIC_INITIATIVES, NeedState, OfferKind, OfferState
from neighbourhoods.models import Area, Place

GROUPS = 2


@dataclass(frozen=True)
class Group:
    """An initiative that neighbours can join, and its next meeting."""

    initiative: Initiative
    meets: Meeting | None = None


@dataclass(frozen=True)
class Room:
    """A place with room, and when."""

    place: Place
    when: str


@dataclass
class ExistingResources:
    """What is there for one topic or need. `need` is set once its state was told to residents."""

    groups: list[Group] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    need: Need | None = None

    @property
    def is_nothing(self) -> bool:
        return not self.groups and not self.rooms


def _area_and_parents(area: Area) -> list[int]:
    return [area.pk, *(one.pk for one in area.above)]


def existing_resources(
    *, area: Area, topics: Collection[Topic], now: datetime | None = None
) -> dict[int, ExistingResources]:
    """Per topic id: what is linked to needs made from the topic, plus what runs on its theme nearby."""
    moment = now or timezone.now()
    needs = _needs_of(area, topics)
    links = _links({need.pk for found in needs.values() for need in found}, moment)
    themes = {topic.theme_id for topic in topics if topic.theme_id}
    near = list(Initiative.objects.near(area.pk, list(themes)).select_related("area")) if themes else []
    linked = {link.initiative_id for found in links.values() for link in found if link.initiative_id}
    meets = _meets({one.pk for one in near} | linked, moment)
    offered = list(_offered(area, themes, moment)) if themes else []
    found = {}
    for topic in topics:
        mine = [link for need in needs.get(topic.pk, []) for link in links.get(need.pk, [])]
        own = [link.initiative for link in mine if link.initiative]
        there = [*own, *(one for one in near if one.theme_id == topic.theme_id)]
        groups = {one.pk: Group(one, meets.get(one.pk)) for one in there}
        told = [need for need in needs.get(topic.pk, []) if need.state != NeedState.HEARD]
        found[topic.pk] = ExistingResources(
            # Groups with a known meeting first: they are easier to join.
            groups=sorted(groups.values(), key=lambda group: group.meets is None)[:GROUPS],
            rooms=_rooms(mine, [one for one in offered if one.theme_id == topic.theme_id])[:GROUPS],
            need=told[0] if told else None,
        )
    return found


def for_needs(needs: Iterable[Need], *, now: datetime | None = None) -> dict[int, ExistingResources]:
    """Per need id: only what is linked to it."""
    moment, needs = now or timezone.now(), list(needs)
    links = _links({need.pk for need in needs}, moment)
    linked = {link.initiative_id for found in links.values() for link in found if link.initiative_id}
    meets = _meets(linked, moment)
    return {
        need.pk: ExistingResources(
            groups=[
                Group(link.initiative, meets.get(link.initiative.pk))
                for link in links.get(need.pk, [])
                if link.initiative
            ],
            rooms=_rooms(links.get(need.pk, [])),
            need=need,
        )
        for need in needs
    }


def _needs_of(area: Area, topics: Collection[Topic]) -> dict[int, list[Need]]:
    """Per topic id the needs in this area or around it that were made from the same topic, wherever it was named."""
    by_key = {(topic.source, topic.key): topic.pk for topic in topics}
    rows = (
        NeedSource.objects.filter(
            topic__source__in={source for source, _key in by_key},
            topic__key__in={key for _source, key in by_key},
            need__area__in=_area_and_parents(area),
            need__merged_into=None,
        )
        .select_related("need", "topic")
        .order_by("-need__urgency", "-need__people", "need")
        if by_key
        else []
    )
    found: dict[int, list[Need]] = {}
    for row in rows:
        topic = by_key.get((row.topic.source, row.topic.key)) if row.topic else None
        if topic is not None and row.need not in found.setdefault(topic, []):
            found[topic].append(row.need)
    return found


def _links(needs: Collection[int], moment: datetime) -> dict[int, list[NeedLink]]:
    """Links residents may see: initiatives they can join, places with room, spaces offered now."""
    if not needs:
        return {}
    today = timezone.localdate(moment)
    offered = Q(
        offer__kind=OfferKind.SPACE,
        offer__state__in=[OfferState.NEW, OfferState.CONTACTED, OfferState.ACTIVE],
        offer__place__isnull=False,
    ) & (Q(offer__until=None) | Q(offer__until__gte=today))
    rows = (
        NeedLink.objects.filter(need__in=needs)
        .filter(Q(initiative__state__in=PUBLIC_INITIATIVES) | Q(place__isnull=False) | offered)
        .select_related("initiative__area", "place", "offer__place")
        .order_by("pk")
    )
    found: dict[int, list[NeedLink]] = {}
    for row in rows:
        found.setdefault(row.need_id, []).append(row)
    return found


def _offered(area: Area, themes: Collection[int], moment: datetime) -> QuerySet[Offer]:
    """Spaces offered here for these themes whose holder was contacted: an offer is not shown before a
    colleague checked it."""
    spoken_to = [OfferState.CONTACTED, OfferState.ACTIVE]
    return (
        Offer.objects.filter(kind=OfferKind.SPACE, state__in=spoken_to, theme__in=themes, place__isnull=False)
        .filter(Q(until=None) | Q(until__gte=timezone.localdate(moment)))
        .filter(Q(area__in=_area_and_parents(area)) | Q(area__parent=area))
        .select_related("place")
        .order_by("pk")
    )


def _rooms(links: Iterable[NeedLink], offered: Iterable[Offer] = ()) -> list[Room]:
    """Each place once, with the times of the offer, else those on the list."""
    found: dict[int, Room] = {}
    offers = [*(link.offer for link in links if link.offer), *offered]
    lent = [(offer.place, moments.label(offer.moments)) for offer in offers if offer.place]
    for place, when in [*lent, *((link.place, "") for link in links if link.place)]:
        if (when or place.free) and not place.ended_on:
            found.setdefault(place.pk, Room(place, when or place.free))
    return list(found.values())


def _meets(initiatives: Collection[int], moment: datetime) -> dict[int, Meeting]:
    """Per initiative id its next meeting."""
    if not initiatives:
        return {}
    found: dict[int, Meeting] = {}
    for meeting in Meeting.objects.shown().to_come(moment).filter(initiative__in=initiatives):
        found.setdefault(meeting.initiative_id, meeting)
    return found


def named_by(need: Need, topics: Iterable[Topic]) -> tuple[int | None, bool]:
    """(people, is_local): the public number of people who named it, None under the threshold, and whether it
    counts the need's own area only. It is the highest count of any topic, since one person may have named
    several.
    """
    topics = list(topics)
    here = [n for topic in topics if (n := how_many(topic.source, topic.key, need.area_id))]
    told = here or [n for topic in topics if (n := how_many(topic.source, topic.key))]
    return max(told, default=None), bool(here)


def offer_url(area: Area, *, give: str = "", theme: str = "", initiative: int | None = None) -> str:
    """URL to join in (`give` is “hands”) or offer something (“gift”) in this neighbourhood."""
    asked = {"give": give, "theme": theme, "initiative": initiative}
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("offer_new", args=[area.slug])
    return f"{url}?{query}" if query else url
