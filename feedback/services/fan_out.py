"""T2. Put a released follow-up on the page of everybody it names, and a mail in the outbox for who can be mailed.

A chunk is one transaction: items, debts, messages and the cursor. Whatever dies, the next look goes on where
the cursor stands; unique keys absorb what is done twice.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, Receipt
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message, NamedDebt
from feedback.services import following, lease
from feedback.services.outbox import message_id, rank
from feedback.states import ANSWERED, FollowUpState, MessagePurpose, Owed
from neighbourhoods.errors import InvalidTransition


def fan_out_released(*, now: datetime | None = None, enough: Callable[[], bool] = lambda: False) -> int:
    """Fan out what is released, chunk by chunk, until `enough()`. Returns how many readers were reached."""
    released = FollowUp.objects.filter(state=FollowUpState.RELEASED).order_by("released_at", "pk")
    reached, holder = 0, uuid4().hex
    while not enough() and (follow_up := released.first()):
        if not lease.take("fan-out", holder, seconds=min(20, settings.LEASE_SECONDS)):
            break  # somebody else is at it
        reached += fan_out_chunk(follow_up, now or timezone.now())
    lease.give_back("fan-out", holder)
    return reached


@transaction.atomic
def fan_out_chunk(follow_up: FollowUp, now: datetime) -> int:
    """Locks the readers first and the follow-up last, in the order in which erasing a reader does."""
    named = NamedDebt.objects.filter(follow_up=follow_up)
    if follow_up.cursor:
        named = named.filter(receipt__gt=follow_up.cursor)
    receipts = list(
        named.order_by("receipt").values_list("receipt", flat=True).distinct()[: settings.FAN_OUT_CHUNK]
    )
    if receipts:
        hand_out(follow_up, receipts, now)
    done = len(receipts) < settings.FAN_OUT_CHUNK
    moved = FollowUp.objects.filter(
        pk=follow_up.pk, state=FollowUpState.RELEASED, cursor=follow_up.cursor
    ).update(
        cursor=receipts[-1] if receipts else follow_up.cursor,
        state=FollowUpState.FANNED_OUT if done else FollowUpState.RELEASED,
        fanned_out_at=now if done else None,
    )
    if not moved:
        raise InvalidTransition("Another process handed out this chunk.")
    if done:
        following.tell_answer(follow_up, now=now)
    return len(receipts)


def hand_out(follow_up: FollowUp, receipts: list[UUID], now: datetime) -> None:
    """Items, debts and messages of these readers, who are locked against being erased meanwhile."""
    readers = dict(
        Receipt.objects.select_for_update(no_key=True)
        .filter(pk__in=receipts)
        .order_by("pk")
        .values_list("pk", "language")
    )
    named = NamedDebt.objects.filter(follow_up=follow_up, receipt__in=receipts)
    AnswerOwed.objects.filter(pk__in=named.values("owed"), state=Owed.OPEN).update(
        state=Owed.PUBLISHED, settled_at=now
    )
    concerned = set(named.filter(owed__state__in=ANSWERED).values_list("receipt", flat=True))
    messages = queue_mails(follow_up, {pk: readers[pk] for pk in concerned if pk in readers}, now)
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


def queue_mails(follow_up: FollowUp, languages: dict[UUID, str], now: datetime) -> dict[UUID, int]:
    """One message for each of these readers who can be mailed. Returns message ids by receipt.

    Who may be mailed is asked again when the mail leaves; this only spares rows for who left no address.
    """
    mailed = reachable(languages)
    keys = {f"follow-up:{follow_up.pk}:{pk.hex}": pk for pk in mailed}
    Message.objects.bulk_create(
        (
            Message(
                purpose=MessagePurpose.FOLLOW_UP,
                receipt_id=pk,
                dedupe_key=key,
                language=languages[pk],
                message_id=message_id(key),
                rank=rank(MessagePurpose.FOLLOW_UP),
                created_at=now,
                next_attempt_at=now,
            )
            for key, pk in keys.items()
        ),
        ignore_conflicts=True,
    )
    queued = Message.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", "pk")
    return {keys[key]: pk for key, pk in queued}


def reachable(receipts: Iterable[UUID]) -> list[UUID]:
    contacts = Contact.objects.reachable().exclude(email="").filter(receipt__in=list(receipts))
    return sorted(contacts.values_list("receipt", flat=True))
