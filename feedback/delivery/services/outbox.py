"""Everything that is to be mailed is a row first: queued in the transaction of the action that asks for it."""

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
from feedback.states import WAITED_FOR

EMPTIED = {"subject": "", "text": "", "html": "", "to_address": ""}
"""What a message carried, once it is out of the house: nothing that is not needed any more."""


def message_id(dedupe_key: str) -> str:
    """The same for the same message, always: a mail program shows a mail that came twice once."""
    return f"<{keyed_hash(dedupe_key, purpose='message-id')[:32]}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


def reference_of(message: Message) -> str:
    """What a text is called where it is handed over: keyed, and nothing about anybody."""
    return message.message_id.strip("<>").partition("@")[0]


def of_reference(reference: str) -> str:
    """The Message-ID of the message with this reference."""
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
    """Put a mail, or a text, to one receipt or one colleague in the outbox, once per `dedupe_key`.

    Follow-ups carry no text: they are written when they leave. Other mail carries its text until it is
    handed over, and is emptied then. `to_address` only where it is not the contact's or the colleague's own.
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
    """A message that is written when it leaves, to put in the outbox together with others."""
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
    """Several at once; those of which the `dedupe_key` is there already change nothing."""
    if messages:
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        transaction.on_commit(doorbell.notify_workers, robust=True)
