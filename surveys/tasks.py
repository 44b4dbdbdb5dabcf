"""Celery tasks around services. They take no arguments: each queries the database for pending work."""

import logging

from celery import shared_task
from django.db import DatabaseError

from surveys.invitations.services import invitations, post
from surveys.paper.services import paper_forms
from surveys.results.services import exports

log = logging.getLogger("nabij.letters")


@shared_task(name="surveys.tasks.invite")
def invite() -> None:
    """Hand planned mailings to the outbox, and make requested letters and paper forms."""
    try:
        invitations.release_due()
        post.run_letter_jobs()
        paper_forms.run_paper_jobs()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)


@shared_task(name="surveys.tasks.export")
def export() -> None:
    """Make requested export files, and destroy expired ones."""
    try:
        exports.run_export_jobs()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)
