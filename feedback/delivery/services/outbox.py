"""Queues mail as rows, in the transaction of the action that asks for it."""

from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Receipt, User
from accounts.states import DeliveryChannel
from core.keyed import keyed_hash
from feedback.delivery.services import doorbell
from feedback.models import Message
from feedback.states import WAITED_FOR, MessagePurpose

EMPTIED = {"subject": "", "text": "", "html": "", "to_address": ""}
"""Field values that empty a message once it was handed over: nothing is kept longer than needed."""


def message_id(dedupe_key: str) -> str:
    """The Message-ID, a function of the key: mail programs then show a duplicate mail once."""
    return f"<{keyed_hash(dedupe_key, purpose='message-id')[:32]}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


def reference_of(message: Message) -> str:
    """The reference of a text at the SMS service: a keyed hash without personal data."""
    return message.message_id.strip("<>").partition("@")[0]


def of_reference(reference: str) -> str:
    return f"<{reference}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


@lru_cache(maxsize=8)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def rank(purpose: str) -> int:
    return 0 if purpose in WAITED_FOR else 1


@transaction.atomic
def queue_message(
    *,
    purpose: str,
    dedupe_key: str,
    language: str,
    receipt: Receipt | None = None,
    user: User | None = None,
    subject: str = "",
    text: str = "",
    html: str = "",
    to_address: str = "",
    carrier: str = DeliveryChannel.MAIL,
    now: datetime | None = None,
) -> Message:
    """Queue a mail or text to one receipt or one colleague; idempotent per `dedupe_key`.

    Follow-ups have no text: they are rendered when they are sent. Other mail carries its text until it is
    handed over, and is emptied then. `to_address` only if it is not the contact's or the colleague's own.
    """
    moment = now or timezone.now()
    message, made = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "purpose": purpose,
            "carrier": carrier,
            "language": language,
            "receipt": receipt,
            "user": user,
            "subject": subject,
            "text": text,
            "html": html,
            "to_address": to_address,
            "message_id": message_id(dedupe_key),
            "rank": rank(purpose),
            "created_at": moment,
            "next_attempt_at": moment,
        },
    )
    if made:
        transaction.on_commit(doorbell.notify_workers, robust=True)
    return message


def queue_notice(user: User, *, key: str, subject: str, text: str, now: datetime | None = None) -> Message:
    """Queue a notice to one colleague, already in their language; idempotent per `key`."""
    return queue_message(
        purpose=MessagePurpose.NOTICE,
        dedupe_key=key,
        language=user.language,
        user=user,
        subject=subject,
        text=text,
        now=now,
    )


def new_message(
    *,
    purpose: str,
    dedupe_key: str,
    language: str,
    receipt: Receipt | None = None,
    user: User | None = None,
    carrier: str = DeliveryChannel.MAIL,
    now: datetime,
) -> Message:
    """An unsaved message that is rendered when it is sent; save several with `queue_messages`."""
    return Message(
        purpose=purpose,
        carrier=carrier,
        dedupe_key=dedupe_key,
        language=language,
        receipt=receipt,
        user=user,
        message_id=message_id(dedupe_key),
        rank=rank(purpose),
        created_at=now,
        next_attempt_at=now,
    )


@transaction.atomic
def queue_messages(messages: list[Message]) -> None:
    """Queue several at once; those with an existing `dedupe_key` are ignored."""
    if messages:
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        transaction.on_commit(doorbell.notify_workers, robust=True)
