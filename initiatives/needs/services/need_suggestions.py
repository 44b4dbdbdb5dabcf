"""Reads what could be linked to a need for `initiatives.needs.fitting_links`, and words its reasons.

Everything is read once for all needs on a page: the number of queries does not depend on them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from core.i18n import pick
from core.languages import offered_languages
from feedback.models import FollowUp, Topic
from feedback.record.services.public_record import published_people
from initiatives.initiatives.approach_wording import APPROACH_REASON_TEXTS
from initiatives.initiatives.approaches import ApproachReason
from initiatives.initiatives.approaches import rank_approaches as fitting_here
from initiatives.initiatives.services.library import approaches
from initiatives.matching import moments
from initiatives.models import Initiative, Meeting, Need, NeedLink, NeedSource, Offer
from initiatives.needs.fitting_links import (
    SUGGESTIONS_PER_NEED,
    LinkFit,
    LinkReason,
    LinkTarget,
    LinkTargetIndex,
    NeedQuery,
)
from initiatives.needs.need_words import LINK_REASON_TEXTS
from initiatives.needs.services.need_sources import PUBLISHED_STATES
from initiatives.states import PUBLIC_INITIATIVES, InitiativeState, LinkKind, NeedState, OfferKind, OfferState
from neighbourhoods.advice.services import advices
from neighbourhoods.models import Area, Municipality, Place
from neighbourhoods.profile.services.inventory import STALE_DAYS
from neighbourhoods.states import PartyKind

MAX_OFFERS, MAX_PLACES, MAX_INITIATIVES, MAX_DECISIONS = 300, 200, 200, 50
"""Maximum of each kind considered, nearest to the needs first, then newest: offers of hands are alike, and
old decisions are rarely about a new need. The others are found by words."""
LISTED_PER_KIND = 30
"""Maximum of each kind in the list to choose from."""
READINESS_BY_STATE = {
    InitiativeState.RUNNING: LinkReason.RUNNING,
    InitiativeState.PREPARING: LinkReason.BEGINNING,
}


@dataclass(frozen=True)
class LinkSuggestion:
    """Something that can be linked with one press: what it is, and the reasons for and against."""

    value: str
    kind: str
    name: str
    about: str
    url: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    score: int


@dataclass(frozen=True)
class _TargetDisplay:
    name: str
    about: str
    url: str


class Suggestions:
    """Suggestions for needs in areas where `user` is coordinator; with `words` only targets whose own text
    has them."""

    def __init__(self, user: User, needs: Iterable[Need], *, words: str = "") -> None:
        self.user, self.language, self.words = user, get_language() or "", words.strip()
        # Texts of parties and places have no language of their own: the municipality's first language is
        # assumed.
        self.languages = offered_languages(Municipality.current().languages) or ["nl"]
        self.own = self.languages[0]
        self.needs = list(needs)
        self.paths = _paths()
        self.near = self._near()
        self.approaches = approaches()
        self.shown: dict[tuple[str, str], _TargetDisplay] = {}
        self.shelf = LinkTargetIndex(self._targets())
        self._advices = advices({need.area_id for need in self.needs}) if self.needs else {}
        self._marks: dict[int, Mapping[str, Any]] = {}

    def for_need(
        self, need: Need, links: Iterable[NeedLink], *, top: int | None = SUGGESTIONS_PER_NEED
    ) -> list[LinkSuggestion]:
        """Best first. `need` must have its theme loaded."""
        wanted = NeedQuery(need.title, need.theme.slug, self.paths.get(need.area_id, ()))
        marks = self._marks_in(need.area_id)
        place = {slug: (len(fit.reasons), len(fit.against)) for slug, fit in marks.items()}
        linked = {(link.kind, link_target_key(link)) for link in links}
        found = self.shelf.fitting(wanted, without=linked, place=place)
        return [self._as_suggestion(fit, marks) for fit in found[:top]]

    def others(
        self, need: Need, links: Iterable[NeedLink], shown: Iterable[LinkSuggestion]
    ) -> list[tuple[str, list[LinkSuggestion]]]:
        """The other targets by kind, at most LISTED each; those that fit come first."""
        links = list(links)
        gone = {(link.kind, link_target_key(link)) for link in links}
        gone |= {(kind, key) for kind, _colon, key in (one.value.partition(":") for one in shown)}
        fits = [one.value for one in self.for_need(need, links, top=None)]
        order = {value: place for place, value in enumerate(fits)}
        found: dict[str, list[LinkSuggestion]] = {str(kind.label): [] for kind in LinkKind}
        for target in self.shelf.targets:
            if target.id not in gone:
                kind, there = str(LinkKind(target.kind).label), self.shown[target.id]
                value = f"{target.kind}:{target.key}"
                found[kind].append(LinkSuggestion(value, kind, there.name, there.about, there.url, (), (), 0))
        for some in found.values():
            some.sort(key=lambda one: (order.get(one.value, len(order)), one.name.casefold()))
        return [(kind, some[:LISTED_PER_KIND]) for kind, some in found.items() if some]

    def _near(self) -> set[int]:
        """Areas in the same district as one of the needs, and the areas around those."""
        around = {area for need in self.needs for area in self.paths.get(need.area_id, ())}
        parts = {path[-2:][0] for need in self.needs if (path := self.paths.get(need.area_id, ()))}
        return around | {area for area, path in self.paths.items() if parts & set(path)}

    def _nearest(self, there: QuerySet[Any], *then: str) -> QuerySet[Any]:
        far = Case(When(area__in=self.near, then=0), default=1, output_field=IntegerField())
        return there.order_by(far, *then, "-pk")

    def _marks_in(self, area: int) -> Mapping[str, Any]:
        if area not in self._marks:
            fits = fitting_here(self._advices[area], self.approaches)
            self._marks[area] = {fit.approach.slug: fit for fit in fits}
        return self._marks[area]

    def _as_suggestion(self, fit: LinkFit, marks: Mapping[str, Any]) -> LinkSuggestion:
        target, shown = fit.target, self.shown[fit.target.id]
        reasons = [str(LINK_REASON_TEXTS[reason]) for reason in fit.reasons if reason in LINK_REASON_TEXTS]
        against = [str(LINK_REASON_TEXTS[reason]) for reason in fit.against if reason in LINK_REASON_TEXTS]
        if fit.words:
            reasons.insert(0, _("about %(words)s") % {"words": ", ".join(f"“{word}”" for word in fit.words)})
        if target.kind == LinkKind.APPROACH:
            reasons += _cue_words(marks[target.key].reasons)
            against += _cue_words(marks[target.key].against)
        return LinkSuggestion(
            value=f"{target.kind}:{target.key}", kind=str(LinkKind(target.kind).label), name=shown.name,
            about=shown.about, url=shown.url, reasons=tuple(reasons), against=tuple(against),
            score=min(100, round(fit.score)),
        )  # fmt: skip

    # --- reading rows -------------------------------------------------------------------------

    def _targets(self) -> list[LinkTarget]:
        return [
            *self._offers(),
            *self._places(),
            *self._initiatives(),
            *self._approaches(),
            *self._decisions(),
        ]

    def _keep(self, target: LinkTarget, name: str, about: str, url: str) -> LinkTarget:
        self.shown[target.id] = _TargetDisplay(name, about, url)
        return target

    def _offers(self) -> Iterable[LinkTarget]:
        today = timezone.localdate()
        there = (
            Offer.objects.visible_to(self.user)
            .filter(state__in=[OfferState.NEW, OfferState.CONTACTED, OfferState.ACTIVE])
            .filter(Q(until=None) | Q(until__gte=today))
            .select_related("theme", "party", "place")
        )
        if self.words:
            there = there.filter(Q(words__icontains=self.words) | Q(party__name__icontains=self.words))
        for offer in self._nearest(there, "-offered_on")[:MAX_OFFERS]:
            marks = [f"skill.{skill}" for skill in offer.skills]
            if offer.kind != OfferKind.HANDS:
                marks.append(f"offer.{offer.kind}")
            name = _("Offer %(number)d: %(what)s") % {"number": offer.pk, "what": offer.what}
            about = " · ".join(filter(None, [offer.party.name if offer.party else "", offer.masked_words]))
            target = LinkTarget(
                kind=LinkKind.OFFER, key=str(offer.pk), theme=offer.theme.slug if offer.theme else "",
                words={self.own: f"{offer.words} {offer.place.about if offer.place else ''}"},
                path=self.paths.get(offer.area_id, ()), marks=tuple(marks), ready=LinkReason.OFFERED,
                from_residents=bool(offer.party and offer.party.kind == PartyKind.RESIDENTS),
            )  # fmt: skip
            yield self._keep(target, name, about, reverse("hand", args=[offer.pk]))

    def _places(self) -> Iterable[LinkTarget]:
        there = Place.objects.visible_to(self.user).active().select_related("party", "area")
        if self.words:
            said = Q(name__icontains=self.words) | Q(free__icontains=self.words)
            there = there.filter(said | Q(about__icontains=self.words))
        for place in self._nearest(there, "-checked_on")[:MAX_PLACES]:
            target = LinkTarget(
                kind=LinkKind.PLACE, key=str(place.pk), marks=(f"place.{place.kind}",),
                words={self.own: f"{place.name} {place.free} {place.about}"},
                path=self.paths.get(place.area_id, ()), ready=LinkReason.ROOM if place.free else None,
                from_residents=bool(place.party and place.party.kind == PartyKind.RESIDENTS),
                is_old=_is_old(place.checked_on),
            )  # fmt: skip
            about = " · ".join(filter(None, [place.area.name, place.free]))
            yield self._keep(target, place.name, about, reverse("place_change", args=[place.pk]))

    def _initiatives(self) -> Iterable[LinkTarget]:
        there = Initiative.objects.visible_to(self.user).not_ended().select_related("theme", "party", "area")
        if self.words:
            there = there.naming(self.words, self.languages)
        for one in self._nearest(there, "-checked_on")[:MAX_INITIATIVES]:
            codes = {*one.name, *one.description}
            target = LinkTarget(
                kind=LinkKind.INITIATIVE, key=str(one.pk), theme=one.theme.slug,
                words={code: f"{one.name.get(code, '')} {one.description.get(code, '')}" for code in codes},
                path=self.paths.get(one.area_id, ()), ready=READINESS_BY_STATE.get(InitiativeState(one.state)),
                from_residents=bool(one.receipt_id or (one.party and one.party.kind == PartyKind.RESIDENTS)),
                is_old=one.owner_id is None and _is_old(one.checked_on),
            )  # fmt: skip
            about = " · ".join(filter(None, [one.area.name, pick(one.description, self.language)]))
            url = reverse("initiative", args=[one.pk])
            yield self._keep(target, one.label, about, url)

    def _approaches(self) -> Iterable[LinkTarget]:
        for one in self.approaches:
            if self.words and not any(self.words.casefold() in name.casefold() for name in one.name.values()):
                continue
            target = LinkTarget(
                kind=LinkKind.APPROACH, key=one.slug, marks=(f"approach.{one.slug}",),
                words={code: f"{name} {one.answers.get(code, '')}" for code, name in one.name.items()},
            )  # fmt: skip
            about = pick(one.needs, self.language)
            url = reverse("approach", args=[one.slug])
            yield self._keep(target, pick(one.name, self.language), about, url)

    def _decisions(self) -> Iterable[LinkTarget]:
        told = (
            FollowUp.objects.visible_to(self.user)
            .for_everybody()
            .filter(state__in=PUBLISHED_STATES)
            .order_by("-released_at", "-pk")
        )
        if self.words:
            said = [Q(**{f"title__{code}__icontains": self.words}) for code in self.languages]
            told = told.filter(reduce(or_, said))
        found = list(told.prefetch_related("areas")[:MAX_DECISIONS])
        asked = {one.pk: _first_key(one) for one in found}
        themes = {
            (source, key): slug or ""
            for source, key, slug in Topic.objects.filter(
                source__in={source for source, _key in asked.values()},
                key__in={key for _source, key in asked.values()},
            ).values_list("source", "key", "theme__slug")
        }
        for one in found:
            areas = list(one.areas.all())
            target = LinkTarget(
                kind=LinkKind.DECISION, key=str(one.pk), theme=themes.get(asked[one.pk], ""),
                words={code: f"{one.title[code]} {one.decided.get(code, '')}" for code in one.title},
                path=self.paths.get(areas[0].pk, ()) if areas else (),
            )  # fmt: skip
            about = " · ".join(
                filter(None, [str(one.get_outcome_display()), pick(one.decided, self.language)])
            )
            url = reverse("followup_progress", args=[one.pk])
            yield self._keep(target, pick(one.title, self.language), about, url)


def link_target_key(link: NeedLink) -> str:
    """The key of its target: the id of a row, or the slug of an approach."""
    return link.approach or str(link.offer_id or link.place_id or link.initiative_id or link.decision_id)


def _paths() -> dict[int, tuple[int, ...]]:
    """Each area's path of ids, from itself up to the municipality."""
    parents = dict(Area.objects.order_by().values_list("pk", "parent"))

    def path(area: int | None) -> tuple[int, ...]:
        return () if area is None else (area, *path(parents.get(area)))

    return {area: path(area) for area in parents}


def _first_key(follow_up: FollowUp) -> tuple[str, str]:
    keys = follow_up.audience.get("key") or ""
    first = keys if isinstance(keys, str) else (keys[0] if keys else "")
    return follow_up.audience.get("source", ""), first


def _is_old(checked_on: Any) -> bool:
    return checked_on < timezone.localdate() - timedelta(days=STALE_DAYS)


def _cue_words(marks: Iterable[ApproachReason]) -> list[str]:
    return [str(APPROACH_REASON_TEXTS[mark]) for mark in marks]


# What is already there for something a resident named: groups, rooms, and what we do about it.
#
# For pages of residents: never the name of a person, and only published numbers. Uses a fixed number of
# queries, because it is on the page after a survey.


MAX_GROUPS = 2


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
    offered = list(_offered_spaces(area, themes, moment)) if themes else []
    found = {}
    for topic in topics:
        mine = [link for need in needs.get(topic.pk, []) for link in links.get(need.pk, [])]
        own = [link.initiative for link in mine if link.initiative]
        there = [*own, *(one for one in near if one.theme_id == topic.theme_id)]
        groups = {one.pk: Group(one, meets.get(one.pk)) for one in there}
        told = [need for need in needs.get(topic.pk, []) if need.state != NeedState.HEARD]
        found[topic.pk] = ExistingResources(
            # Groups with a known meeting first: they are easier to join.
            groups=sorted(groups.values(), key=lambda group: group.meets is None)[:MAX_GROUPS],
            rooms=_rooms(mine, [one for one in offered if one.theme_id == topic.theme_id])[:MAX_GROUPS],
            need=told[0] if told else None,
        )
    return found


def resources_for_needs(
    needs: Iterable[Need], *, now: datetime | None = None
) -> dict[int, ExistingResources]:
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


def _offered_spaces(area: Area, themes: Collection[int], moment: datetime) -> QuerySet[Offer]:
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


def public_people_count(need: Need, topics: Iterable[Topic]) -> tuple[int | None, bool]:
    """(people, is_local): the public number of people who named it, None under the threshold, and whether it
    counts the need's own area only. It is the highest count of any topic, since one person may have named
    several.
    """
    topics = list(topics)
    here = [n for topic in topics if (n := published_people(topic.source, topic.key, need.area_id))]
    told = here or [n for topic in topics if (n := published_people(topic.source, topic.key))]
    return max(told, default=None), bool(here)


def offer_url(area: Area, *, give: str = "", theme: str = "", initiative: int | None = None) -> str:
    """URL to join in (`give` is “hands”) or offer something (“gift”) in this neighbourhood."""
    asked = {"give": give, "theme": theme, "initiative": initiative}
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("offer_new", args=[area.slug])
    return f"{url}?{query}" if query else url
