"""Settling or handing over debts by hand. Answers to many people use a follow-up."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.states import FollowUpState, Owed
from neighbourhoods.colleagues.services.memberships import one_at_a_time
from neighbourhoods.models import Area
from neighbourhoods.states import Power


def may_own(user: User, areas: set[int]) -> bool:
    """Whether the user is active and at least coordinator in every one of these areas."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).filter(pk__in=areas)
    return user.is_active and mine.count() == len(areas)


@transaction.atomic
def hand_over_debts(*, owed: QuerySet[AnswerOwed], to: User, by: User, note: str = "") -> int:
    """Give open debts to another owner, keeping their dates. Returns how many moved.

    Raises InvalidTransition if none is left, DomainError if `to` does not work there."""
    one_at_a_time()  # so that `to` can't leave meanwhile
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
    one_at_a_time()
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
    if not waiting.update(state=state, settled_at=now or timezone.now(), reason=words.strip()):
        raise InvalidTransition(_("Nobody waits here any more: it was answered or moved in the meantime."))
    return per_topic


def _per_topic(owed: QuerySet[AnswerOwed]) -> dict[int, int]:
    return dict(owed.order_by().values_list("topic").annotate(Count("pk")))
