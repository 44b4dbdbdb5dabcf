"""Work that takes longer than anybody waits: one row at a time, in the hands of one job.

A job takes a row under a lease and renews it on the way. A process that is asked to stop gives the row back; the
lease of one that died ends by itself. Either way the next job begins anew, so `make` must stand being done twice.
Who lost the lease writes nothing any more.
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
    """This process stops, or another one took over."""


class LeasedJob(ABC, Generic[LeasedRow]):
    """One row that this process works on."""

    told: ClassVar[tuple[type[Exception], ...]] = ()
    """What may stand in the way without being a mistake of ours."""

    def __init__(self, row: LeasedRow, until: datetime) -> None:
        self.row, self._until, self._renewed = row, until, time.monotonic()
        # The row in memory moves on, also when what it moved with is rolled back.
        self.began_as: str = row.state

    @classmethod
    @abstractmethod
    def to_do(cls) -> LeasedQuerySet[LeasedRow]:
        """What waits for it."""

    @abstractmethod
    def make(self) -> None:
        """All of it, ended by `end`."""

    @abstractmethod
    def fail(self, error: Exception) -> None:
        """`make` raised this; tell who asked for it."""

    @classmethod
    def work_off(cls) -> int:
        """One after another until nothing waits. Returns how many were dealt with."""
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
        """False when it was given back, or is somebody else's by now."""
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
        """Go on, and note how far it is. Raises Interrupted when this process has to stop, or lost the lease."""
        if stopping.is_set():
            raise Interrupted
        until = _lease_end()
        if not self._mine().update(lease_until=until, **fields):
            raise Interrupted
        self._until, self._renewed = until, time.monotonic()

    def progress(self, **fields: Any) -> None:
        """`renew` for who calls it very often: once a second."""
        if stopping.is_set():
            raise Interrupted
        if time.monotonic() - self._renewed >= 1:
            self.renew(**fields)

    def is_mine(self) -> bool:
        return self._mine().exists()

    @transaction.atomic
    def end(self, state: str, **fields: Any) -> bool:
        """Let go of it in another state. False when it was not ours to end any more."""
        return self._mine().select_for_update().exists() and self.row.move(state, **fields)

    def _mine(self) -> QuerySet[LeasedRow]:
        return type(self.row)._default_manager.filter(pk=self.row.pk, lease_until=self._until)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=min(LEASE_SECONDS, settings.LEASE_SECONDS))
