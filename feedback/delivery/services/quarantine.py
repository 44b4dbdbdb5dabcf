"""Detects that the database was restored from a backup, with two files beside it.

`outbox-epoch` holds the epoch that the outbox had reached before the last mails were handed over. It is
raised in the database in the transaction before DATA, then in the file, then the mails leave: a database
behind its file has forgotten mails that went out. Erasing and unsubscribing raise it too, so that a
database that forgot only those is detected as well. Then nothing is sent until a person looked: what was
erased since is erased again, and pending messages become `uncertain`.

`erased.journal` holds the keyed hashes of receipts that were erased, and of those that unsubscribed.

Both are in DATA_DIR, which all processes share and which must not be restored along with the database.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BufferedRandom
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import Contact, Event, Receipt, User
from core.errors import DomainError
from core.keyed import keyed_hash
from core.rows import get_or_gone
from feedback.models import Message, OutboxEpoch
from feedback.registries import personal_data
from feedback.states import MessageState

RESTORED = "The database is behind its epoch file: it was restored from a backup."
NO_FILE = "The epoch file is missing: the database was restored elsewhere, or DATA_DIR was lost."


class Quarantined(Exception):
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


def outbox() -> OutboxEpoch:
    return OutboxEpoch.objects.get_or_create(pk=1)[0]


def is_clear(*, now: datetime | None = None) -> bool:
    """Whether mail may leave. Starts the quarantine if the database turns out to be restored."""
    # Read the file before the row: its epoch was committed before it was written.
    in_file = read_epoch_file()
    row = outbox()
    if row.quarantined_at:
        return False
    if in_file is None:
        # Another process may have created it in between, so read it again.
        if not row.epoch and not any(read_journal().values()):
            write_epoch_file(0)
        in_file = read_epoch_file()
    if reason := suspicion(row.epoch, in_file):
        # A new, empty database beside an old DATA_DIR.
        if not Message.objects.exists() and not Receipt.objects.exists():
            _catch_up(in_file or 0)
            return True
        hold(reason=reason, by=None, now=now)
        return False
    return True


def suspicion(epoch: int, in_file: int | None) -> str:
    if in_file is None:
        return NO_FILE
    return RESTORED if epoch < in_file else ""


def advance() -> int:
    """Raise the epoch. Call it last in the transaction before DATA; write the file after the commit.

    Raises Quarantined, which rolls the transaction back, if somebody put the outbox on hold meanwhile or
    the database is behind its file.
    """
    in_file = read_epoch_file()
    if not OutboxEpoch.objects.filter(pk=1, quarantined_at=None).update(epoch=models.F("epoch") + 1):
        raise Quarantined
    epoch = OutboxEpoch.objects.values_list("epoch", flat=True).get(pk=1)
    if in_file is not None and epoch <= in_file:
        raise Quarantined(RESTORED)
    return epoch


@transaction.atomic
def hold(*, reason: str, by: User | None, now: datetime | None = None) -> bool:
    """Stop all sending. Returns False if it was stopped already.

    Without `by` it means a restore: the journal is replayed first, then pending messages become uncertain.
    Held by a person, messages stay pending: they were certainly not sent.
    """
    moment = now or timezone.now()
    row = outbox()
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
def release(*, by: User | None, note: str = "", now: datetime | None = None) -> None:
    """Let mail leave again after a person looked. Uncertain messages stay tasks for people. Raises
    DomainError if not on hold."""
    row = outbox()
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


# --- what must not come back with a backup --------------------------------------------------------


def journal_erasure(receipt_pk: UUID) -> None:
    """Call it within the erasing transaction: erasing twice is better than restored data."""
    _journal("erased", receipt_pk)
    _raise_epoch()


def journal_unsubscribed(receipt_pk: UUID) -> None:
    """Call it within the transaction that unsubscribes."""
    _journal("unsubscribed", receipt_pk)
    _raise_epoch()


def journal_resubscribed(receipt_pk: UUID) -> None:
    """Call it after the transaction that undoes an unsubscribe has committed."""
    _journal("resubscribed", receipt_pk)


def _journal(what: str, receipt_pk: UUID) -> None:
    line = f"{what} {_key(receipt_pk)} {timezone.now():%Y-%m-%dT%H:%M:%SZ}\n"
    with _locked(journal_file()) as file:
        file.seek(0, os.SEEK_END)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _raise_epoch() -> None:
    """Raise the epoch, so that a database that forgot this is behind its file.

    Not if it is behind already, or if there is no file: that must be detected, not hidden.
    """
    row, in_file = outbox(), read_epoch_file()
    if in_file is None and not row.epoch:
        in_file = 0
    if in_file is None or row.epoch < in_file:
        return
    if OutboxEpoch.objects.filter(pk=1, epoch__gte=in_file, quarantined_at=None).update(
        epoch=models.F("epoch") + 1
    ):
        epoch = OutboxEpoch.objects.values_list("epoch", flat=True).get(pk=1)
        transaction.on_commit(lambda: write_epoch_file(epoch))


def _key(receipt_pk: UUID) -> str:
    return keyed_hash(receipt_pk.hex, purpose="journal")


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
        key = _key(pk)
        if key in journal["erased"]:
            erase_again(pk)
            erased += 1
        elif key in journal["unsubscribed"]:
            unsubscribed += Contact.objects.filter(receipt=pk, unsubscribed_at=None).update(
                unsubscribed_at=now
            )
    Event.log("replayed_journal", outbox(), by=None, erased=erased, unsubscribed=unsubscribed)
    return erased


def erase_again(receipt_pk: UUID) -> None:
    receipt = get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt_pk)
    for keeper in personal_data:
        keeper.erase(receipt)
    receipt.delete()
