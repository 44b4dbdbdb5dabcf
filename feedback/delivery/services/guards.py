"""What keeps mail from leaving twice or wrongly: leases, circuit breakers, claims, heartbeats, and the quarantine.

A lease in the database (mutual exclusion) has a name, a holder and an end: that of a dead holder expires.
A row that one job makes has a lease of its own (`core.jobs`).
"""

import fcntl
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BufferedRandom
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Event, Receipt, User
from accounts.states import DeliveryChannel
from core.errors import DomainError
from core.keyed import stored_hashes
from core.keyring import KeyUse
from core.rows import get_or_gone
from feedback.models import Heartbeat, Lease, Message, OutboxEpoch
from feedback.registries import personal_data
from feedback.states import MessageState

log = logging.getLogger("nabij.outbox")

FAN_OUT_LEASE = "fan-out"
"""The lease of a process that creates messages for many readers."""
RELAY_SERVICE, TEXTS = "relay", "texts"
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


def lease_is_taken(name: str, *, now: datetime | None = None) -> bool:
    return Lease.objects.filter(name=name, until__gt=now or timezone.now()).exists()


def open_circuit(
    why: str, *, name: str = RELAY_SERVICE, seconds: float | None = None, now: datetime | None = None
) -> None:
    """Open the circuit breaker: no process contacts the server for a while. No message is at fault, so none
    uses an attempt."""
    rest = settings.RELAY_REST_SECONDS if seconds is None else seconds
    log.warning("%s Next try in %s seconds.", why, rest)
    acquire_lease(name, "resting", seconds=rest, now=now)
    heartbeat(name, note=why, now=now)


def circuit_is_open(name: str = RELAY_SERVICE, *, now: datetime | None = None) -> bool:
    return lease_is_taken(name, now=now)


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


def lock_contacts(contacts: "QuerySet[Contact]") -> dict[UUID, Contact]:
    """Lock contacts in order of pk (lock order), and return them by receipt."""
    locked = contacts.select_for_update(of=("self",)).select_related("receipt").order_by("pk")
    return {contact.receipt_id: contact for contact in locked}


# --- recover -------------------------------------------------------------------------------------
# The sweep: recovers what a dead process left behind.


HEARTBEAT_TIMEOUT = timedelta(seconds=150)
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


def truncate_wal() -> None:
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
    if not Heartbeat.objects.filter(name=name, at__gt=timezone.now() - HEARTBEAT_TIMEOUT / 10).exists():
        heartbeat(name)


def worker_is_alive(*, now: datetime | None = None) -> bool:
    """Whether jobs ran lately. If not, the desk shows a red line and the health check fails."""
    return Heartbeat.objects.filter(name="jobs", at__gt=(now or timezone.now()) - HEARTBEAT_TIMEOUT).exists()


# --- quarantine -----------------------------------------------------------------------------------
# Detects that the database was restored from a backup, with two files beside it, in DATA_DIR, which all
# processes share and which must not be restored along with the database.
#
# `outbox-epoch` holds the epoch that the outbox had reached before the last mails were handed over. It is
# raised in the database in the transaction before DATA, then in the file, then the mails leave: a database
# behind its file has forgotten mails that went out. Erasing and unsubscribing raise it too, so that a
# database that forgot only those is detected as well. Then nothing is sent until a person looked: what was
# erased since is erased again, and pending messages become `uncertain`.
#
# `erased.journal` holds the keyed hashes of receipts that were erased, and of those that unsubscribed.

RESTORED_MESSAGE = "The database is behind its epoch file: it was restored from a backup."
EPOCH_FILE_MISSING_MESSAGE = (
    "The epoch file is missing: the database was restored elsewhere, or DATA_DIR was lost."
)


class OutboxQuarantined(Exception):
    """Nothing is sent until a person releases the outbox."""


def epoch_file() -> Path:
    return settings.DATA_DIR / "outbox-epoch"


def journal_file() -> Path:
    return settings.DATA_DIR / "erased.journal"


@contextmanager
def _locked(path: Path) -> Iterator[BufferedRandom]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def read_epoch_file() -> int | None:
    try:
        return int(epoch_file().read_bytes() or 0)
    except FileNotFoundError:
        return None


def write_epoch_file(epoch: int) -> None:
    """Raise the file to `epoch`; it is never lowered."""
    with _locked(epoch_file()) as file:
        if int(file.read() or 0) < epoch:
            file.seek(0)
            file.write(b"%d\n" % epoch)


def outbox_epoch() -> OutboxEpoch:
    return OutboxEpoch.objects.get_or_create(pk=1)[0]


def outbox_may_send(*, now: datetime | None = None) -> bool:
    """Whether mail may leave. Starts the quarantine if the database turns out to be restored."""
    # Read the file before the row: its epoch was committed before it was written.
    in_file = read_epoch_file()
    row = outbox_epoch()
    if row.quarantined_at:
        return False
    if in_file is None:
        # Another process may have created it in between, so read it again.
        if not row.epoch and not any(read_journal().values()):
            write_epoch_file(0)
        in_file = read_epoch_file()
    if reason := restore_reason(row.epoch, in_file):
        # A new, empty database beside an old DATA_DIR.
        if not Message.objects.exists() and not Receipt.objects.exists():
            _catch_up(in_file or 0)
            return True
        hold_outbox(reason=reason, by=None, now=now)
        return False
    return True


def restore_reason(epoch: int, in_file: int | None) -> str:
    if in_file is None:
        return EPOCH_FILE_MISSING_MESSAGE
    return RESTORED_MESSAGE if epoch < in_file else ""


def advance_epoch() -> int:
    """Raise the epoch. Call it last in the transaction before DATA; write the file after the commit.

    Raises Quarantined, which rolls the transaction back, if somebody put the outbox on hold meanwhile or
    the database is behind its file.
    """
    in_file = read_epoch_file()
    if not OutboxEpoch.objects.filter(pk=1, quarantined_at=None).update(epoch=F("epoch") + 1):
        raise OutboxQuarantined
    epoch = OutboxEpoch.objects.values_list("epoch", flat=True).get(pk=1)
    if in_file is not None and epoch <= in_file:
        raise OutboxQuarantined(RESTORED_MESSAGE)
    return epoch


@transaction.atomic
def hold_outbox(*, reason: str, by: User | None, now: datetime | None = None) -> bool:
    """Stop all sending. Returns False if it was stopped already.

    Without `by` it means a restore: the journal is replayed first, then pending messages become uncertain.
    Held by a person, messages stay pending: they were certainly not sent.
    """
    moment = now or timezone.now()
    row = outbox_epoch()
    if not OutboxEpoch.objects.filter(pk=1, quarantined_at=None).update(
        quarantined_at=moment, reason=reason[:300]
    ):
        return False
    restored = by is None
    if restored:
        replay_journal(now=moment)
        Message.objects.filter(state__in=[MessageState.PENDING, MessageState.CLAIMED]).move(
            MessageState.UNCERTAIN, settled_at=moment
        )
        Message.objects.filter(state=MessageState.HANDING_OVER).move(
            MessageState.UNCERTAIN, settled_at=moment
        )
    Event.log("held", row, by=by, note=reason)
    return True


@transaction.atomic
def release_outbox(*, by: User | None, note: str = "", now: datetime | None = None) -> None:
    """Let mail leave again after a person looked. Uncertain messages stay tasks for people. Raises
    DomainError if not on hold."""
    row = outbox_epoch()
    if row.quarantined_at is None:
        raise DomainError("The outbox is not on hold.")
    _catch_up(read_epoch_file() or 0)
    OutboxEpoch.objects.filter(pk=1).update(quarantined_at=None, reason="")
    Event.log("released", row, by=by, note=note)


def _catch_up(in_file: int) -> None:
    """Raise both epochs above the higher one, so that database and file agree again."""
    epoch = max(OutboxEpoch.objects.values_list("epoch", flat=True).get(pk=1), in_file) + 1
    OutboxEpoch.objects.filter(pk=1).update(epoch=epoch)
    transaction.on_commit(lambda: write_epoch_file(epoch))


# --- erasure journal, replayed after a restore ----------------------------------------------------


def journal_erasure(receipt_pk: UUID) -> None:
    """Call it within the erasing transaction: erasing twice is better than restored data."""
    _append_to_journal("erased", _hashes(receipt_pk)[0])
    _raise_epoch()


def journal_unsubscribed(receipt_pk: UUID) -> None:
    """Call it within the transaction that unsubscribes."""
    _append_to_journal("unsubscribed", _hashes(receipt_pk)[0])
    _raise_epoch()


def journal_resubscribed(receipt_pk: UUID) -> None:
    """Call it after the transaction that undoes an unsubscribe has committed."""
    for hashed in _hashes(receipt_pk):
        _append_to_journal("resubscribed", hashed)


def _append_to_journal(what: str, hashed: str) -> None:
    line = f"{what} {hashed} {timezone.now():%Y-%m-%dT%H:%M:%SZ}\n"
    with _locked(journal_file()) as file:
        file.seek(0, os.SEEK_END)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _raise_epoch() -> None:
    """Raise the epoch, so that a database that forgot this is behind its file.

    Not if it is behind already, or if there is no file: that must be detected, not hidden.
    """
    row, in_file = outbox_epoch(), read_epoch_file()
    if in_file is None and not row.epoch:
        in_file = 0
    if in_file is None or row.epoch < in_file:
        return
    if OutboxEpoch.objects.filter(pk=1, epoch__gte=in_file, quarantined_at=None).update(epoch=F("epoch") + 1):
        epoch = OutboxEpoch.objects.values_list("epoch", flat=True).get(pk=1)
        transaction.on_commit(lambda: write_epoch_file(epoch))


def _hashes(receipt_pk: UUID) -> list[str]:
    """What a line of the journal may hold for this receipt, newest first: its keys may have been rotated since."""
    return stored_hashes(receipt_pk.hex, KeyUse.SUPPRESSION, purpose="journal")


def read_journal() -> dict[str, set[str]]:
    """The keyed hashes by action: erased, and still unsubscribed."""
    found: dict[str, set[str]] = {"erased": set(), "unsubscribed": set()}
    try:
        lines = journal_file().read_text().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        what, key, _moment = [*line.split(), "", "", ""][:3]
        if what in found:
            found[what].add(key)
        elif what == "resubscribed":
            found["unsubscribed"].discard(key)
    return found


def replay_journal(*, now: datetime) -> int:
    """Repeat erasures and unsubscribes that a backup undid. Returns how many receipts were erased."""
    journal = read_journal()
    if not journal["erased"] and not journal["unsubscribed"]:
        return 0
    erased = unsubscribed = 0
    for pk in list(Receipt.objects.values_list("pk", flat=True)):
        hashes = set(_hashes(pk))
        if hashes & journal["erased"]:
            repeat_erasure(pk)
            erased += 1
        elif hashes & journal["unsubscribed"]:
            unsubscribed += Contact.objects.filter(receipt=pk, unsubscribed_at=None).update(
                unsubscribed_at=now
            )
    Event.log("replayed_journal", outbox_epoch(), by=None, erased=erased, unsubscribed=unsubscribed)
    return erased


def repeat_erasure(receipt_pk: UUID) -> None:
    receipt = get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt_pk)
    for keeper in personal_data:
        keeper.erase(receipt)
    receipt.delete()
