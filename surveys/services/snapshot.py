"""What the public sees: dated tables, rounded, without small cells, never changed afterwards."""

from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from feedback.registries import published_counts
from neighbourhoods.models import Municipality
from surveys.document import Document, Shape, parse
from surveys.models import DayCount, Snapshot, Survey
from surveys.services.results import Counted, Selection, count_up, counts_of, finished_in
from surveys.small_cells import is_due, public, public_number
from surveys.states import SurveyState


@transaction.atomic
def take_snapshot(*, survey: Survey, is_final: bool = False, now: datetime | None = None) -> Snapshot | None:
    """New tables when at least ten new responses came since the last; None when it is too early.

    At closing (`is_final`) there always is a final one: with fewer than ten new responses that is the last one,
    for two readings around one respondent would give that one's answers away.
    """
    survey = Survey.objects.select_for_update(of=("self",)).select_related("current").get(pk=survey.pk)
    threshold = Municipality.current().smallest_cell
    last = survey.snapshots.first()
    if last and last.is_final:
        return last if is_final else None
    total = _responses(survey)
    if not is_due(total, last.responses if last else None, threshold):
        if not is_final:
            return None
        if last:
            Snapshot.objects.filter(pk=last.pk).update(is_final=True)
            last.refresh_from_db()
            return last
    if survey.current is None:
        return None
    document = parse(survey.current.document)
    cache.delete(_cache_key(survey.pk))
    return Snapshot.objects.create(
        survey=survey,
        taken_on=_day(now),
        responses=total,
        tables=_tables(document, count_up(survey, Selection()), total, threshold),
        is_final=is_final,
    )


def take_snapshots(*, now: datetime | None = None) -> int:
    """The daily round over all open surveys: how many got new tables. Once a day at most for each."""
    today = _day(now)
    surveys = Survey.objects.filter(state__in=[SurveyState.OPEN, SurveyState.PAUSED])
    waiting = surveys.exclude(snapshots__taken_on=today).order_by("pk")
    return sum(1 for survey in waiting if take_snapshot(survey=survey, now=now))


@published_counts.register("surveys")
def published_count(source: str, key: str, area: int) -> int | None:
    """How many said it, as residents may know it: "option:31" of "survey:12" in its latest snapshot."""
    kind, _colon, survey = source.partition(":")
    what, _colon, option = key.partition(":")
    if kind != "survey" or what != "option" or not survey.isdigit():
        return None
    n = _published_options(int(survey)).get(option)
    return int(n) if n else None


def _published_options(survey: int) -> dict[str, int]:
    """The numbers of the latest snapshot, kept for a minute: public pages ask for many at once."""
    options = cache.get(_cache_key(survey))
    if options is None:
        tables = Snapshot.objects.filter(survey=survey).values_list("tables", flat=True).first() or {}
        options = tables.get("options", {})
        cache.set(_cache_key(survey), options, 60)
    return options


def _cache_key(survey: int) -> str:
    return f"published-options:{survey}"


def _tables(document: Document, counted: Counted, total: int, threshold: int) -> dict[str, Any]:
    """The tables fixed at publication: one for every closed question, over the whole survey.

    {"responses": 215, "layers": {"5": 80}, "questions": {"9": {"shown", "answered", "options": {"31": 95}}},
    "options": {"31": 95}}, where `options` is what pages for residents look up.
    """
    questions: dict[str, Any] = {}
    options: dict[str, int] = {}
    for question in document.questions:
        if question.retired or question.shape is Shape.TEXT:
            continue
        table = public(counts_of(question, counted), threshold)
        if table:
            questions[question.id] = {
                "shown": table.shown,
                "answered": table.answered,
                "options": dict(table.options),
            }
            options |= dict(table.options)
    layers = {layer.id: public_number(finished_in(layer, counted), threshold) for layer in document.layers}
    return {
        "responses": public_number(total, threshold) or 0,
        "layers": {id: n for id, n in layers.items() if n},
        "questions": questions,
        "options": options,
    }


def _responses(survey: Survey) -> int:
    return DayCount.objects.filter(survey=survey).aggregate(total=Sum("n"))["total"] or 0


def _day(now: datetime | None) -> date:
    return timezone.localdate(now) if now else timezone.localdate()
