"""The way into the outbox: every mail of the house is a row before it is anything else."""

from datetime import datetime
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import Receipt, User
from feedback.models import Message


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
    """Queue one message to a receipt or to a colleague. The same key again is the same message."""
    message, _created = Message.objects.get_or_create(
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
            "message_id": make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"),
            "next_attempt_at": now or timezone.now(),
        },
    )
    return message
