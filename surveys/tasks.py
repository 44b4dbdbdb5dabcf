"""Shells around services. They carry no data: each looks at the database for what there is to do."""

import logging

from celery import shared_task
from django.db import DatabaseError

from surveys.invitations.services import invitations, post
from surveys.paper.services import paper_forms
from surveys.results.services import exports

log = logging.getLogger("nabij.letters")


@shared_task(name="surveys.tasks.invite")
def invite() -> None:
    """Hand planned mailings to the outbox, and make the letters and forms that somebody asked for."""
    try:
        invitations.release_due()
        post.run_letter_jobs()
        paper_forms.run_paper_jobs()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="surveys.tasks.export")
def export() -> None:
    """Make the files that somebody asked for, and destroy those whose day is over."""
    try:
        exports.run_export_jobs()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)
