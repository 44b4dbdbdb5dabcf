"""Sources of a need: topics and single texts, with the number of people; merging and splitting needs.

A source stores in `origin` the need it came with, so that a merge can be undone.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from feedback.models import Contribution, Topic
from initiatives.models import Need, NeedLink, NeedSource, NeedStep
from initiatives.needs.services.need_looks import look_after_step
from initiatives.needs.services.need_people import Sources, left_of, recount_need_people


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
    _refuse_taken_in(*held)
    return held


def _refuse_taken_in(*needs: Need) -> None:
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
    with _shrinking(current):
        same.delete()
    Event.log("removed a source", current, by=by)
    need.refresh_from_db()


@contextmanager
def _shrinking(need: Need) -> Iterator[None]:
    """Context in which sources are removed: adjusts the number of people afterwards."""
    before = Sources.of(need).people()
    yield
    need.people = left_of(need.people, before, Sources.of(need).people())
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
    _refuse_taken_in(mine, other)
    NeedSource.objects.filter(need=mine).update(need=other)
    Need.objects.filter(pk=mine.pk).update(merged_into=other)
    _link_as_well(mine, other, by)
    recount_need_people(other)
    Need.objects.filter(pk=other.pk, urgency__lt=mine.urgency).update(urgency=mine.urgency)
    Event.log("merged", mine, by=by, need=other.pk)
    Event.log("took in", other, by=by, need=mine.pk)
    need.refresh_from_db()
    into.refresh_from_db()
    return into


def _link_as_well(source: Need, target: Need, by: User) -> None:
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
    mine, other = lock_needs([need, _standing_above(need)])
    if mine.merged_into_id is None or other.merged_into_id:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    with _shrinking(other):
        NeedSource.objects.filter(need=other, origin__in=_with_merged(mine)).update(need=mine)
    # Set a new day for the next look: a merged need had none.
    Need.objects.filter(pk=mine.pk).update(merged_into=None, **look_after_step(mine, mine.state))
    recount_need_people(mine)
    Event.log("took out again", other, by=by, need=mine.pk)
    Event.log("stands alone again", mine, by=by)
    need.refresh_from_db()
    return need


def _standing_above(need: Need) -> Need:
    """The need this one is merged into, through all merges."""
    found = need
    while found.merged_into_id:
        found = Need.objects.get(pk=found.merged_into_id)
    return found


def _with_merged(need: Need) -> set[int]:
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
    with _shrinking(current):
        going.delete()
        # A topic or text that came with several needs is stored once, with the new need as origin: undoing
        # earlier merges leaves it alone.
        NeedSource.objects.bulk_create(
            [NeedSource(need=part, origin=part, topic_id=pk) for pk in sorted(topics)]
            + [NeedSource(need=part, origin=part, contribution_id=pk) for pk in sorted(texts, key=str)]
        )
    Need.objects.filter(pk=part.pk).update(people=left_of(most, before, Sources.of(part).people()))
    Event.log("split", current, by=by, need=part.pk)
    Event.log("made", part, by=by, need=current.pk)
    need.refresh_from_db()
    part.refresh_from_db()
    return part
