"""The Celery application. Tables and tasks are the same with Redis and embedded (`runjobs`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("nabij")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Pool threads look the app up by thread; without this they fall back to an empty one.
app.set_default()
