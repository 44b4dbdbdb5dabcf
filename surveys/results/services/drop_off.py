"""Where people stopped: nightly, from those who began a layer before today and did not finish it."""

from collections import Counter
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from surveys.answering.services.answer import published_of, walk_of
from surveys.models import Response, StopCount, Survey
from surveys.states import ANSWERABLE


def count_all_stops(*, today: date | None = None) -> int:
    """For every survey that takes answers. Returns how many people stopped somewhere."""
    surveys = Survey.objects.filter(state__in=ANSWERABLE).order_by("pk")
    return sum(sum(count_stops(survey, today=today).values()) for survey in surveys)


@transaction.atomic
def count_stops(survey: Survey, *, today: date | None = None) -> Counter[str]:
    """Question id -> how many stopped there. People who came today may still be answering and are left out."""
    stops: Counter[str] = Counter()
    unfinished = _unfinished(survey, today or timezone.localdate())
    responses = Response.objects.filter(pk__in=unfinished).with_survey()
    for response in responses.iterator(chunk_size=500):
        stops.update(_stops_of(response))
    erased = dict(survey.stops.select_for_update().filter(erased__gt=0).values_list("question", "erased"))
    survey.stops.all().delete()
    StopCount.objects.bulk_create(
        StopCount(
            survey=survey,
            question=question,
            n=stops[question] + erased.get(question, 0),
            erased=erased.get(question, 0),
        )
        for question in sorted({*stops, *erased})
    )
    return stops


def keep_stop(response: Response) -> None:
    """Keep where a response stopped as a number, before its answers are erased."""
    for question in _stops_of(response):
        StopCount.objects.get_or_create(survey_id=response.survey_id, question=question, defaults={"n": 0})
        StopCount.objects.filter(survey=response.survey_id, question=question).update(erased=F("erased") + 1)


def _stops_of(response: Response) -> list[str]:
    """Ids of the next questions in this person's unfinished layers."""
    document = published_of(response).document
    walk = walk_of(response, document)
    unfinished = (layer for layer in response.layers_shown if layer not in response.layers_done)
    found = (walk.resume(document.layer(layer)) for layer in unfinished)
    return [question.id for question in found if question]


def _unfinished(survey: Survey, today: date) -> list[UUID]:
    rows = survey.responses.filter(day__lt=today, withdrawn_on=None).values_list(
        "pk", "layers_shown", "layers_done"
    )
    return [pk for pk, shown, done in rows.iterator(chunk_size=5000) if set(shown) - set(done)]
