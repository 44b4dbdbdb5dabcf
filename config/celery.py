"""The Celery application. Models and tasks are the same with Redis and embedded (`runjobs`)."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from kombu.transport.redis import Channel

# Restoring unacknowledged messages to a broker that was killed ends the worker too; see
# CELERY_BROKER_TRANSPORT_OPTIONS.
Channel.do_restore = False

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    _key = settings.SECRET_KEY  # loads the settings
except ImproperlyConfigured as error:
    sys.exit(f"Nabij cannot start: {error}")
app = Celery("nabij")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Pool threads look up the current app per thread; without this they get an empty default app.
app.set_default()


@worker_init.connect
@beat_init.connect
def refuse_bad_start(**_said: Any) -> None:
    """Exit if the database is unfit for production. Skipped for `runjobs`, which has its own check and runs these
    signals in threads.
    """
    from django.db import connection

    from core import jobs

    if not settings.REDIS_URL:
        return
    try:
        jobs.refuse_bad_start()
    except ImproperlyConfigured as error:
        # Celery logs and ignores exceptions in signal handlers, and waits for its threads on SystemExit.
        sys.stderr.write(f"Nabij cannot start: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    finally:
        connection.close()
