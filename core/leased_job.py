"""Background jobs too long for a request: one row at a time, by one process.

A job takes a row under a lease and renews it while working. A process that is asked to stop gives the row back;
the lease of one that died expires. In both cases the next job starts over, so `make` must be idempotent. A job
that lost its lease writes nothing more.
"""

import logging
import time
from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Self

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from core.jobs import stopping
from core.leased_model import LeasedQuerySet, LeasedRow

log = logging.getLogger("nabij.jobs")

LEASE_SECONDS = 60.0


class Interrupted(Exception):
    """This process is stopping, or another process took over the lease."""


class LeasedJob(ABC, Generic[LeasedRow]):
    """One row that this process works on."""

    told: ClassVar[tuple[type[Exception], ...]] = ()
    """Expected errors, which are not bugs: they are not logged as exceptions."""

    def __init__(self, row: LeasedRow, until: datetime) -> None:
        self.row, self._until, self._renewed = row, until, time.monotonic()
        # The row in memory changes state even when the transaction is rolled back.
        self.began_as: str = row.state

    @classmethod
    @abstractmethod
    def to_do(cls) -> LeasedQuerySet[LeasedRow]:
        """The rows that wait for this job."""

    @abstractmethod
    def make(self) -> None:
        """Do all the work and finish with `end`. Must be idempotent."""

    @abstractmethod
    def fail(self, error: Exception) -> None:
        """Handle the error `make` raised; tell the user who asked for the work."""

    @classmethod
    def work_off(cls) -> int:
        """Process rows until none wait. Returns how many were processed."""
        dealt = 0
        while not stopping.is_set() and (hand := cls.take()):
            dealt += hand.work()
        return dealt

    @classmethod
    def take(cls) -> Self | None:
        now = timezone.now()
        for row in cls.to_do():
            until = _lease_end()
            if cls.to_do().free(now).filter(pk=row.pk).update(lease_until=until):
                return cls(row, until)
        return None

    def work(self) -> bool:
        """False when the row was given back or another process holds the lease."""
        with translation.override(self.row.language):
            try:
                self.renew()
                self.make()
            except Interrupted:
                self._mine().update(lease_until=None)
                return False
            except Exception as error:
                if not isinstance(error, self.told):
                    log.exception("%s %s failed.", type(self.row).__name__, self.row.pk)
                self.fail(error)
        return True

    def renew(self, **fields: Any) -> None:
        """Extend the lease and store progress in `fields`. Raises Interrupted if the process stops or the lease is
        lost.
        """
        if stopping.is_set():
            raise Interrupted
        until = _lease_end()
        if not self._mine().update(lease_until=until, **fields):
            raise Interrupted
        self._until, self._renewed = until, time.monotonic()

    def progress(self, **fields: Any) -> None:
        """`renew` for frequent calls: writes at most once a second."""
        if stopping.is_set():
            raise Interrupted
        if time.monotonic() - self._renewed >= 1:
            self.renew(**fields)

    def is_mine(self) -> bool:
        return self._mine().exists()

    @transaction.atomic
    def end(self, state: str, **fields: Any) -> bool:
        """Release the lease and move the row to `state`. False if this process no longer holds the lease."""
        return self._mine().select_for_update().exists() and self.row.move(state, **fields)

    def _mine(self) -> QuerySet[LeasedRow]:
        return type(self.row)._default_manager.filter(pk=self.row.pk, lease_until=self._until)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=min(LEASE_SECONDS, settings.LEASE_SECONDS))
