"""T2. Fan out a released follow-up: an item on the page of each named reader, and a message for those
reachable.

Each chunk is one transaction: items, debts, messages and the cursor. After a crash the next run resumes at
the cursor; unique keys make repetition harmless.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Receipt
from core.errors import InvalidTransition
from feedback.answers.services.digests import add_to_digest
from feedback.contacts.services import following
from feedback.delivery.services.leases import FAN_OUT, hold_lease
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message, NamedDebt
from feedback.states import ANSWERED_STATES, FOR_A_PERSON, UNSETTLED, FollowUpState, Owed

EVERYBODY = UUID(int=2**128 - 1)
"""The cursor when done: after every id, and not the id of a reader."""


def fan_out_released(*, now: datetime | None = None, enough: Callable[[], bool] = lambda: False) -> int:
    """Fan out what is released, chunk by chunk, until `enough()`. Returns how many readers were reached."""
    released = FollowUp.objects.filter(state=FollowUpState.RELEASED).order_by("released_at", "pk")
    if not released.exists():
        return 0
    reached = 0
    with hold_lease(FAN_OUT, seconds=min(20, settings.LEASE_SECONDS)) as lease:  # other mail waits meanwhile
        while lease and not enough() and lease.renew() and (follow_up := released.first()):
            reached += fan_out_chunk(follow_up, now or timezone.now())
    return reached


@transaction.atomic
def fan_out_chunk(follow_up: FollowUp, now: datetime) -> int:
    """Fan out one chunk. Lock order: readers first, the follow-up last, as when a reader is erased.

    Raises InvalidTransition if another process took this chunk. Returns the number of readers."""
    named = NamedDebt.objects.filter(follow_up=follow_up)
    if follow_up.cursor:
        named = named.filter(receipt__gt=follow_up.cursor)
    receipts = list(
        named.order_by("receipt").values_list("receipt", flat=True).distinct()[: settings.FAN_OUT_CHUNK]
    )
    if receipts:
        create_items(follow_up, receipts, now)
    done = len(receipts) < settings.FAN_OUT_CHUNK
    moved = FollowUp.objects.filter(
        pk=follow_up.pk, state=FollowUpState.RELEASED, cursor=follow_up.cursor
    ).update(
        cursor=EVERYBODY if done else receipts[-1],
        state=FollowUpState.FANNED_OUT if done else FollowUpState.RELEASED,
        fanned_out_at=now if done else None,
    )
    if not moved:
        raise InvalidTransition("Another process handed out this chunk.")
    if done:
        following.tell_answer(follow_up, now=now)
    return len(receipts)


def create_items(follow_up: FollowUp, receipts: list[UUID], now: datetime) -> None:
    """Create items and messages and settle debts. Locks the readers, so that they can't be erased meanwhile."""
    readers = dict(
        Receipt.objects.select_for_update(no_key=True)
        .filter(pk__in=receipts)
        .order_by("pk")
        .values_list("pk", "language")
    )
    named = NamedDebt.objects.filter(follow_up=follow_up, receipt__in=receipts)
    answered = named.filter(owed__state__in=[Owed.OPEN, *ANSWERED_STATES])
    concerned = set(answered.values_list("receipt", flat=True))
    # Lock order: mails before debts, as everywhere. A gathering mail is locked while this answer is added.
    messages = add_to_digest(follow_up, {pk: readers[pk] for pk in concerned if pk in readers}, now)
    AnswerOwed.objects.filter(pk__in=named.values("owed"), state=Owed.OPEN).update(
        state=Owed.PUBLISHED, settled_at=now, reason=""
    )
    FollowUpItem.objects.bulk_create(
        (
            FollowUpItem(
                follow_up=follow_up,
                receipt_id=pk,
                message_id=messages.get(pk),
                cancelled=pk not in concerned,
                created_at=now,
            )
            for pk in readers
        ),
        ignore_conflicts=True,
    )


def close_finished(*, now: datetime | None = None) -> int:
    """Close follow-ups whose messages are all settled and leave no task for a person. Returns how many."""
    open_ends = Message.objects.filter(items__follow_up=OuterRef("pk")).filter(
        Q(state__in=UNSETTLED) | Q(state__in=FOR_A_PERSON, resolved_by__isnull=True)
    )
    finished = FollowUp.objects.filter(~Exists(open_ends), state=FollowUpState.FANNED_OUT)
    return finished.update(state=FollowUpState.CLOSED) if finished.exists() else 0
