"""Settles debts by hand, and closes a promise; a promise closes only when no open debt is left under it.

The promise row is the lock: creating or reopening a debt locks it first (`lock_promises`), and so does rounding off, so
concurrent transactions see each other. A later debt takes the promise up again automatically, and with it its
trajectory. Answers to many people use a follow-up.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Event, User
from core.deadlines import past_due
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from core.rows import get_or_gone
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, FollowUp, Incoming, Promise, Topic
from feedback.models.contributions import AnswerOwedQuerySet
from feedback.registries import source_hooks, topic_sources_in
from feedback.states import PERSONAL_SOURCE_PREFIXES, ContributionKind, FollowUpState, Owed, Reading
from neighbourhoods.colleagues.services import lock_root_area
from neighbourhoods.models import Area, Trajectory
from neighbourhoods.registries import AnswersOwed, LabelledLink
from neighbourhoods.states import Power, Reopening
from neighbourhoods.trajectories.services import reopen_trajectory


def may_own(user: User, areas: set[int]) -> bool:
    """Whether the user is active and at least coordinator in every one of these areas."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).filter(pk__in=areas)
    return user.is_active and mine.count() == len(areas)


@transaction.atomic
def hand_over_debts(*, owed: QuerySet[AnswerOwed], to: User, by: User, note: str = "") -> int:
    """Give open debts to another owner, keeping their dates. Returns how many moved.

    Raises InvalidTransition if none is left, DomainError if `to` does not work there."""
    lock_root_area()  # so that `to` can't leave meanwhile
    return _hand_over(owed, to, by, note)


def _hand_over(owed: QuerySet[AnswerOwed], to: User, by: User, note: str = "") -> int:
    waiting = AnswerOwed.objects.waiting().filter(pk__in=owed.values("pk")).exclude(owner=to)
    per_topic = _per_topic(waiting)
    if not per_topic:
        raise InvalidTransition(
            _("There is nothing left to hand over: it was answered or moved in the meantime.")
        )
    if not may_own(to, set(Topic.objects.filter(pk__in=per_topic).values_list("area_id", flat=True))):
        raise DomainError(
            _("%(colleague)s does not work in this neighbourhood. Choose somebody who does.")
            % {"colleague": to}
        )
    moved = waiting.update(owner=to)
    for topic, count in per_topic.items():
        Event.log("handed over", Topic(pk=topic), by=by, note=note, people=count, colleague=to.pk)
    return moved


@transaction.atomic
def hand_over_all_work(*, owner: User, to: User, by: User) -> int:
    """Give open debts, promises and drafts of a leaving colleague to another. Returns how many debts moved."""
    lock_root_area()
    # Lock order: promises first. Debts being created are waited for, and later ones get the new owner.
    for promise in Promise.objects.select_for_update(no_key=True).filter(owner=owner).order_by("pk"):
        Event.log("handed over", promise, by=by, colleague=to.pk)
    Promise.objects.filter(owner=owner).update(owner=to)
    waiting = AnswerOwed.objects.waiting().filter(owner=owner)
    moved = _hand_over(waiting, to, by) if waiting.exists() else 0
    FollowUp.objects.filter(owner=owner, state=FollowUpState.DRAFT).update(owner=to)
    return moved


def find_owners_again(owed: QuerySet[AnswerOwed]) -> None:
    """Give reopened debts whose owner no longer works there to the owner of the promise."""
    for debt in owed.filter(state=Owed.OPEN).select_related("owner", "topic").order_by("pk"):
        if not may_own(debt.owner, {debt.topic.area_id}):
            holder = Promise.objects.filter(subject=debt.topic.source).values_list("owner", flat=True)
            AnswerOwed.objects.filter(pk=debt.pk).update(owner=holder.first() or debt.owner_id)


@transaction.atomic
def waive(*, owed: QuerySet[AnswerOwed], reason: str, by: User, now: datetime | None = None) -> int:
    """Settle debts without an answer; residents read the reason on their own page. Returns how many."""
    per_topic = _settle(owed, Owed.WAIVED, reason, now)
    for topic, count in per_topic.items():
        Event.log("waived", Topic(pk=topic), by=by, people=count)
    return sum(per_topic.values())


@transaction.atomic
def answer_in_person(*, owed: QuerySet[AnswerOwed], note: str, by: User, now: datetime | None = None) -> int:
    """Settle debts of residents who were told by phone or at the door; `note` is what they were told.
    Returns how many."""
    per_topic = _settle(owed, Owed.PUBLISHED, note, now)
    for topic, count in per_topic.items():
        Event.log("answered in person", Topic(pk=topic), by=by, people=count)
    return sum(per_topic.values())


def _settle(owed: QuerySet[AnswerOwed], state: str, words: str, now: datetime | None) -> dict[int, int]:
    """Settle open debts in one UPDATE. Returns the number per topic. Raises DomainError without words,
    InvalidTransition if none is open."""
    if not words.strip():
        raise DomainError(_("Write a few words: people read them on their own page."))
    waiting = AnswerOwed.objects.waiting().filter(pk__in=owed.values("pk"))
    per_topic = _per_topic(waiting)
    if not waiting.move(state, now=now, reason=words.strip()):
        raise InvalidTransition(_("Nobody waits here any more: it was answered or moved in the meantime."))
    return per_topic


def _per_topic(owed: QuerySet[AnswerOwed]) -> dict[int, int]:
    return dict(owed.order_by().values_list("topic").annotate(Count("pk")))


MAX_PEOPLE_TO_CALL = 3
"""Up to this many people, calling is suggested before writing."""


class StillOwed(DomainError):
    """People still wait; a promise can be rounded off only by answering them."""


def lock_promises(sources: Iterable[str], *, now: datetime | None = None) -> None:
    """Lock the promises before creating or reopening a debt, in its transaction; reopens rounded-off ones.
    Locks in order of pk."""
    held = Promise.objects.select_for_update(no_key=True).filter(subject__in=set(sources))
    for promise in held.order_by("pk"):
        if promise.rounded_off_on is not None:
            take_up_again(promise, now=now)


def take_up_again(promise: Promise, *, now: datetime | None = None) -> None:
    """Reopen it. The caller has locked `promise` and is about to create a debt under it."""
    _take_up(promise, {}, now)
    Event.log("taken up again", promise, by=None)
    for hooks in source_hooks:
        if trajectory := hooks.part_of(promise.subject):
            reopen_trajectory(trajectory=trajectory, why={}, by=None, now=now)


def _take_up(promise: Promise, why: Texts, now: datetime | None) -> None:
    promise.rounded_off_on = None
    promise.taken_up_again = [
        *promise.taken_up_again,
        Reopening(timezone.localdate(now), dict(why)).as_json(),
    ]
    Promise.objects.filter(pk=promise.pk).update(rounded_off_on=None, taken_up_again=promise.taken_up_again)


def may_be_rounded_off(promise: Promise) -> bool:
    """Personal matters with one resident end with our answer instead."""
    return not promise.subject.startswith(PERSONAL_SOURCE_PREFIXES)


def round_off_blockers(promise: Promise) -> list[str]:
    """Reasons why it can't be rounded off, apart from open debts."""
    return [why for hooks in source_hooks if (why := hooks.not_yet(promise.subject))]


@transaction.atomic
def round_off(*, promise: Promise, by: User, now: datetime | None = None) -> None:
    """Round off. Raises StillOwed if people wait, InvalidTransition if done already, or DomainError with
    what comes first."""
    held = get_or_gone(Promise.objects.select_for_update(no_key=True), pk=promise.pk)
    if held.rounded_off_on:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    _round_off(held, by, now)
    promise.refresh_from_db()


def _round_off(held: Promise, by: User, now: datetime | None) -> None:
    if not may_be_rounded_off(held):
        raise DomainError(_("This is between one person and us: it ends with our answer."))
    if reasons := round_off_blockers(held):
        raise DomainError(reasons[0])
    if people := _waiting([held.subject]).aggregate(people=Count("receipt", distinct=True))["people"]:
        said = ngettext(
            "Not yet: %(count)s person still waits for an answer.",
            "Not yet: %(count)s people still wait for an answer.",
            people,
        )
        raise StillOwed(said % {"count": people})
    if why := unread_in([held.subject]):
        raise StillOwed(why)
    Promise.objects.filter(pk=held.pk).update(rounded_off_on=timezone.localdate(now))
    Event.log("rounded off", held, by=by)


@transaction.atomic
def resume_promise(*, promise: Promise, why: Texts, by: User, now: datetime | None = None) -> None:
    """Reopen by hand, with a reason for residents. Raises DomainError without one."""
    if not any(words.strip() for words in why.values()):
        raise DomainError(_("Write why: residents read it."))
    held = get_or_gone(Promise.objects.select_for_update(no_key=True), pk=promise.pk)
    if held.rounded_off_on is None:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    _take_up(held, {code: words.strip() for code, words in why.items() if words.strip()}, now)
    Event.log("taken up again", held, by=by)
    promise.refresh_from_db()


# --- of a trajectory --------------------------------------------------------------------------


def round_off_promises_of(trajectory: Trajectory, by: User, now: datetime) -> None:
    """Round off everything asked in it. Called with the trajectory locked."""
    sources = _sources(trajectory)
    for held in Promise.objects.select_for_update(no_key=True).filter(subject__in=sources).order_by("pk"):
        if held.rounded_off_on is None:
            _round_off(held, by, now)


def trajectory_blockers(trajectory: Trajectory) -> list[str]:
    """Reasons apart from open debts: surveys still open, and unread mail."""
    sources = _sources(trajectory)
    open_now = list(Promise.objects.filter(subject__in=sources, rounded_off_on=None).order_by("pk"))
    unread = unread_in([one.subject for one in open_now])
    return [*(why for one in open_now for why in round_off_blockers(one)), *filter(None, [unread])]


def open_debts_of_trajectory(trajectory: Trajectory) -> list[AnswersOwed]:
    return open_debts_per_topic(_sources(trajectory))


def _sources(trajectory: Trajectory) -> list[str]:
    return [asked.source for asked in topic_sources_in(trajectory)]


# --- open debts, and the quickest honest way to settle them ------------------------------------


def _waiting(sources: Iterable[str]) -> AnswerOwedQuerySet:
    return AnswerOwed.objects.waiting().filter(topic__source__in=list(sources))


def mail_to_read(sources: Iterable[str]) -> int:
    """The number of unread incoming mails from participants: they may create debts."""
    spoke = AnswerOwed.objects.filter(topic__source__in=list(sources)).values("receipt")
    return Incoming.objects.waiting().filter(receipt__in=spoke).count()


def unread_in(sources: Iterable[str]) -> str:
    """A sentence about unread mail from participants; "" if there is none."""
    mails = mail_to_read(sources)
    said = ngettext(
        "Not yet: %(count)s mail of somebody who spoke here waits to be read.",
        "Not yet: %(count)s mails of people who spoke here wait to be read.",
        mails,
    )
    return said % {"count": mails} if mails else ""


def open_debts_per_topic(sources: Iterable[str]) -> list[AnswersOwed]:
    """Open debts per topic over all areas, earliest promise first. Three queries, whatever the number."""
    unread = Q(
        contribution__reading=Reading.UNREAD,
        contribution__kind__in=[ContributionKind.TEXT, ContributionKind.REACTION],
    )
    rows = list(
        _waiting(sources)
        .order_by()
        .values("topic__source", "topic__key")
        .annotate(
            first=Min("topic"),
            areas=Count("topic__area", distinct=True),
            before=Min("due_on"),
            everybody=Count("receipt", distinct=True),
            late=Count("receipt", distinct=True, filter=past_due("due_on")),
            unread=Count("pk", distinct=True, filter=unread),
            reached=Count(
                "receipt",
                distinct=True,
                filter=Q(pk__in=audience.answerable_debts(_waiting(sources)).values("pk")),
            ),
        )
        .order_by("before", "first")
    )
    topics = Topic.objects.select_related("area").in_bulk([row["first"] for row in rows])
    promises = {one.subject: one for one in Promise.objects.filter(subject__in=list(sources))}
    return [_owing(row, topics[row["first"]], promises) for row in rows]


def _owing(row: Mapping[str, Any], topic: Topic, promises: dict[str, Promise]) -> AnswersOwed:
    promise = promises.get(topic.source)
    return AnswersOwed(
        title=topic.title,
        asked_in=LabelledLink(promise.title, reverse("promise", args=[promise.pk])) if promise else None,
        area=topic.area.name if row["areas"] == 1 else "",
        people=row["everybody"],
        late=row["late"],
        before=row["before"],
        ways=_ways(
            topic,
            unread=row["unread"],
            reached=row["reached"],
            is_here_alone=row["areas"] == 1,
        ),
    )


def _ways(topic: Topic, *, unread: int, reached: int, is_here_alone: bool) -> list[LabelledLink]:
    """Ways to settle it, the quickest honest one first. Each leaves words for those who wait."""
    if not reached:
        return [LabelledLink(_("An answer is on its way"), reverse("followups"))]
    asked: dict[str, str | int] = {"source": topic.source, "key": topic.key}
    if is_here_alone:
        by_hand = reverse("topic", args=[topic.pk])
        asked["area"] = topic.area_id
    else:
        by_hand = f"{reverse('waiting')}?{urlencode({'source': topic.source})}"
    write = LabelledLink(
        ngettext("Write one answer", "Write one answer to all %(n)d", reached) % {"n": reached},
        f"{reverse('followup_new')}?{urlencode(asked)}",
    )
    call = LabelledLink(_("Call, and note what you told them"), by_hand)
    ways = [call, write] if reached <= MAX_PEOPLE_TO_CALL else [write, call]
    if unread:
        read = ngettext("Read %(n)d text first", "Read %(n)d texts first", unread) % {"n": unread}
        ways.insert(
            0, LabelledLink(read, f"{reverse('listening_list')}?{urlencode({'source': topic.source})}")
        )
    return [*ways, LabelledLink(_("No answer will come: say why"), by_hand)]
