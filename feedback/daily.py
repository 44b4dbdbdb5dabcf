"""Daily jobs. When each last ran is stored in the database, because the embedded beat doesn't keep it."""

import logging
from datetime import UTC, datetime

from django.utils import timezone

from feedback.delivery.services import leases
from feedback.models import Heartbeat
from feedback.registries import daily_jobs

log = logging.getLogger("nabij.jobs")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
AT_MOST_SECONDS = 3600.0


def run_daily(*, now: datetime | None = None) -> dict[str, str]:
    """Run every registered job that did not run today yet. Returns the note of each job by key.

    A failing job stops no other and is retried at the next call, ten minutes later.
    """
    moment = now or timezone.now()
    ran = dict(Heartbeat.objects.filter(name__startswith="daily:").values_list("name", "at"))
    did: dict[str, str] = {}
    for key, job in daily_jobs.items():
        name = f"daily:{key}"[:40]
        if timezone.localdate(ran.get(name, LONG_AGO)) >= timezone.localdate(moment):
            continue
        with leases.hold_lease(name, seconds=AT_MOST_SECONDS, now=moment) as lease:
            if lease is None:
                continue
            try:
                did[key] = job()
                leases.heartbeat(name, note=did[key], now=moment)
            except Exception:
                log.exception("The daily job %s failed; it is tried again soon.", key)
    return did
