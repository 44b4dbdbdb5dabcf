"""Reads what could be linked to a need for `initiatives.needs.fitting_links`, and words its reasons.

Everything is read once for all needs on a page: the number of queries does not depend on them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from core.i18n import pick
from core.languages import offered
from feedback.models import FollowUp, Topic
from initiatives.initiatives.approach_wording import MARKS
from initiatives.initiatives.approaches import ApproachMark
from initiatives.initiatives.approaches import fitting as fitting_here
from initiatives.initiatives.services.library import approaches
from initiatives.models import Initiative, Need, NeedLink, Offer
from initiatives.needs.fitting_links import TOP, Fit, LinkReason, LinkTarget, Shelf, Wanted
from initiatives.needs.need_words import REASONS
from initiatives.needs.services.need_links import TOLD
from initiatives.states import InitiativeState, LinkKind, OfferKind, OfferState
from neighbourhoods.advice.services.advice import advices
from neighbourhoods.models import Area, Municipality, Place
from neighbourhoods.profile.services.inventory import STALE_DAYS
from neighbourhoods.states import PartyKind

OFFERS, PLACES, INITIATIVES, DECISIONS = 300, 200, 200, 50
"""Maximum of each kind considered, nearest to the needs first, then newest: offers of hands are alike, and
old decisions are rarely about a new need. The others are found by words."""
LISTED = 30
"""Maximum of each kind in the list to choose from."""
READY = {InitiativeState.RUNNING: LinkReason.RUNNING, InitiativeState.PREPARING: LinkReason.BEGINNING}


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
class _Shown:
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
        self.languages = offered(Municipality.current().languages) or ["nl"]
        self.own = self.languages[0]
        self.needs = list(needs)
        self.paths = _paths()
        self.near = self._near()
        self.approaches = approaches()
        self.shown: dict[tuple[str, str], _Shown] = {}
        self.shelf = Shelf(self._things())
        self._advices = advices({need.area_id for need in self.needs}) if self.needs else {}
        self._marks: dict[int, Mapping[str, Any]] = {}

    def for_need(
        self, need: Need, links: Iterable[NeedLink], *, top: int | None = TOP
    ) -> list[LinkSuggestion]:
        """Best first. `need` must have its theme loaded."""
        wanted = Wanted(need.title, need.theme.slug, self.paths.get(need.area_id, ()))
        marks = self._marks_in(need.area_id)
        place = {slug: (len(fit.reasons), len(fit.against)) for slug, fit in marks.items()}
        linked = {(link.kind, end_of(link)) for link in links}
        found = self.shelf.fitting(wanted, without=linked, place=place)
        return [self._told(fit, marks) for fit in found[:top]]

    def others(
        self, need: Need, links: Iterable[NeedLink], shown: Iterable[LinkSuggestion]
    ) -> list[tuple[str, list[LinkSuggestion]]]:
        """The other targets by kind, at most LISTED each; those that fit come first."""
        links = list(links)
        gone = {(link.kind, end_of(link)) for link in links}
        gone |= {(kind, key) for kind, _colon, key in (one.value.partition(":") for one in shown)}
        fits = [one.value for one in self.for_need(need, links, top=None)]
        order = {value: place for place, value in enumerate(fits)}
        found: dict[str, list[LinkSuggestion]] = {str(kind.label): [] for kind in LinkKind}
        for thing in self.shelf.things:
            if thing.id not in gone:
                kind, there = str(LinkKind(thing.kind).label), self.shown[thing.id]
                value = f"{thing.kind}:{thing.key}"
                found[kind].append(LinkSuggestion(value, kind, there.name, there.about, there.url, (), (), 0))
        for some in found.values():
            some.sort(key=lambda one: (order.get(one.value, len(order)), one.name.casefold()))
        return [(kind, some[:LISTED]) for kind, some in found.items() if some]

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

    def _told(self, fit: Fit, marks: Mapping[str, Any]) -> LinkSuggestion:
        thing, shown = fit.thing, self.shown[fit.thing.id]
        reasons = [str(REASONS[reason]) for reason in fit.reasons if reason in REASONS]
        against = [str(REASONS[reason]) for reason in fit.against if reason in REASONS]
        if fit.words:
            reasons.insert(0, _("about %(words)s") % {"words": ", ".join(f"“{word}”" for word in fit.words)})
        if thing.kind == LinkKind.APPROACH:
            reasons += _in_words(marks[thing.key].reasons)
            against += _in_words(marks[thing.key].against)
        return LinkSuggestion(
            value=f"{thing.kind}:{thing.key}", kind=str(LinkKind(thing.kind).label), name=shown.name,
            about=shown.about, url=shown.url, reasons=tuple(reasons), against=tuple(against),
            score=min(100, round(fit.score)),
        )  # fmt: skip

    # --- reading rows -------------------------------------------------------------------------

    def _things(self) -> list[LinkTarget]:
        return [
            *self._offers(),
            *self._places(),
            *self._initiatives(),
            *self._approaches(),
            *self._decisions(),
        ]

    def _keep(self, thing: LinkTarget, name: str, about: str, url: str) -> LinkTarget:
        self.shown[thing.id] = _Shown(name, about, url)
        return thing

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
        for offer in self._nearest(there, "-offered_on")[:OFFERS]:
            marks = [f"skill.{skill}" for skill in offer.skills]
            if offer.kind != OfferKind.HANDS:
                marks.append(f"offer.{offer.kind}")
            name = _("Offer %(number)d: %(what)s") % {"number": offer.pk, "what": offer.what}
            about = " · ".join(filter(None, [offer.party.name if offer.party else "", offer.masked_words]))
            thing = LinkTarget(
                kind=LinkKind.OFFER, key=str(offer.pk), theme=offer.theme.slug if offer.theme else "",
                words={self.own: f"{offer.words} {offer.place.about if offer.place else ''}"},
                path=self.paths.get(offer.area_id, ()), marks=tuple(marks), ready=LinkReason.OFFERED,
                from_residents=bool(offer.party and offer.party.kind == PartyKind.RESIDENTS),
            )  # fmt: skip
            yield self._keep(thing, name, about, reverse("hand", args=[offer.pk]))

    def _places(self) -> Iterable[LinkTarget]:
        there = Place.objects.visible_to(self.user).active().select_related("party", "area")
        if self.words:
            said = Q(name__icontains=self.words) | Q(free__icontains=self.words)
            there = there.filter(said | Q(about__icontains=self.words))
        for place in self._nearest(there, "-checked_on")[:PLACES]:
            thing = LinkTarget(
                kind=LinkKind.PLACE, key=str(place.pk), marks=(f"place.{place.kind}",),
                words={self.own: f"{place.name} {place.free} {place.about}"},
                path=self.paths.get(place.area_id, ()), ready=LinkReason.ROOM if place.free else None,
                from_residents=bool(place.party and place.party.kind == PartyKind.RESIDENTS),
                is_old=_is_old(place.checked_on),
            )  # fmt: skip
            about = " · ".join(filter(None, [place.area.name, place.free]))
            yield self._keep(thing, place.name, about, reverse("place_change", args=[place.pk]))

    def _initiatives(self) -> Iterable[LinkTarget]:
        there = Initiative.objects.visible_to(self.user).going_on().select_related("theme", "party", "area")
        if self.words:
            there = there.naming(self.words, self.languages)
        for one in self._nearest(there, "-checked_on")[:INITIATIVES]:
            codes = {*one.name, *one.description}
            thing = LinkTarget(
                kind=LinkKind.INITIATIVE, key=str(one.pk), theme=one.theme.slug,
                words={code: f"{one.name.get(code, '')} {one.description.get(code, '')}" for code in codes},
                path=self.paths.get(one.area_id, ()), ready=READY.get(InitiativeState(one.state)),
                from_residents=bool(one.receipt_id or (one.party and one.party.kind == PartyKind.RESIDENTS)),
                is_old=one.owner_id is None and _is_old(one.checked_on),
            )  # fmt: skip
            about = " · ".join(filter(None, [one.area.name, pick(one.description, self.language)]))
            url = reverse("initiative", args=[one.pk])
            yield self._keep(thing, one.label, about, url)

    def _approaches(self) -> Iterable[LinkTarget]:
        for one in self.approaches:
            if self.words and not any(self.words.casefold() in name.casefold() for name in one.name.values()):
                continue
            thing = LinkTarget(
                kind=LinkKind.APPROACH, key=one.slug, marks=(f"approach.{one.slug}",),
                words={code: f"{name} {one.answers.get(code, '')}" for code, name in one.name.items()},
            )  # fmt: skip
            about = pick(one.needs, self.language)
            url = reverse("approach", args=[one.slug])
            yield self._keep(thing, pick(one.name, self.language), about, url)

    def _decisions(self) -> Iterable[LinkTarget]:
        told = (
            FollowUp.objects.visible_to(self.user)
            .for_everybody()
            .filter(state__in=TOLD)
            .order_by("-released_at", "-pk")
        )
        if self.words:
            said = [Q(**{f"title__{code}__icontains": self.words}) for code in self.languages]
            told = told.filter(reduce(or_, said))
        found = list(told.prefetch_related("areas")[:DECISIONS])
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
            thing = LinkTarget(
                kind=LinkKind.DECISION, key=str(one.pk), theme=themes.get(asked[one.pk], ""),
                words={code: f"{one.title[code]} {one.decided.get(code, '')}" for code in one.title},
                path=self.paths.get(areas[0].pk, ()) if areas else (),
            )  # fmt: skip
            about = " · ".join(
                filter(None, [str(one.get_outcome_display()), pick(one.decided, self.language)])
            )
            url = reverse("followup_progress", args=[one.pk])
            yield self._keep(thing, pick(one.title, self.language), about, url)


def end_of(link: NeedLink) -> str:
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


def _in_words(marks: Iterable[ApproachMark]) -> list[str]:
    return [str(MARKS[mark]) for mark in marks]
