"""Claiming due messages with a lease (T3), and returning them. No two processes get the same message."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Contact
from accounts.states import DeliveryChannel
from feedback.models import Message
from feedback.states import MessageState


def claim(
    *, most: int, now: datetime, carrier: str = DeliveryChannel.MAIL, hurries: bool = False
) -> tuple[UUID, list[int]]:
    """T3. Claim up to `most` due messages. Returns the lease token and their ids.

    `hurries` claims only those that a reader waits for on screen.
    """
    token = uuid4()
    with transaction.atomic():
        due = Message.objects.due(now, carrier).select_for_update(skip_locked=True)
        due = due.filter(rank=0) if hurries else due
        ids = list(due.values_list("pk", flat=True)[:most])
        if ids:
            Message.objects.filter(pk__in=ids).move(
                MessageState.CLAIMED, lease_token=token, lease_until=lease_end(now)
            )
    return token, ids


def return_claimed_messages(token: UUID) -> int:
    """Make claimed but unstarted messages pending at once, without waiting for the lease to end. Returns
    how many."""
    return Message.objects.filter(lease_token=token, state=MessageState.CLAIMED).move(MessageState.PENDING)


def lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def backoff(tries: int) -> timedelta:
    return timedelta(seconds=settings.BACKOFF_SECONDS[tries - 1])


def lock_contacts(of: "QuerySet[Contact]") -> dict[UUID, Contact]:
    """Lock contacts in order of pk (lock order), and return them by receipt."""
    contacts = of.select_for_update(of=("self",)).select_related("receipt").order_by("pk")
    return {contact.receipt_id: contact for contact in contacts}
