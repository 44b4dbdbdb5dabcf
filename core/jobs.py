"""Code shared by the background jobs of all apps."""

import logging
import os
import threading

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured

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
