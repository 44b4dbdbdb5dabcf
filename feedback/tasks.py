"""Celery tasks: thin wrappers around services. They take no arguments; each reads from the database what is due."""

import logging

from celery import shared_task
from celery.signals import worker_init, worker_shutting_down
from django.db import DatabaseError

from core.jobs import lower_process_priority
from feedback.answers.services import letters_by_post
from feedback.answers.services.release import close_finished
from feedback.daily import run_daily
from feedback.delivery.services import outbox, pump
from feedback.delivery.services.delivery import look_up_texts
from feedback.delivery.services.inbox import read_mailbox as read_inbox
from feedback.delivery.services.leases import empty_log
from feedback.delivery.services.leases import recover as sweep_leases

log = logging.getLogger("nabij.jobs")


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
