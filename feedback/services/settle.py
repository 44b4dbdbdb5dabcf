"""Debts taken off the board, or to another desk, by hand. Answers to many go through a follow-up."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.states import FollowUpState, Owed
from neighbourhoods.errors import DomainError, InvalidTransition
from neighbourhoods.models import Area
from neighbourhoods.states import Power


def may_own(user: User, areas: set[int]) -> bool:
    """Whether somebody works, as coordinator or more, in every one of these areas."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).filter(pk__in=areas)
    return user.is_active and mine.count() == len(areas)


@transaction.atomic
def hand_over(*, owed: QuerySet[AnswerOwed], to: User, by: User, note: str = "") -> int:
    """Give waiting debts to another owner, with their dates as they were promised. Returns how many moved."""
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
        Event.log("handed over", Topic(pk=topic), by=by, note=f"{count} to {to.pk} {note}".strip())
    return moved


@transaction.atomic
def hand_over_everything(*, owner: User, to: User, by: User) -> int:
    """Free somebody who leaves: waiting debts, promises and drafts go to a colleague. Returns how many debts."""
    waiting = AnswerOwed.objects.waiting().filter(owner=owner)
    moved = hand_over(owed=waiting, to=to, by=by) if waiting.exists() else 0
    for promise in Promise.objects.filter(owner=owner):
        Event.log("handed over", promise, by=by, note=f"to {to.pk}")
    Promise.objects.filter(owner=owner).update(owner=to)
    FollowUp.objects.filter(owner=owner, state=FollowUpState.DRAFT).update(owner=to)
    return moved


@transaction.atomic
def waive(*, owed: QuerySet[AnswerOwed], reason: str, by: User, now: datetime | None = None) -> int:
    """Say why there will be no answer. The residents concerned read the reason on their own page."""
    per_topic = _settle(owed, Owed.WAIVED, reason, now)
    for topic, count in per_topic.items():
        Event.log("waived", Topic(pk=topic), by=by, note=str(count))
    return sum(per_topic.values())


@transaction.atomic
def answer_in_person(*, owed: QuerySet[AnswerOwed], note: str, by: User, now: datetime | None = None) -> int:
    """Somebody was answered by phone or at the door; the note says what they were told."""
    per_topic = _settle(owed, Owed.PUBLISHED, note, now)
    for topic, count in per_topic.items():
        Event.log("answered in person", Topic(pk=topic), by=by, note=str(count))
    return sum(per_topic.values())


def _settle(owed: QuerySet[AnswerOwed], state: str, words: str, now: datetime | None) -> dict[int, int]:
    """Settle what still waits in one UPDATE. Returns how many debts per topic."""
    if not words.strip():
        raise DomainError(_("Write a few words: people read them on their own page."))
    waiting = AnswerOwed.objects.waiting().filter(pk__in=owed.values("pk"))
    per_topic = _per_topic(waiting)
    if not waiting.update(state=state, settled_at=now or timezone.now(), reason=words.strip()):
        raise InvalidTransition(_("Nobody waits here any more: it was answered or moved in the meantime."))
    return per_topic


def _per_topic(owed: QuerySet[AnswerOwed]) -> dict[int, int]:
    return dict(owed.order_by().values_list("topic").annotate(Count("pk")))
