"""Where people stopped: nightly, from those who began a layer before today and did not finish it."""

from collections import Counter
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from surveys.models import Response, StopCount, Survey
from surveys.services.answer import published_of, walk_of
from surveys.states import ANSWERABLE


def count_all_stops(*, today: date | None = None) -> int:
    """For every survey that can be answered. Returns how many people stopped somewhere."""
    surveys = Survey.objects.filter(state__in=ANSWERABLE).order_by("pk")
    return sum(sum(count_stops(survey, today=today).values()) for survey in surveys)


@transaction.atomic
def count_stops(survey: Survey, *, today: date | None = None) -> Counter[str]:
    """Question id -> how many stopped there. Who came today may still be thinking and is left out."""
    stops: Counter[str] = Counter()
    unfinished = _unfinished(survey, today or timezone.localdate())
    responses = (
        Response.objects.filter(pk__in=unfinished)
        .select_related("survey", "version")
        .defer("version__document")
    )
    for response in responses.iterator(chunk_size=500):
        document = published_of(response).document
        walk = walk_of(response, document)
        for layer_id in response.layers_shown:
            if layer_id not in response.layers_done and (question := walk.resume(document.layer(layer_id))):
                stops[question.id] += 1
    survey.stops.all().delete()
    StopCount.objects.bulk_create(
        StopCount(survey=survey, question=question, n=n) for question, n in sorted(stops.items())
    )
    return stops


def _unfinished(survey: Survey, today: date) -> list[UUID]:
    rows = survey.responses.filter(day__lt=today, withdrawn_on=None).values_list(
        "pk", "layers_shown", "layers_done"
    )
    return [pk for pk, shown, done in rows.iterator(chunk_size=5000) if set(shown) - set(done)]
