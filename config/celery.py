"""The Celery application. Tables and tasks are the same with Redis and embedded (`runjobs`)."""

import os

from celery import Celery
from kombu.transport.redis import Channel

# A task is a look at the database, and the next one is seconds away: nothing has to be put back. Putting it back into a
# broker that was killed ends the worker ("'NoneType' object has no attribute 'hostname'", Kombu 5.7).
Channel.do_restore = False

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("nabij")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Pool threads look the app up by thread; without this they fall back to an empty one.
app.set_default()
