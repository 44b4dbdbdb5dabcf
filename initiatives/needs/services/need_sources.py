"""What a need rests on: topics, figures, links, and picking them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from core.rows import is_id
from feedback.models import AnswerOwed, Contribution, FollowUp, Topic
from feedback.record.services.public_record import PUBLIC_STATES
from feedback.registries import RelatedItem
from feedback.states import PERSONAL_SOURCE_PREFIXES, FollowUpState, Owed, Reading
from initiatives.initiatives.services.library import find_approach
from initiatives.models import Initiative, Need, NeedLink, NeedSource, NeedStep, Offer
from initiatives.needs.services.need_people import (
    Sources,
    look_after_step,
    people_after_removal,
    recount_need_people,
)
from initiatives.states import InitiativeState, LinkKind, OfferState
from neighbourhoods.models import Area, Place
from neighbourhoods.states import Power

# Sources of a need: topics and single texts, with the number of people; merging and splitting needs.
#
# A source stores in `origin` the need it came with, so that a merge can be undone.


def lock_needs(needs: Iterable[Need]) -> list[Need]:
    """Lock these needs in the order of their ids; returns them in the given order. Raises InvalidTransition
    if one is gone."""
    wanted = [need.pk for need in needs]
    locked = Need.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "area", "theme", "owner"
    )
    found = {need.pk: need for need in locked.filter(pk__in=wanted).order_by("pk")}
    if len(found) < len(set(wanted)):
        raise InvalidTransition(_("Somebody was first. Have another look."))
    return [found[pk] for pk in wanted]


def lock_standing_needs(needs: Iterable[Need]) -> list[Need]:
    held = lock_needs(needs)
    _raise_merged(*held)
    return held


def _raise_merged(*needs: Need) -> None:
    if any(need.merged_into_id for need in needs):
        raise InvalidTransition(_("This need was taken into another one. Have another look."))


# --- adding and removing ----------------------------------------------------------------------


@transaction.atomic
def add_sources(
    *, need: Need, topics: Iterable[Topic], texts: Iterable[Contribution], by: User, is_new: bool = False
) -> int:
    """Add sources. Returns how many were new; one source may feed several needs."""
    (current,) = lock_standing_needs([need])
    there = Sources.of(current)
    new = [
        NeedSource(need=current, origin=current, topic=topic)
        for topic in topics
        if topic.pk not in there.topics
    ] + [
        NeedSource(need=current, origin=current, contribution=text)
        for text in texts
        if text.pk not in there.texts
    ]
    NeedSource.objects.bulk_create(new)
    recount_need_people(current)
    if new and not is_new:
        Event.log("added sources", current, by=by, number=len(new))
    need.refresh_from_db()
    return len(new)


@transaction.atomic
def remove_source(*, need: Need, source: NeedSource, by: User) -> None:
    """Remove a source that is about something else. Raises DomainError for the last one: a need must have a source."""
    (current,) = lock_standing_needs([need])
    same = current.sources.filter(topic=source.topic_id, contribution=source.contribution_id)
    if not same.exists():
        return
    if not current.sources.exclude(pk__in=same.values("pk")).exists():
        raise DomainError(_("This is the last thing it stands on. Choose something else first."))
    with _recounting_after_removal(current):
        same.delete()
    Event.log("removed a source", current, by=by)
    need.refresh_from_db()


@contextmanager
def _recounting_after_removal(need: Need) -> Iterator[None]:
    """Context in which sources are removed: adjusts the number of people afterwards."""
    before = Sources.of(need).people()
    yield
    need.people = people_after_removal(need.people, before, Sources.of(need).people())
    Need.objects.filter(pk=need.pk).update(people=need.people)


# --- merging and splitting --------------------------------------------------------------------


@transaction.atomic
def merge(*, need: Need, into: Need, by: User) -> Need:
    """Merge a need into another: its sources move there, and its links are copied."""
    if need.pk == into.pk:
        raise DomainError(_("Choose another need."))
    mine, other = lock_needs([need, into])
    if mine.merged_into_id == other.pk:
        return into  # the second of two taps
    _raise_merged(mine, other)
    NeedSource.objects.filter(need=mine).update(need=other)
    Need.objects.filter(pk=mine.pk).update(merged_into=other)
    _copy_link(mine, other, by)
    recount_need_people(other)
    Need.objects.filter(pk=other.pk, urgency__lt=mine.urgency).update(urgency=mine.urgency)
    Event.log("merged", mine, by=by, need=other.pk)
    Event.log("took in", other, by=by, need=mine.pk)
    need.refresh_from_db()
    into.refresh_from_db()
    return into


def _copy_link(source: Need, target: Need, by: User) -> None:
    NeedLink.objects.bulk_create(
        (
            NeedLink(
                need=target, kind=link.kind, offer_id=link.offer_id, place_id=link.place_id,
                initiative_id=link.initiative_id, approach=link.approach, decision_id=link.decision_id, made_by=by,
            )
            for link in source.links.all()
        ),
        ignore_conflicts=True,
    )  # fmt: skip


@transaction.atomic
def undo_merge(*, need: Need, by: User) -> Need:
    """Undo a merge: the sources it came with return, except those split off meanwhile."""
    mine, other = lock_needs([need, _merged_root(need)])
    if mine.merged_into_id is None or other.merged_into_id:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    with _recounting_after_removal(other):
        NeedSource.objects.filter(need=other, origin__in=_ids_with_merged(mine)).update(need=mine)
    # Set a new day for the next look: a merged need had none.
    Need.objects.filter(pk=mine.pk).update(merged_into=None, **look_after_step(mine, mine.state))
    recount_need_people(mine)
    Event.log("took out again", other, by=by, need=mine.pk)
    Event.log("stands alone again", mine, by=by)
    need.refresh_from_db()
    return need


def _merged_root(need: Need) -> Need:
    """The need this one is merged into, through all merges."""
    found = need
    while found.merged_into_id:
        found = Need.objects.get(pk=found.merged_into_id)
    return found


def _ids_with_merged(need: Need) -> set[int]:
    found, new = {need.pk}, {need.pk}
    while new := set(Need.objects.filter(merged_into__in=new).values_list("pk", flat=True)) - found:
        found |= new
    return found


@transaction.atomic
def split(*, need: Need, sources: Collection[int], title: Texts, by: User) -> Need:
    """Split off some sources as a need of its own, with the same state and owner.

    `sources` are ids of rows. Idempotent for a repeated submit.
    """
    (current,) = lock_standing_needs([need])
    chosen = list(current.sources.filter(pk__in=sources).order_by("pk"))
    if not chosen and sources and (made := current.parts.filter(title=dict(title)).first()):
        return made  # the second of two taps
    if not chosen:
        raise DomainError(_("Choose what goes to the new need."))
    if not any(words.strip() for words in title.values()):
        raise DomainError(_("Write in the words of residents what is needed."))
    topics = {source.topic_id for source in chosen if source.topic_id}
    texts = {source.contribution_id for source in chosen if source.contribution_id}
    going = current.sources.filter(Q(topic__in=topics) | Q(contribution__in=texts))
    if not current.sources.exclude(pk__in=going.values("pk")).exists():
        raise DomainError(_("Leave something behind: otherwise it is the same need under another name."))
    most, before = current.people, Sources.of(current).people()
    part = Need.objects.create(
        title=dict(title), theme=current.theme, area=current.area, urgency=current.urgency, owner=current.owner,
        state=current.state, state_on=current.state_on, reason=current.reason, heard_on=current.heard_on,
        split_from=current, next_action=current.next_action, next_action_on=current.next_action_on,
    )  # fmt: skip
    NeedStep.objects.create(need=part, state=part.state, on=timezone.localdate(), by=by)
    with _recounting_after_removal(current):
        going.delete()
        # A topic or text that came with several needs is stored once, with the new need as origin: undoing
        # earlier merges leaves it alone.
        NeedSource.objects.bulk_create(
            [NeedSource(need=part, origin=part, topic_id=pk) for pk in sorted(topics)]
            + [NeedSource(need=part, origin=part, contribution_id=pk) for pk in sorted(texts, key=str)]
        )
    Need.objects.filter(pk=part.pk).update(
        people=people_after_removal(most, before, Sources.of(part).people())
    )
    Event.log("split", current, by=by, need=part.pk)
    Event.log("made", part, by=by, need=current.pk)
    need.refresh_from_db()
    part.refresh_from_db()
    return part


# Links of a need to what can be done about it.


PUBLISHED_STATES = [FollowUpState.RELEASED, *PUBLIC_STATES]
"""States in which residents know a decision: from its release on."""


@transaction.atomic
def link_need(*, need: Need, what: str, by: User) -> NeedLink:
    """Link the need to `what`: “place:12” or “approach:street-action”. Idempotent.

    Raises DomainError if the target is gone or `by` may not see it.
    """
    kind, _colon, key = what.partition(":")
    end = _end(kind, key, by)
    (current,) = lock_standing_needs([need])
    made, is_new = NeedLink.objects.get_or_create(need=current, kind=kind, **end, defaults={"made_by": by})
    if is_new:
        Event.log("linked", current, by=by, what=LinkKind(kind))
    return made


def _end(kind: str, key: str, by: User) -> dict[str, Any]:
    if kind == LinkKind.APPROACH:
        if (entry := find_approach(key)) and entry.hidden_on is None:
            return {"approach": key}
    elif kind in LinkKind.values and is_id(key):
        there = {
            LinkKind.OFFER: Offer.objects.visible_to(by).exclude(state=OfferState.CLOSED),
            LinkKind.PLACE: Place.objects.visible_to(by).active(),
            LinkKind.INITIATIVE: Initiative.objects.visible_to(by).exclude(state=InitiativeState.ENDED),
            LinkKind.DECISION: FollowUp.objects.visible_to(by)
            .for_everybody()
            .filter(state__in=PUBLISHED_STATES),
        }[LinkKind(kind)]
        if found := there.filter(pk=key).first():
            return {str(kind): found}
    raise DomainError(_("This is no longer there. Choose something else."))


@transaction.atomic
def unlink(*, link: NeedLink, by: User) -> None:
    (current,) = lock_standing_needs([link.need])
    gone, _kinds = NeedLink.objects.filter(pk=link.pk).delete()
    if gone:
        Event.log("unlinked", current, by=by, what=LinkKind(link.kind))


def linked_initiatives(user: User, source: str, keys: list[str], areas: list[int]) -> list[RelatedItem]:
    """Public initiatives linked to needs that were made from these topics."""
    heard_in = NeedSource.objects.filter(topic__source=source, topic__key__in=keys, topic__area__in=areas)
    linked = NeedLink.objects.filter(need__in=heard_in.values("need"), kind=LinkKind.INITIATIVE)
    found = Initiative.objects.public().visible_to(user).filter(pk__in=linked.values("initiative"))
    return [
        RelatedItem(one.name, str(LinkKind.INITIATIVE.label), reverse("initiative", args=[one.pk]))
        for one in found.order_by("pk")
    ]


def link_decision(follow_up: FollowUp) -> None:
    """Link a released answer as a decision to the needs made from its topics. An answer to a whole survey
    names no topic, and is linked to none."""
    asked = follow_up.audience
    keys = asked.get("key") or []
    keys = [keys] if isinstance(keys, str) else keys
    if not keys:
        return
    heard_in = NeedSource.objects.filter(
        topic__source=asked.get("source", ""), topic__key__in=keys, topic__area__in=follow_up.areas.all()
    )
    NeedLink.objects.bulk_create(
        (
            NeedLink(need_id=need, kind=LinkKind.DECISION, decision=follow_up, made_by=follow_up.released_by)
            for need in sorted(set(heard_in.values_list("need", flat=True)))
        ),
        ignore_conflicts=True,
    )


# What a need can be made from: topics by number of people, and texts that were read.


MAX_TOPICS, MAX_TEXTS = 24, 12
"""Numbers shown; other topics and texts are found with a filter."""
# Topics that are no need: “rest” options, reactions to an answer, and words between one resident and us.
NO_NEED = reduce(
    or_,
    (Q(source__startswith=source) for source in PERSONAL_SOURCE_PREFIXES),
    Q(key="rest") | Q(key__startswith="reaction:"),
)
PERSONAL_TEXTS = reduce(or_, (Q(topic__source__startswith=source) for source in PERSONAL_SOURCE_PREFIXES))


@dataclass(frozen=True)
class SourceFilter:
    """Filter: one area with the areas inside it, a theme, and words."""

    area: Area | None = None
    theme: int | None = None
    words: str = ""


@dataclass(frozen=True)
class NamedTopic:
    """A topic, the number of people who named it, and the needs it feeds."""

    topic: Topic
    people: int
    feeds: list[Need] = field(default_factory=list)


def topics_of(user: User) -> QuerySet[Topic]:
    """Topics in areas where `user` is coordinator; viewers may not change needs."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).values("pk")
    return Topic.objects.filter(area__in=mine).exclude(NO_NEED)


def usable_texts(user: User) -> QuerySet[Contribution]:
    """Texts that a colleague read and marked as not sensitive."""
    read = Contribution.objects.visible_to(user).texts().filter(reading=Reading.CLEAR).exclude(masked_text="")
    return read.exclude(PERSONAL_TEXTS)


def find_named_topics(user: User, asked: SourceFilter, *, also: list[int]) -> list[NamedTopic]:
    """Topics matching `asked`, most people first; `also` are ids to include in any case."""
    topics = _apply_filter(topics_of(user), asked, "")
    if asked.words:
        titles = Q()
        for code in ("nl", "en"):
            titles |= Q(**{f"title__{code}__icontains": asked.words})
        topics = topics.filter(titles)
    wanted = topics.values("pk")
    counted = dict(
        Contribution.objects.filter(withdrawn_on=None, topic__in=wanted)
        .values_list("topic")
        .annotate(n=Count("receipt", distinct=True))
        .order_by("-n", "topic")[:MAX_TOPICS]
    )
    # A text coded under a theme counts there through its answer owed.
    counted |= dict(
        AnswerOwed.objects.filter(topic__in=wanted, topic__key__startswith="theme:", contribution__withdrawn_on=None)
        .exclude(state=Owed.WITHDRAWN)
        .values_list("topic")
        .annotate(n=Count("receipt", distinct=True))
        .order_by("-n", "topic")[:MAX_TOPICS]
    )  # fmt: skip
    most = sorted(counted, key=lambda pk: (-counted[pk], pk))[:MAX_TOPICS]
    found = topics_of(user).select_related("area", "theme").in_bulk({*most, *also})
    feeds: dict[int, list[Need]] = defaultdict(list)
    for source in NeedSource.objects.filter(topic__in=found).select_related("need").order_by("pk"):
        feeds[source.topic_id].append(source.need)  # type: ignore[index]
    order = [*also, *(pk for pk in most if pk not in also)]
    return [NamedTopic(found[pk], counted.get(pk, 0), feeds[pk]) for pk in order if pk in found]


def recently_read_texts(user: User, asked: SourceFilter, *, also: list[UUID]) -> list[Contribution]:
    """Texts matching `asked`, newest first; `also` are ids to include in any case."""
    texts = _apply_filter(usable_texts(user), asked, "topic__")
    if asked.words:
        texts = texts.filter(masked_text__icontains=asked.words)
    texts = texts.select_related("topic__area").prefetch_related("themes").order_by("-said_on", "pk")
    chosen = usable_texts(user).filter(pk__in=also).select_related("topic__area").prefetch_related("themes")
    first = list(chosen.order_by("-said_on", "pk")) if also else []
    return [*first, *[text for text in texts[:MAX_TEXTS] if text.pk not in also]]


def _apply_filter(found: QuerySet, asked: SourceFilter, way: str) -> QuerySet:
    if asked.area:
        found = found.filter(**{f"{way}area__in": Area.objects.inside([asked.area.pk]).values("pk")})
    if asked.theme and way:
        found = found.filter(themes=asked.theme)
    elif asked.theme:
        found = found.filter(theme=asked.theme)
    return found
