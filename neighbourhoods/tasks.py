"""Celery tasks: thin wrappers around services. They carry no data; each queries the database for its work."""

import logging

from celery import shared_task
from django.db import DatabaseError

from neighbourhoods.imports.services import imports

log = logging.getLogger("nabij.imports")


@shared_task(name="neighbourhoods.tasks.work_on_imports")
def work_on_imports() -> None:
    try:
        imports.work_off_imports()
    except DatabaseError as error:
        log.error("The database does not answer (%s); the next look is soon.", type(error).__name__)
