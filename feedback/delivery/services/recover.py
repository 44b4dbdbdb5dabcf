"""The sweep: recovers what a dead process left behind."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.states import DeliveryChannel
from feedback.delivery.services import delivery
from feedback.delivery.services.outbox import reference_of
from feedback.delivery.services.sms import STATUSES, Unanswered, open_sms_session
from feedback.models import Heartbeat, Message
from feedback.states import MessageState

log = logging.getLogger("nabij.outbox")

SILENCE = timedelta(seconds=150)
"""After this long without a heartbeat no job is running."""


def recover(*, now: datetime | None = None) -> tuple[int, int]:
    """Recover expired leases: claimed messages become pending, those being handed over become uncertain.

    Returns the number of each.
    """
    moment = now or timezone.now()
    ended = Message.objects.lease_ended(moment)
    if not ended.exists():  # avoid a needless write lock on SQLite
        return 0, 0
    pending = ended.filter(state=MessageState.CLAIMED).move(MessageState.PENDING)
    uncertain = ended.filter(state=MessageState.HANDING_OVER).move(MessageState.UNCERTAIN, settled_at=moment)
    log.warning("Leases ended: %s messages are pending again, %s are uncertain.", pending, uncertain)
    return pending, uncertain


LOOKED_UP = 20
"""Uncertain texts looked up per sweep."""


def look_up_texts(*, now: datetime | None = None) -> int:
    """Look up uncertain texts at the service, and mark those it knows as sent. Returns how many.

    An unknown one stays for a person, as with mail: it may still be in transit.
    """
    moment = now or timezone.now()
    since = moment - timedelta(hours=settings.UNCERTAIN_HOURS)
    uncertain = Message.objects.filter(
        state=MessageState.UNCERTAIN, carrier=DeliveryChannel.TEXT, resolved_by=None, settled_at__gte=since
    )
    found = 0
    # Random order, so that unknown ones don't starve the others.
    waiting = list(uncertain.order_by("?")[:LOOKED_UP])
    if not waiting:
        return 0
    with open_sms_session() as line:
        for message in waiting:
            try:
                status = line.look_up(reference_of(message))
            except Unanswered as error:
                log.warning("%s", error)
                break
            if status is not None:
                found += delivery.found_out(message=message, now=now)
                tell_status(message, status, now=now)
    return found


def tell_status(message: Message, status: str, *, now: datetime | None = None) -> None:
    if kind := STATUSES.get(status):
        # The same key as the service's webhook, so that the event is recorded once.
        event = f"hook:text:{reference_of(message)}:{status}"
        delivery.record(message=message, kind=kind, provider_event=event, detail=status, now=now)


def empty_log() -> None:
    """Truncate SQLite's write-ahead log, which keeps erased data until it is overwritten.

    With a short busy timeout, so that it neither waits for a slow reader nor delays writers: the next
    sweep retries.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 500")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout = {1000 * connection.settings_dict['OPTIONS']['timeout']}")


def heartbeat(name: str, *, note: str = "", now: datetime | None = None) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now or timezone.now(), "note": note[:200]})


def renew_heartbeat(name: str) -> None:
    """Record a heartbeat only when the last is old: on SQLite every write waits for the others."""
    if not Heartbeat.objects.filter(name=name, at__gt=timezone.now() - SILENCE / 10).exists():
        heartbeat(name)


def worker_is_alive(*, now: datetime | None = None) -> bool:
    """Whether jobs ran lately. If not, the desk shows a red line and the health check fails."""
    return Heartbeat.objects.filter(name="jobs", at__gt=(now or timezone.now()) - SILENCE).exists()
