"""Background jobs: starting and stopping their processes, and work too long for a request, one row at a time.

A LeasedJob takes a row (LeasedModel) under a lease and renews it while working. A process that is asked to stop gives
the row back; the lease of one that died expires. In both cases the next job starts over, so `make` must be idempotent.
A job that lost its lease writes nothing more.
"""

import logging
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ClassVar, Generic, Self, TypeVar

from celery import Task, shared_task
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from core.state_model import StateModel, StateQuerySet

# --- processes ------------------------------------------------------------------------------------


log = logging.getLogger("nabij.jobs")

stopping = threading.Event()
"""Set when this process is asked to stop: the current work is finished or given back."""


def lower_process_priority() -> None:
    """Lower the priority of this process, so that web requests go before jobs on a shared machine.

    Call it before starting threads: they inherit the priority of the thread that starts them.
    """
    os.nice(max(0, settings.JOBS_NICE - os.nice(0)))


def refuse_bad_start() -> None:
    """Raises ImproperlyConfigured if a database check finds something unfit for production (scenarios.checks).

    Called once by each process at start. A database that does not answer does not prevent the start.
    """
    databases = ["default"]
    found = run_checks(tags=[Tags.database], databases=databases, include_deployment_checks=True)
    for message in found:
        if message.is_serious():
            raise ImproperlyConfigured(message.msg)
        log.warning("%s", message.msg)


def polling_task(work: Callable[[], object]) -> Task:
    """A Celery task that asks the database what is due. It takes no arguments, and running it twice does no harm.

    While the database does not answer it does nothing: its next turn is seconds away.
    """

    @wraps(work)
    def task() -> None:
        try:
            work()
        except DatabaseError as error:
            log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)

    return shared_task(name=f"{work.__module__}.{work.__name__}")(task)


# --- rows under a lease ---------------------------------------------------------------------------


LeasedRow = TypeVar("LeasedRow", bound="LeasedModel")


class LeasedQuerySet(StateQuerySet[LeasedRow]):
    def to_do(self) -> Self:
        """The rows a job has to work on, oldest first."""
        return self.filter(state__in=self.model.TO_DO).order_by("id")

    def free(self, now: datetime) -> Self:
        """The rows without a valid lease."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))


class LeasedModel(StateModel):
    """Work that a user requests and a job carries out. The subclass adds `state` and its progress fields."""

    TO_DO: ClassVar[frozenset[str]]

    lease_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_busy(self) -> bool:
        """Whether a job works on it or will soon."""
        return self.state in self.TO_DO

    @property
    def language(self) -> str:
        """The language of the user who asked for it; messages of the job use it."""
        return self.created_by.language if self.created_by else settings.LANGUAGE_CODE

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Every move also ends the lease."""
        return {"lease_until": None}

    def read_anew(self, moved: bool) -> None:
        """Reload even when another process moved the row first, to continue from its state.

        Raises DoesNotExist if the row was deleted.
        """
        self.refresh_from_db()


# --- jobs under a lease ---------------------------------------------------------------------------


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
    def run_all(cls) -> int:
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
