"""Celery tasks around services."""

from core.jobs import polling_task
from neighbourhoods.imports.services import imports


@polling_task
def work_on_imports() -> None:
    imports.run_import_jobs()
