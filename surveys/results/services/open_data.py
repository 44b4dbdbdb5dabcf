"""Published outcomes as open data: snapshots as values for JSON. Read-only."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from neighbourhoods.models import Area, Municipality
from surveys.models import Publication, Snapshot, Survey
from surveys.publication import ROUNDING_STEP, SnapshotTables
from surveys.questionnaire.document import Document, Shape
from surveys.questionnaire.published import published_version
from surveys.questionnaire.question_types import type_of

MAX_SURVEYS_PER_PAGE = 100
UrlBuilder = Callable[..., str]
"""(URL name, *arguments) -> absolute URL."""


def survey_list(*, after: int, limit: int, link: UrlBuilder) -> tuple[dict[str, Any], datetime | None]:
    """A page of surveys with a published outcome, by id, and when any of them last changed; in two queries."""
    pages = list(
        Publication.objects.with_title()
        .filter(survey__gt=after)
        .select_related("survey")
        .order_by("survey_id")[: limit + 1]
    )
    following, pages = pages[limit:], pages[:limit]
    last = {
        snapshot.survey_id: snapshot
        for snapshot in Snapshot.objects.last_of_each()
        .filter(survey__in=[page.survey_id for page in pages])
        .defer("parts", "exact")
    }
    rows = [
        {
            "id": page.survey_id,
            "url": link("api_survey", page.survey_id),
            "title": page.title,  # type: ignore[attr-defined]
            "people": last[page.survey_id].rounded_responses,
            "taken_on": last[page.survey_id].taken_on.isoformat(),
            "final": last[page.survey_id].is_final,
            "published_on": _day(page.published_at),
        }
        for page in pages
        if page.survey_id in last
    ]
    next_page = f"{link('api_surveys')}?after={pages[-1].survey_id}&limit={limit}" if following else None
    moments = [last_changed(page, last.get(page.survey_id)) for page in pages]
    return {"licence": settings.OPEN_DATA_LICENCE, "surveys": rows, "next": next_page}, max(
        moments, default=None
    )


def survey_detail(page: Publication, *, link: UrlBuilder) -> tuple[dict[str, Any], datetime]:
    """One survey with its questions, its last tables and links to the earlier ones; and when it last changed."""
    survey = page.survey
    assert survey.current is not None and survey.opened_at is not None
    document = published_version(survey.current.pk, survey.current.digest).document
    snapshots = list(survey.snapshots.only("survey", "taken_on", "is_final"))
    newest = survey.snapshots.defer("exact").get(pk=snapshots[0].pk)
    way_in = survey.channels.open_to_all().first()
    return {
        "id": survey.pk,
        "url": link("api_survey", survey.pk),
        "licence": settings.OPEN_DATA_LICENCE,
        "page": link("outcome", way_in.code) if way_in else None,
        "title": dict(document.title),
        "words": page.words,
        "areas": _areas(survey, document),
        "opened_on": _day(survey.opened_at),
        "closed_on": _day(survey.closed_at) if survey.closed_at else None,
        "published_on": _day(page.published_at),
        "rounded_to": ROUNDING_STEP,
        "threshold": Municipality.current().smallest_cell,
        "layers": [
            {"id": layer.id, "title": dict(layer.title), "for_everybody": layer is document.first_layer}
            for layer in document.layers
        ],
        "questions": _questions(document),
        "snapshot": tables(newest, link=link),
        "snapshots": [_snapshot_link(snapshot, link) for snapshot in snapshots],
    }, last_changed(page, newest)


def tables(snapshot: Snapshot, *, link: UrlBuilder) -> dict[str, Any]:
    """Everything public in one snapshot, and nothing else."""
    parts = snapshot.public_parts
    return {
        **_snapshot_link(snapshot, link),
        "survey": snapshot.survey_id,
        "people": snapshot.rounded_responses,
        "ways": {
            way: {
                "people": found.get("responses"),
                "on": found.get("on") or snapshot.taken_on.isoformat(),
                "layers": found.get("layers", {}),
                "questions": {
                    question: {
                        "on": table.get("on") or snapshot.taken_on.isoformat(),
                        "shown": table["shown"],
                        "answered": table["answered"],
                        "options": table["options"],
                        "by": parts.get(way, {}).get(question, {}),
                    }
                    for question, table in found.get("questions", {}).items()
                    if ":" not in question
                },
            }
            for way, found in SnapshotTables(tables=snapshot.tables).ways().items()
        },
    }


def last_changed(page: Publication, snapshot: Snapshot | None) -> datetime:
    days = [snapshot.taken_on] if snapshot else []
    moments = [timezone.make_aware(datetime.combine(day, datetime.min.time())) for day in days]
    return max(filter(None, (page.changed_at, page.survey.closed_at, *moments)))


def _snapshot_link(snapshot: Snapshot, link: UrlBuilder) -> dict[str, Any]:
    return {
        "id": snapshot.pk,
        "taken_on": snapshot.taken_on.isoformat(),
        "final": snapshot.is_final,
        "url": link("api_snapshot", snapshot.survey_id, snapshot.pk),
    }


def _areas(survey: Survey, document: Document) -> list[dict[str, Any]]:
    """The neighbourhoods by name; last, if several were asked, the whole area: those who did not say where
    they live.
    """
    ids = [int(pk) for pk in document.areas if pk.isdigit()]
    rows = Area.objects.filter(pk__in=[*ids, survey.area_id]).order_by("pk")
    inside = [{"id": str(area.pk), "name": area.name} for area in rows if area.pk in ids]
    around = [{"id": str(area.pk), "name": area.name} for area in rows if area.pk not in ids]
    return inside + (around if len(ids) > 1 else [])


def _questions(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "id": question.id,
            "layer": layer.id,
            "type": question.type,
            "several": question.shape is Shape.MANY,
            "text": dict(question.text),
            "retired": question.retired,
            "options": [
                {"id": option.id, "label": dict(option.label)}
                for option in type_of(question).result_options(question)
            ],
        }
        for layer in document.layers
        for question in layer.questions
        # Words of people were meant for neighbours, and are not open data.
        if question.shape not in (Shape.TEXT, Shape.VIEWS)
    ]


def _day(moment: datetime | date) -> str:
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return day.isoformat()
