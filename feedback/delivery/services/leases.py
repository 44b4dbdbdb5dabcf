"""Who works on what: leases, circuit breakers, claims of messages, heartbeats, and what a dead process left.

A lease in the database (mutual exclusion) has a name, a holder and an end: that of a dead holder expires.
A row that one job makes has a lease of its own (`core.jobs`).
"""

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
RELAY, TEXTS = "relay", "texts"
"""The circuit breakers of mail and of texts."""


def acquire_lease(name: str, holder: str, *, seconds: float, now: datetime | None = None) -> bool:
    """Take a lease that is free, expired, or already one's own (which renews it). Returns whether it is held."""
    moment = now or timezone.now()
    until = moment + timedelta(seconds=seconds)
    free = Q(until__lte=moment) | Q(holder=holder)
    if Lease.objects.filter(free, name=name).update(holder=holder, until=until):
        return True
    # Either the lease never existed, or another process holds it.
    lease, made = Lease.objects.get_or_create(name=name, defaults={"holder": holder, "until": until})
    return made or lease.holder == holder


def release_lease(name: str, holder: str, *, now: datetime | None = None) -> None:
    Lease.objects.filter(name=name, holder=holder).update(holder="", until=now or timezone.now())


class HeldLease:
    """A lease that this process holds."""

    def __init__(self, name: str, holder: str, *, seconds: float, now: datetime | None) -> None:
        self._name, self._holder, self._seconds, self._now = name, holder, seconds, now
        self._renew_at = time.monotonic() + seconds / 3

    def renew(self) -> bool:
        """Extend it once a third of its time has passed. Returns whether it is still held."""
        if time.monotonic() <= self._renew_at:
            return True
        self._renew_at = time.monotonic() + self._seconds / 3
        return acquire_lease(self._name, self._holder, seconds=self._seconds, now=self._now)


@contextmanager
def hold_lease(*names: str, seconds: float, now: datetime | None = None) -> Iterator[HeldLease | None]:
    """The first of these leases that is free, released afterwards; None if others hold them all."""
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"
    taken = (name for name in names if acquire_lease(name, holder, seconds=seconds, now=now))
    name = next(taken, None)
    if name is None:
        yield None
        return
    try:
        yield HeldLease(name, holder, seconds=seconds, now=now)
    finally:
        release_lease(name, holder, now=now)


def is_taken(name: str, *, now: datetime | None = None) -> bool:
    return Lease.objects.filter(name=name, until__gt=now or timezone.now()).exists()


def open_circuit(
    why: str, *, name: str = RELAY, seconds: float | None = None, now: datetime | None = None
) -> None:
    """Open the circuit breaker: no process contacts the server for a while. No message is at fault, so none
    uses an attempt."""
    rest = settings.RELAY_REST_SECONDS if seconds is None else seconds
    log.warning("%s Next try in %s seconds.", why, rest)
    acquire_lease(name, "resting", seconds=rest, now=now)
    heartbeat(name, note=why, now=now)


def circuit_is_open(name: str = RELAY, *, now: datetime | None = None) -> bool:
    return is_taken(name, now=now)


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
