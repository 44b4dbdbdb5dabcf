"""What surveys does once a day: new tables for the public, and a recount of the counters."""

import logging

from feedback.registries import daily_jobs
from surveys.services.recount import recount_all
from surveys.services.snapshot import take_snapshots
from surveys.services.stops import count_all_stops

log = logging.getLogger("nabij.surveys")


@daily_jobs.register("surveys.snapshots")
def snapshots() -> str:
    return f"{take_snapshots()} surveys got new public tables"


@daily_jobs.register("surveys.recount")
def recount() -> str:
    """Drift is reported and never mended by itself: whoever keeps the system must know that it happened."""
    drifts = recount_all()
    for drift in drifts:
        log.error("A counter is off: %s", drift)
    return f"{len(drifts)} counters off"


@daily_jobs.register("surveys.stops")
def stops() -> str:
    return f"{count_all_stops()} people stopped somewhere"
