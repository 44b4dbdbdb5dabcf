"""Daily jobs. When each last ran is stored in the database, because the embedded beat doesn't keep it."""

import logging
from datetime import UTC, datetime

from celery import shared_task
from celery.signals import worker_init, worker_shutting_down
from django.db import DatabaseError
from django.utils import timezone

from core.jobs import lower_process_priority
from feedback.answers.services import letters_by_post
from feedback.answers.services.release import close_finished
from feedback.delivery.services import guards, outbox, pump
from feedback.delivery.services.delivery import look_up_texts
from feedback.delivery.services.guards import empty_log
from feedback.delivery.services.guards import recover as sweep_leases
from feedback.delivery.services.inbox import read_mailbox as read_inbox
from feedback.models import Heartbeat
from feedback.registries import daily_jobs

log = logging.getLogger("nabij.jobs")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
AT_MOST_SECONDS = 3600.0


def run_daily(*, now: datetime | None = None) -> dict[str, str]:
    """Run every registered job that did not run today yet. Returns the note of each job by key.

    A failing job stops no other and is retried at the next call, ten minutes later.
    """
    moment = now or timezone.now()
    ran = dict(Heartbeat.objects.filter(name__startswith="daily:").values_list("name", "at"))
    did: dict[str, str] = {}
    for key, job in daily_jobs.items():
        name = f"daily:{key}"[:40]
        if timezone.localdate(ran.get(name, LONG_AGO)) >= timezone.localdate(moment):
            continue
        with guards.hold_lease(name, seconds=AT_MOST_SECONDS, now=moment) as lease:
            if lease is None:
                continue
            try:
                did[key] = job()
                guards.heartbeat(name, note=did[key], now=moment)
            except Exception:
                log.exception("The daily job %s failed; it is tried again soon.", key)
    return did


# Celery tasks: thin wrappers around services. They take no arguments; each reads from the database what is due.


@shared_task(name="feedback.tasks.send_due_messages")
def send_due_messages() -> None:
    """End holds, fan out, send what is due."""
    try:
        if pump.dispatch_due():
            outbox.notify_workers()  # a turn is short: there may be more, and the next beat is seconds away
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="feedback.tasks.texts")
def texts() -> None:
    """Send the texts that are due. A task apart from mail, because texts are sent one by one."""
    try:
        pump.send_sms()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="feedback.tasks.make_letters")
def make_letters() -> None:
    try:
        letters_by_post.run_letter_batch_jobs()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="feedback.tasks.inbox")
def inbox() -> None:
    try:
        read_inbox()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="feedback.tasks.recover")
def recover() -> None:
    """Recover what a dead process left behind, and truncate SQLite's WAL, which may still hold erased texts."""
    try:
        sweep_leases()
        look_up_texts()
        close_finished()
        empty_log()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="feedback.tasks.daily")
def daily() -> None:
    try:
        run_daily()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


# Celery waits for a running task before it stops, but honcho only five seconds: finish the current group only.
@worker_shutting_down.connect
def _stop(**_said: object) -> None:
    pump.stopping.set()


@worker_init.connect
def _start(**_said: object) -> None:
    pump.stopping.clear()
    lower_process_priority()
