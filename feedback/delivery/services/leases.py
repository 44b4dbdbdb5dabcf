"""Who works on what: leases, claims of messages (T3), heartbeats, and what a dead process left behind."""

import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact
from accounts.states import DeliveryChannel
from feedback.models import Heartbeat, Lease, Message
from feedback.states import MessageState

log = logging.getLogger("nabij.outbox")

FAN_OUT = "fan-out"
"""The lease of a process that creates messages for many readers."""


def acquire_lease(name: str, holder: str, *, seconds: float, now: datetime | None = None) -> bool:
    """Take a lease that is free, expired, or already one's own (which renews it). Returns whether it is held."""
    moment = now or timezone.now()
    until = moment + timedelta(seconds=seconds)
    free = Q(until__lte=moment) | Q(holder=holder)
    if Lease.objects.filter(free, name=name).update(holder=holder, until=until):
        return True
    # Either the lease never existed, or somebody else holds it.
    lease, made = Lease.objects.get_or_create(name=name, defaults={"holder": holder, "until": until})
    return made or lease.holder == holder


def release_lease(name: str, holder: str, *, now: datetime | None = None) -> None:
    Lease.objects.filter(name=name, holder=holder).update(holder="", until=now or timezone.now())


def is_taken(name: str, *, now: datetime | None = None) -> bool:
    return Lease.objects.filter(name=name, until__gt=now or timezone.now()).exists()


# --- claims --------------------------------------------------------------------------------------
# Claiming due messages with a lease (T3), and returning them. No two processes get the same message.


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


# --- recover -------------------------------------------------------------------------------------
# The sweep: recovers what a dead process left behind.


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
