"""Withdraw, put back, download and erase: operations of a receipt's holder, over all apps."""

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
"""Days in which a withdrawal can be undone; then everything is erased."""


@dataclass(frozen=True)
class Erasure:
    """Proof of erasure: a number, the time, and the day on which the last backup with the data is gone."""

    number: str
    at: datetime
    backups_until: date


@transaction.atomic
def withdraw_receipt(*, receipt: Receipt, now: datetime | None = None) -> None:
    """Stop counting it, in every app. Idempotent."""
    _lock(receipt)
    for keeper in personal_data:
        keeper.withdraw(receipt, now=now or timezone.now())
    _log("withdrew")


def put_back_until(withdrawn_on: date) -> date:
    return withdrawn_on + timedelta(days=PUT_BACK_DAYS)


@transaction.atomic
def put_back(*, receipt: Receipt, now: datetime | None = None) -> None:
    _lock(receipt)
    for keeper in personal_data:
        keeper.put_back(receipt, now=now or timezone.now())
    _log("put_back")


def download(receipt: Receipt) -> dict[str, Any]:
    """Everything stored about this receipt as JSON-ready values, under headings a layperson understands."""
    return {heading: data for keeper in personal_data for heading, data in keeper.download(receipt).items()}


@transaction.atomic
def erase(*, receipt: Receipt, now: datetime | None = None) -> Erasure:
    """Erase it from every app at once; the journal prevents that a backup restores it.

    Raises Receipt.DoesNotExist if it was erased already.
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
    """Erase because its retention term ended. Returns 1, or 0 if its holder erased it first.

    Not journaled: a backup that restores it is past its term too, so the next job erases it again.
    """
    receipt = Receipt.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if receipt is None:
        return 0
    for keeper in personal_data:
        keeper.erase(receipt)
    receipt.delete()
    return 1


def _lock(receipt: Receipt) -> Receipt:
    # NO KEY: a transaction that is answering locks the response and references the receipt; a full lock would
    # deadlock.
    return get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt.pk)


def _log(verb: str) -> Event:
    """Log without the receipt's id: that it was done, but not to whom."""
    return Event.objects.create(verb=verb, kind=Receipt._meta.label_lower, key="")
