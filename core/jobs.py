"""What jobs of all apps share."""

import logging
import os
import threading

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger("nabij.jobs")

stopping = threading.Event()
"""Set when this process is asked to stop: what is in hand is finished or given back."""


def lower_process_priority() -> None:
    """On a machine that web and jobs share, who waits for a page goes before who waits for a mail.

    To be called before threads are started: they do as the one that started them.
    """
    os.nice(max(0, settings.JOBS_NICE - os.nice(0)))


def refuse_bad_start() -> None:
    """Raises ImproperlyConfigured where a check of the database finds what is not for production (scenarios.checks).

    What starts calls it once. A database that does not answer keeps nothing from starting.
    """
    databases = ["default"]
    found = run_checks(tags=[Tags.database], databases=databases, include_deployment_checks=True)
    for message in found:
        if message.is_serious():
            raise ImproperlyConfigured(message.msg)
        log.warning("%s", message.msg)
