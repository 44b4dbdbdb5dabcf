"""Reads the mailbox: delivery reports and replies.

A mail is processed in one transaction, and removed from the mailbox only after the commit. After a crash
in between it is read again, and its fingerprint (`Incoming.key`, `DeliveryEvent`) makes that idempotent.
No mail is ever answered automatically: two machines would loop.
"""

import logging
import time
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from core.jobs import stopping
from feedback.delivery.provider import ProviderEvent
from feedback.delivery.returned import IncomingMailKind, parse_incoming_mail
from feedback.delivery.services import delivery, leases, outbox, quarantine
from feedback.delivery.services.leases import renew_heartbeat
from feedback.delivery.services.mailboxes import Mailbox, MailboxUnreachable, open_mailbox
from feedback.models import Message
from feedback.registries import carried
from feedback.states import IN_HAND, DeliveryKind

log = logging.getLogger("nabij.inbox")

INBOX = "inbox"
TROUBLE = "inbox-trouble"
_MAILBOX_RETRY_SECONDS = 300
TURN_SECONDS = 20


class TooEarly(Exception):
    """The mail is about a message that is being handed over right now: retry later."""


def read_mailbox(*, now: datetime | None = None) -> int:
    """Read the mailbox, one process at a time. Returns how many mails were processed.

    Not during quarantine: a restored database may not know yet what is being answered.
    """
    if not settings.INBOX_URL or leases.circuit_is_open(TROUBLE, now=now) or not quarantine.is_clear(now=now):
        return 0
    with leases.hold_lease(INBOX, seconds=settings.LEASE_SECONDS, now=now) as lease:
        return _read_turn(lease, now=now) if lease else 0


def _read_turn(lease: leases.HeldLease, *, now: datetime | None) -> int:
    try:
        with open_mailbox(settings.INBOX_URL) as box:
            done = _read_all(box, lease, now=now)
        renew_heartbeat(INBOX)
        return done
    except MailboxUnreachable as error:
        leases.open_circuit(str(error), name=TROUBLE, seconds=_MAILBOX_RETRY_SECONDS, now=now)
        return 0


def _read_all(box: Mailbox, lease: leases.HeldLease, *, now: datetime | None) -> int:
    done, ends = 0, time.monotonic() + TURN_SECONDS
    for name in box.waiting():
        if stopping.is_set() or time.monotonic() > ends:
            break
        if not lease.renew():
            break  # too slow: another process took the lease
        if _deal_with(box, name, now=now):
            done += 1
    return done


def _deal_with(box: Mailbox, name: str, *, now: datetime | None) -> bool:
    """Returns whether the mail was processed. One that raises is flagged, so that it does not block those
    after it."""
    content = box.fetch(name)
    if not content:
        return False
    try:
        process_mail(content, now=now)
    except TooEarly:
        return False
    except DatabaseError:
        raise
    except Exception:
        log.exception("A mail can't be read; it is flagged in the mailbox.")
        box.set_aside(name)
        return False
    box.remove(name)
    return True


EVENTS = {
    IncomingMailKind.BOUNCED: DeliveryKind.BOUNCED,
    IncomingMailKind.RETURNED: DeliveryKind.RETURNED,
    IncomingMailKind.DELAYED: DeliveryKind.DELAYED,
    IncomingMailKind.DELIVERED: DeliveryKind.DELIVERED,
    IncomingMailKind.COMPLAINT: DeliveryKind.COMPLAINT,
    IncomingMailKind.AUTOMATIC: DeliveryKind.AUTOMATIC,
}


def process_mail(content: bytes, *, now: datetime | None = None) -> None:
    """Process one mail, once. Raises TooEarly if its message is still being handed over."""
    moment, found = now or timezone.now(), parse_incoming_mail(content)
    if outbox.is_ours(found.sender):
        return  # our own mail, looped back
    message = outbox.find_original_message(found.to, found.about)
    if message and message.state in IN_HAND:
        raise TooEarly
    if found.kind == IncomingMailKind.REPLY:
        for one in carried():
            one.take_reply(found, message, at=moment)
    elif message:
        _record(message, found.kind, f"mail:{found.key}", f"{found.status} {found.detail}".strip(), moment)
    # Otherwise it reports mail that we never sent (forged) or erased since.


def _record(message: Message, kind: IncomingMailKind, event: str, detail: str, now: datetime | None) -> None:
    with suppress(Message.DoesNotExist):  # erased meanwhile: nothing to record
        delivery.record(message=message, kind=EVENTS[kind], provider_event=event, detail=detail, now=now)


# --- told by a provider ----------------------------------------------------------------------------

TAKEN, UNKNOWN, EARLY = "taken", "unknown", "early"


def take_events(told: list[ProviderEvent], *, now: datetime | None = None) -> list[str]:
    """Record events from a provider, each once. A known event gives TAKEN too."""
    messages = Message.objects.in_bulk([one.message_id for one in told], field_name="message_id")
    return [_take_event(one, messages.get(one.message_id), now) for one in told]


def _take_event(told: ProviderEvent, message: Message | None, now: datetime | None) -> str:
    if message is None:
        return UNKNOWN
    if message.state in IN_HAND:
        return EARLY
    _record(message, told.kind, f"hook:{told.key}", told.detail, now)
    return TAKEN
