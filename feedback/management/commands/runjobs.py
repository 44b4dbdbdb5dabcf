"""Runs the jobs without a broker: a Celery worker and its beat as threads of one process, over memory://.

A lease in the database makes sure that only one such process works; the others wait and take over within
seconds. A process that loses the lease waits again: exiting would make the process manager stop the web
process too.
"""

import logging
import os
import signal
import socket
import threading
import time
import warnings
from typing import Any
from uuid import uuid4

from celery import Celery, current_app
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections, connection

from core.jobs import lower_process_priority, refuse_bad_start
from feedback.delivery.services import guards, pump
from feedback.delivery.services.guards import recover

LEASE = "runjobs"
STOP_SECONDS = 4.0
log = logging.getLogger("nabij.jobs")


class Command(BaseCommand):
    help = "Runs all jobs in one process, without a broker. With REDIS_URL use celery worker and beat."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            raise CommandError(
                "REDIS_URL is set: run `celery --app config worker` and `celery --app config beat`."
            )
        silence_celery_warnings()
        lower_process_priority()
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_said: stop.set())
        holder = f"{socket.gethostname()[:40]}:{os.getpid()}"
        jobs: Jobs | None = None
        while not stop.is_set():
            held = holds_lease(holder)
            if held and jobs is None:
                refuse_bad_start()  # now that the database answers
                self.stdout.write("Jobs run in this process.")
                self.stdout.flush()
                jobs = Jobs(current_app._get_current_object())
            elif jobs and (not held or not jobs.alive):
                jobs.stop()
                jobs = None
            stop.wait(settings.RUNJOBS_LEASE_SECONDS / (4 if held else 12))
        if jobs:
            jobs.stop()
            guards.release_lease(LEASE, holder)
        connection.close()


def silence_celery_warnings() -> None:
    """Silence Celery's warnings about running as root (messages are JSON and stay in this process) and
    about every stop."""
    warnings.filterwarnings("ignore", category=SecurityWarning)
    logging.getLogger("celery.worker.control").setLevel(logging.ERROR)


def holds_lease(holder: str) -> bool:
    """Whether this process has the lease. False, after a pause, if the database does not answer or has no
    tables yet."""
    try:
        close_old_connections()
        return guards.acquire_lease(LEASE, holder, seconds=settings.RUNJOBS_LEASE_SECONDS)
    except DatabaseError as error:
        log.warning("Jobs wait for the database (%s).", str(error).strip().splitlines()[0])
        connection.close()
        time.sleep(2)
        return False


class Jobs:
    """One worker and one beat, each in a thread."""

    def __init__(self, app: Celery) -> None:
        app.set_default()  # pool threads look up the app per thread
        self._app = app
        self._name = f"runjobs-{uuid4().hex[:8]}@{socket.gethostname()}"
        pump.stopping.clear()
        recover()
        self._worker = threading.Thread(target=self._work, name="worker", daemon=True)
        self._worker.start()
        self._beat = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        self._beat.start()

    def _work(self) -> None:
        self._app.Worker(
            pool="threads",
            concurrency=2,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            hostname=self._name,
            quiet=True,
            loglevel="WARNING",
        ).start()

    @property
    def alive(self) -> bool:
        return self._worker.is_alive()

    def stop(self) -> None:
        """Let the worker finish its current group, release the rest, and stop. Takes seconds at most."""
        pump.stopping.set()
        self._beat.stop()
        ends = time.monotonic() + STOP_SECONDS
        while self._worker.is_alive() and time.monotonic() < ends:
            self._app.control.shutdown(destination=[self._name])
            self._worker.join(0.5)
