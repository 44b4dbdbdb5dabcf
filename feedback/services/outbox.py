"""Everything that is to be mailed is a row first: queued in the transaction of the deed that asks for it."""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.keyed import keyed_hash
from accounts.models import Receipt, User
from feedback.models import Message
from feedback.services import doorbell
from feedback.states import WAITED_FOR


def message_id(dedupe_key: str) -> str:
    """The same for the same message, always: a mail program shows a mail that came twice once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{keyed_hash(dedupe_key, purpose='message-id')[:32]}@{domain}>"


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
    now: datetime | None = None,
) -> Message:
    """Put a mail to one receipt or one colleague in the outbox, once per `dedupe_key`.

    Follow-ups carry no text: they are written when they leave. Other mail carries its text until it is
    handed over, and is emptied then. `to_address` only where it is not the contact's or the colleague's own.
    """
    moment = now or timezone.now()
    message, made = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "purpose": purpose,
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
        transaction.on_commit(doorbell.ring, robust=True)
    return message
