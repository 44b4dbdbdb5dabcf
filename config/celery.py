"""The Celery application. Tables and tasks are the same with Redis and embedded (`runjobs`)."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from kombu.transport.redis import Channel

# A task is a look at the database, and the next one is seconds away: nothing has to be put back. Putting it back into a
# broker that was killed ends the worker ("'NoneType' object has no attribute 'hostname'", Kombu 5.7).
Channel.do_restore = False

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    _key = settings.SECRET_KEY  # reads the settings
except ImproperlyConfigured as error:
    sys.exit(f"Nabij cannot start: {error}")
app = Celery("nabij")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Pool threads look the app up by thread; without this they fall back to an empty one.
app.set_default()


@worker_init.connect
@beat_init.connect
def refuse_bad_start(**_said: Any) -> None:
    """Not for `runjobs`, which asks by itself and runs these in threads."""
    from django.db import connection

    from core import jobs

    if not settings.REDIS_URL:
        return
    try:
        jobs.refuse_bad_start()
    except ImproperlyConfigured as error:
        # Celery logs what a signal raises and goes on, and waits for its threads at a SystemExit.
        sys.stderr.write(f"Nabij cannot start: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    finally:
        connection.close()
