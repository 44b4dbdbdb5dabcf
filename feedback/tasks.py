"""Celery tasks around services, and the daily jobs.

When each daily job last ran is stored in the database, because the embedded beat doesn't keep it.
"""

import logging
from datetime import UTC, datetime

from celery import Task
from celery.signals import task_failure, worker_init, worker_shutting_down
from django.utils import timezone

from core.jobs import lower_process_priority, polling_task
from feedback.answers.services import letters_by_post
from feedback.answers.services.release import close_finished
from feedback.delivery.services import guards, outbox, pump
from feedback.delivery.services.delivery import look_up_texts
from feedback.delivery.services.inbox import read_mailbox
from feedback.models import Heartbeat
from feedback.registries import daily_jobs

log = logging.getLogger("nabij.jobs")

NEVER_RAN = datetime(2000, 1, 1, tzinfo=UTC)
DAILY_LEASE_SECONDS = 3600.0


def run_daily(*, now: datetime | None = None) -> dict[str, str]:
    """Run every registered job that did not run today yet. Returns the note of each job by key.

    A failing job stops no other and is retried at the next call, ten minutes later.
    """
    moment = now or timezone.now()
    ran = dict(Heartbeat.objects.filter(name__startswith="daily:").values_list("name", "at"))
    did: dict[str, str] = {}
    for key, job in daily_jobs.items():
        name = f"daily:{key}"[:40]
        if timezone.localdate(ran.get(name, NEVER_RAN)) >= timezone.localdate(moment):
            continue
        with guards.hold_lease(name, seconds=DAILY_LEASE_SECONDS, now=moment) as lease:
            if lease is None:
                continue
            try:
                did[key] = job()
                guards.heartbeat(name, note=did[key], now=moment)
            except Exception as error:
                log.exception("The daily job %s failed; it is tried again soon.", key)
                _note_failed(key, error)
    return did


def _note_failed(job: str, error: Exception) -> None:
    """For /health/ready; the log has the traceback."""
    guards.heartbeat(f"failed:{job}"[:40], note=type(error).__name__)


@polling_task
def send_due_messages() -> None:
    """End holds, fan out, send what is due."""
    if pump.dispatch_due():
        outbox.notify_workers()  # a turn is short: there may be more, and the next beat is seconds away


@polling_task
def texts() -> None:
    """Send the texts that are due. A task apart from mail, because texts are sent one by one."""
    pump.send_sms()


@polling_task
def make_letters() -> None:
    letters_by_post.run_letter_batch_jobs()


@polling_task
def inbox() -> None:
    read_mailbox()


@polling_task
def recover() -> None:
    """Recover what a dead process left behind, and truncate SQLite's WAL, which may still hold erased texts."""
    guards.recover()
    look_up_texts()
    close_finished()
    guards.truncate_wal()


@polling_task
def daily() -> None:
    run_daily()


@task_failure.connect
def _note_failure(sender: Task, exception: Exception, **_said: object) -> None:
    """Of the tasks of every app."""
    _note_failed(sender.name.rpartition(".")[2], exception)


# Celery waits for a running task before it stops, but honcho only five seconds: finish the current group only.
@worker_shutting_down.connect
def _stop(**_said: object) -> None:
    pump.stopping.set()


@worker_init.connect
def _start(**_said: object) -> None:
    pump.stopping.clear()
    lower_process_priority()
