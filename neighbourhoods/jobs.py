"""What jobs of all apps share."""

import os
import threading

from django.conf import settings

stopping = threading.Event()
"""Set when this process is asked to stop: what is in hand is finished or given back."""


def give_way() -> None:
    """On a machine that web and jobs share, who waits for a page goes before who waits for a mail.

    To be called before threads are started: they do as the one that started them.
    """
    os.nice(max(0, settings.JOBS_NICE - os.nice(0)))
