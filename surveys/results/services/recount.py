"""Compares counters with a recount of the answers: nightly, and by hand with `manage.py recount`."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from surveys.answering.services.answer import tally_row_keys
from surveys.models import DayCount, Response, Survey, Tally
from surveys.questionnaire.counting import tally
from surveys.questionnaire.published import published


@dataclass(frozen=True)
class Drift:
    """One counter that differs from its recount."""

    survey: int
    key: tuple[Any, ...]
    counted: int
    found: int

    def __str__(self) -> str:
        where = ", ".join(str(part) for part in self.key)
        return (
            f"survey {self.survey} ({where}): the counter says {self.counted}, the answers say {self.found}"
        )


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
        frozen = published(response.version_id, response.version.digest)
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
