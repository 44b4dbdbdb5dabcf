import multiprocessing
import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    application = get_wsgi_application()
    # Its models need apps that are loaded.
    from core.jobs import refuse_bad_start

    refuse_bad_start()
    connection.close()
except ImproperlyConfigured as error:
    # Granian would restart the worker every few seconds, with the same error.
    if multiprocessing.parent_process():
        os.kill(os.getppid(), signal.SIGTERM)
    sys.exit(f"Nabij cannot start: {error}")
