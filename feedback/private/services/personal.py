"""Withdraw, put back, download, erase: what the holder of a receipt may ask of all apps at once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Event, Receipt
from core.rows import get_or_gone
from feedback.delivery.services.quarantine import journal_erasure
from feedback.registries import personal_data
from neighbourhoods.models import Municipality

PUT_BACK_DAYS = 30
"""A withdrawal can be undone this long; then everything is erased."""


@dataclass(frozen=True)
class Erasure:
    """The proof: a number, the moment, and the day on which the last backup with it is gone."""

    number: str
    at: datetime
    backups_until: date


@transaction.atomic
def withdraw_receipt(*, receipt: Receipt, now: datetime | None = None) -> None:
    """It no longer counts, in every app. Twice is once."""
    _lock(receipt)
    for keeper in personal_data:
        keeper.withdraw(receipt, now=now or timezone.now())
    _log("withdrew")


def put_back_until(withdrawn_on: date) -> date:
    return withdrawn_on + timedelta(days=PUT_BACK_DAYS)


@transaction.atomic
def put_back(*, receipt: Receipt, now: datetime | None = None) -> None:
    """Undo a withdrawal, in every app."""
    _lock(receipt)
    for keeper in personal_data:
        keeper.put_back(receipt, now=now or timezone.now())
    _log("put_back")


def download(receipt: Receipt) -> dict[str, Any]:
    """Everything that is kept about this receipt, under headings a person understands; JSON-ready."""
    return {heading: data for keeper in personal_data for heading, data in keeper.download(receipt).items()}


@transaction.atomic
def erase(*, receipt: Receipt, now: datetime | None = None) -> Erasure:
    """Gone from every app, at once; the journal sees to it that no backup brings it back.

    Raises Receipt.DoesNotExist when it was erased already.
    """
    now = now or timezone.now()
    _erase(_lock(receipt))
    event = _log("erased")
    return Erasure(
        number=f"W-{event.pk}",
        at=now,
        backups_until=timezone.localdate(now) + timedelta(days=Municipality.current().backup_days),
    )


def _erase(receipt: Receipt) -> None:
    for keeper in personal_data:
        keeper.erase(receipt)
    journal_erasure(receipt.pk)
    receipt.delete()


@transaction.atomic
def erase_for_good(pk: UUID) -> int:
    """Erase because the time has come. Returns 1, or 0 when its holder was first.

    Not journaled: a backup that brings it back is older than its day, and the next job erases it again.
    """
    receipt = Receipt.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if receipt is None:
        return 0
    for keeper in personal_data:
        keeper.erase(receipt)
    receipt.delete()
    return 1


def _lock(receipt: Receipt) -> Receipt:
    # No key: who is answering holds the response and refers to the receipt; each would wait for the other.
    return get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt.pk)


def _log(verb: str) -> Event:
    """Without the receipt's id: the log shows that it was done, to nobody in particular."""
    return Event.objects.create(verb=verb, kind=Receipt._meta.label_lower, key="")
