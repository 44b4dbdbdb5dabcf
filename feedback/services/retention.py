"""What feedback erases when its time has come (config/retention.toml). The days come from there."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from feedback.models import AnswerOwed, DeliveryAttempt, DeliveryEvent, FollowUpItem, Message
from feedback.services.personal import erase_for_good
from feedback.states import UNSETTLED, MessagePurpose, MessageState, Owed
from neighbourhoods.registries import retention_jobs


@retention_jobs.register("unconfirmed")
def erase_unconfirmed(now: datetime, days: int) -> dict[str, int]:
    """Addresses whose holder never said that they are theirs."""
    contacts = Contact.objects.unconfirmed_since(now - timedelta(days=days)).exclude(
        receipt__purpose=ReceiptPurpose.OFFER  # who joins in is called or mailed without confirming first
    )
    return {"unconfirmed addresses": _erase_contacts(contacts.values_list("receipt", flat=True))}


@retention_jobs.register("addresses")
def erase_addresses(now: datetime, days: int) -> dict[str, int]:
    """Addresses that served: everything is answered, nothing is under way, and the last word is `days` old."""
    cutoff = now - timedelta(days=days)
    waiting = AnswerOwed.objects.filter(state=Owed.OPEN)
    under_way = Message.objects.filter(receipt__isnull=False, state__in=UNSETTLED)
    lately_mailed = Message.objects.filter(receipt__isnull=False, settled_at__gte=cutoff)
    lately_told = FollowUpItem.objects.filter(created_at__gte=cutoff)
    contacts = Contact.objects.filter(confirmed_at__lt=cutoff, receipt__purpose=ReceiptPurpose.PARTICIPATION)
    busy: list[QuerySet[Any]] = [waiting, under_way, lately_mailed, lately_told]
    for rows in busy:
        contacts = contacts.exclude(receipt__in=rows.values("receipt"))
    return {"addresses after the last message": _erase_contacts(contacts.values_list("receipt", flat=True))}


@transaction.atomic
def _erase_contacts(receipts: Iterable[UUID]) -> int:
    found = list(receipts)
    Message.objects.filter(
        receipt__in=found, purpose__in=[MessagePurpose.CONFIRM, MessagePurpose.CODE]
    ).delete()
    Contact.objects.filter(receipt__in=found).delete()
    return len(found)


@retention_jobs.register("mail")
@transaction.atomic
def forget_mail(now: datetime, days: int) -> dict[str, int]:
    """Texts that left, what mail servers said, and settled mail that no follow-up counts."""
    cutoff = now - timedelta(days=days)
    texts = (
        Message.objects.exclude(state__in=UNSETTLED)
        .exclude(state=MessageState.UNCERTAIN)  # a person may still send it again
        .exclude(state=MessageState.FAILED)
        .exclude(text="", html="", to_address="", subject="")
        .update(text="", html="", to_address="", subject="")
    )
    attempts, _rows = DeliveryAttempt.objects.filter(at__lt=cutoff).delete()
    events, _rows = DeliveryEvent.objects.filter(at__lt=cutoff).delete()
    # A follow-up's own mails stay with its sum until the answers go.
    old = Message.objects.filter(settled_at__lt=cutoff).exclude(purpose=MessagePurpose.FOLLOW_UP)
    messages, _rows = old.exclude(
        pk__in=FollowUpItem.objects.filter(message__isnull=False).values("message")
    ).delete()
    return {
        "texts of mail": texts,
        "delivery attempts": attempts,
        "delivery events": events,
        "settled mail": messages,
    }


@retention_jobs.register("withdrawn")
def erase_withdrawn(now: datetime, days: int) -> dict[str, int]:
    """What was withdrawn and not put back in time, with everything that hangs on it."""
    day = timezone.localdate(now) - timedelta(days=days)
    receipts = Receipt.objects.filter(contributions__withdrawn_on__lt=day).distinct()
    return {"withdrawn answers": erase_receipts(receipts.values_list("pk", flat=True))}


def erase_receipts(pks: Iterable[UUID]) -> int:
    """Each in a transaction of its own: a long night blocks nobody, and a crash loses nothing."""
    return sum(erase_for_good(pk) for pk in list(pks))
