"""Compares counters with a recount of the answers: nightly, and by hand with `manage.py recount`."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from surveys.answering.services.answer import published_version_of, tally_row_keys, walk_of
from surveys.models import DayCount, Response, StopCount, Survey, Tally
from surveys.questionnaire.counting import tally
from surveys.questionnaire.published import published_version
from surveys.states import ANSWERABLE_STATES


@dataclass(frozen=True)
class Drift:
    """One counter that differs from its recount."""

    survey: int
    key: tuple[Any, ...]
    counted: int
    recounted: int

    def __str__(self) -> str:
        where = ", ".join(str(part) for part in self.key)
        return f"survey {self.survey} ({where}): the counter says {self.counted}, the answers say {self.recounted}"


def recount_survey(survey: Survey) -> list[Drift]:
    """Every counter of the survey that is off, sorted. Reads all its responses once, a thousand at a time.

    Run while people answer, it may see a new response on one side only: check again before raising an alarm.
    """
    lines_found: Counter[tuple[Any, ...]] = Counter()
    days_found: Counter[tuple[Any, ...]] = Counter()
    responses = (
        survey.responses.filter(withdrawn_on=None).select_related("version").defer("version__document")
    )
    for response in responses.iterator(chunk_size=1000):
        if not response.layers_done:
            continue
        frozen = published_version(response.version_id, response.version.digest)
        keys = tally(frozen.document, response.answers, response.shown, response.layers_done)
        lines_found.update(tally_row_keys(response, epoch=frozen.epoch, keys=[list(key) for key in keys]))
        days_found[response.day, response.channel_id, response.area_id, response.is_suspect] += 1
    counted = Tally.objects.filter(survey=survey).values_list(
        "epoch", "question", "option", "area_id", "channel_id", "respondent", "suspect", "n"
    )
    days = DayCount.objects.filter(survey=survey).values_list("day", "channel_id", "area_id", "suspect", "n")
    return [
        *_differences(survey.pk, {tuple(key): n for *key, n in counted}, lines_found),
        *_differences(survey.pk, {tuple(key): n for *key, n in days}, days_found),
    ]


def recount_all() -> list[Drift]:
    # Where answers were erased on their date, only the counters are left.
    surveys = Survey.objects.filter(
        pk__in=Response.objects.values("survey"), answers_erased_on=None
    ).order_by("pk")
    return [drift for survey in surveys for drift in recount_survey(survey)]


def _differences(
    survey: int, counted: dict[tuple[Any, ...], int], found: Counter[tuple[Any, ...]]
) -> list[Drift]:
    keys = sorted(counted.keys() | found.keys(), key=str)
    return [
        Drift(survey, key, counted.get(key, 0), found.get(key, 0))
        for key in keys
        if counted.get(key, 0) != found.get(key, 0)
    ]


# Where people stopped: nightly, from those who began a layer before today and did not finish it.


def count_all_stops(*, today: date | None = None) -> int:
    """For every survey that takes answers. Returns how many people stopped somewhere."""
    surveys = Survey.objects.filter(state__in=ANSWERABLE_STATES).order_by("pk")
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
    document = published_version_of(response).document
    walk = walk_of(response, document)
    unfinished = (layer for layer in response.layers_shown if layer not in response.layers_done)
    found = (walk.resume(document.layer(layer)) for layer in unfinished)
    return [question.id for question in found if question]


def _unfinished(survey: Survey, today: date) -> list[UUID]:
    rows = survey.responses.filter(day__lt=today, withdrawn_on=None).values_list(
        "pk", "layers_shown", "layers_done"
    )
    return [pk for pk, shown, done in rows.iterator(chunk_size=5000) if set(shown) - set(done)]
