"""Daily jobs of surveys: new public tables, rounds that end, and a recount of the counters."""

import logging

from django.utils import timezone

from core.errors import DomainError
from feedback.registries import daily_jobs
from neighbourhoods.models import TalkBack
from neighbourhoods.states import TalkBackKind
from surveys.models import Survey
from surveys.opening.services.running import close_survey
from surveys.publication.services import take_snapshots
from surveys.results.services.recount import count_all_stops, recount_all

log = logging.getLogger("nabij.surveys")


@daily_jobs.register("surveys.snapshots")
def snapshots() -> str:
    return f"{take_snapshots()} surveys got new public tables"


@daily_jobs.register("surveys.rounds")
def rounds() -> str:
    """Close reaction rounds past their last day, on behalf of the owner; paper forms still waiting keep a
    round open.
    """
    past = TalkBack.objects.public().filter(
        kind=TalkBackKind.ROUND, called_off_on=None, until__lt=timezone.localdate()
    )
    is_open = {survey.subject: survey for survey in Survey.objects.open().select_related("owner")}
    closed = 0
    ended = past.filter(source__in=list(is_open)).order_by("source")
    for source in ended.values_list("source", flat=True).distinct():
        survey = is_open[source]
        try:
            close_survey(survey=survey, by=survey.owner)
            closed += 1
        except DomainError as error:
            log.warning("Reaction round %s stays open: %s", survey.pk, error)
    return f"{closed} reaction rounds were closed"


@daily_jobs.register("surveys.recount")
def report_counter_drift() -> str:
    """Report drift but never repair it: whoever runs the system must know that it happened."""
    drifts = recount_all()
    for drift in drifts:
        log.error("A counter is off: %s", drift)
    return f"{len(drifts)} counters off"


@daily_jobs.register("surveys.stops")
def count_drop_off() -> str:
    return f"{count_all_stops()} people stopped somewhere"
