"""Public snapshots: dated tables, rounded, without small cells, never changed afterwards.

The rules are in the other modules of surveys/publication/; this one reads counters and stores tables.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.rows import get_or_gone
from neighbourhoods.models import Municipality
from surveys.models import DayCount, Snapshot, Survey, Tally
from surveys.publication import (
    INVITED_GROUP,
    OPEN_GROUP,
    ExactCounts,
    QuestionCounts,
    SnapshotTables,
    next_snapshot_tables,
)
from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY, CounterValues, finished_count
from surveys.questionnaire.document import Document, Question, Shape, parse
from surveys.questionnaire.question_types import type_of
from surveys.states import Respondent, SurveyState


@transaction.atomic
def take_snapshot(*, survey: Survey, is_final: bool = False, now: datetime | None = None) -> Snapshot | None:
    """New tables if at least ten new responses came since the last; None if it is too early.

    At closing (`is_final`) there always is a final snapshot: with fewer than ten new responses that is the
    last one, because two snapshots around one respondent would reveal that respondent's answers.
    """
    # The lock prevents two snapshots at once. NO KEY: new responses refer to this row and must not wait.
    survey = get_or_gone(Survey.objects.select_for_update(no_key=True), pk=survey.pk)
    if survey.current is None:
        return None
    last = survey.snapshots.first()
    if last and last.is_final:
        return last if is_final else None
    heard = exact_counts(survey, parse(survey.current.document))
    before = SnapshotTables(last.tables, last.parts, last.exact) if last else SnapshotTables()
    threshold = Municipality.current().smallest_cell
    kept = next_snapshot_tables(heard, before, threshold, _day(now).isoformat())
    if kept is None and not is_final:
        return None
    if kept is None and last:
        Snapshot.objects.filter(pk=last.pk).update(is_final=True)
        last.refresh_from_db()
        return last
    kept = kept or SnapshotTables(tables={"responses": 0, "options": {}, "ways": {}})
    kept_for = _cache_key(survey.pk)
    cache.delete_many([kept_for, f"{kept_for}:parts", f"{kept_for}:around", night_key(survey.pk)])
    return Snapshot.objects.create(
        survey=survey,
        taken_on=_day(now),
        responses=sum(way.responses for way in heard.values()),
        tables=kept.tables,
        parts=kept.parts,
        exact=kept.exact,
        is_final=is_final,
    )


def take_snapshots(*, now: datetime | None = None) -> int:
    """Daily job over all open surveys, at most once a day for each. Returns the number of new snapshots."""
    today = _day(now)
    surveys = Survey.objects.filter(state__in=[SurveyState.OPEN, SurveyState.PAUSED])
    waiting = surveys.exclude(snapshots__taken_on=today).order_by("pk")
    return sum(1 for survey in waiting if take_snapshot(survey=survey, now=now))


def published_participation(survey: Survey) -> int:
    """How many took part, as residents may know it: from the last snapshot; 0 if unknown."""
    snapshot = survey.snapshots.only("tables").first()
    return snapshot.rounded_responses if snapshot else 0


def are_the_first(survey: Survey) -> bool:
    """Whether the number of participants is below the publication threshold and no snapshot exists.

    Only about all answers together; for one answer this would reveal a hidden cell.
    """
    if survey.snapshots.exists():
        return False
    came = DayCount.objects.filter(survey=survey).aggregate(total=Sum("n"))["total"] or 0
    return came < Municipality.current().smallest_cell


def published_near(survey: Survey, key: str, area: int) -> tuple[int, int] | None:
    """(published count in this area or else over everybody asked, that area); None if neither is published."""
    for where in (area, survey.area_id):
        if n := published_count(survey.subject, key, where):
            return n, where
    return None


def published_count(source: str, key: str, area: int) -> int | None:
    """Published count of "option:31" of "survey:12" in its latest snapshot, or None.

    For an area that contains everybody who was asked, the overall count; else the area's own count, if
    published.
    """
    kind, _colon, survey = source.partition(":")
    what, _colon, option = key.partition(":")
    if kind != "survey" or what != "option" or not survey.isdigit():
        return None
    n = published_options(int(survey)).get(option)
    if n and area and area not in _surrounding_area_ids(int(survey)):
        n = _count_in_area(int(survey), option, str(area))
    return int(n) if n else None


def _surrounding_area_ids(survey: int) -> set[int]:
    """The smallest area that contains everybody who was asked, and the areas around it."""
    key = f"{_cache_key(survey)}:around"
    if (found := cache.get(key)) is None:
        rows = Survey.objects.filter(pk=survey)
        ids = rows.values_list("area", "area__parent", "area__parent__parent").first() or ()
        cache.set(key, found := {pk for pk in ids if pk}, 60)
    return found


def _count_in_area(survey: int, option: str, area: str) -> int | None:
    """Its count there in the last snapshot, of both ways in together; None unless each is known."""
    key = f"{_cache_key(survey)}:parts"
    if (parts := cache.get(key)) is None:
        snapshot = Snapshot.objects.filter(survey=survey).only("parts", "is_final").first()
        cache.set(key, parts := snapshot.public_parts if snapshot else {}, 60)
    found = [
        part["area"][area].get(option)
        for way in parts.values()
        for part in way.values()
        if option in part.get("area", {}).get(area, {})
    ]
    return sum(found) if found and None not in found else None


def published_options(survey: int) -> dict[str, int]:
    """The counts of the latest snapshot, cached for a minute: public pages ask for many at once."""
    options = cache.get(_cache_key(survey))
    if options is None:
        tables = Snapshot.objects.filter(survey=survey).values_list("tables", flat=True).first() or {}
        options = tables.get("options", {})
        cache.set(_cache_key(survey), options, 60)
    return options


def _cache_key(survey: int) -> str:
    return f"published-options:{survey}"


def night_key(survey: int) -> str:
    """Cache key of what the desk keeps from last night; new tables invalidate it."""
    return f"last-night:{survey}"


# --- reading the counters -------------------------------------------------------------------------


@dataclass
class _ChannelGroupCounters:
    """Counters of one way in (open or invited): over everybody, and per part of each breakdown."""

    everybody: Counter[tuple[str, str]] = field(default_factory=Counter)
    parts: dict[str, dict[str, Counter[tuple[str, str]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )


def exact_counts(survey: Survey, document: Document) -> Mapping[str, ExactCounts]:
    """Exact counts of open and of invited respondents, in three queries."""
    came: Counter[str] = Counter()
    for invited, total in (
        DayCount.objects.trusted()
        .filter(survey=survey)
        .values_list("channel__invited")
        .annotate(total=Sum("n"))
        .order_by()
    ):
        came[_channel_group_key(invited)] += total
    there = [
        _channel_group_key(invited)
        for invited in survey.channels.order_by().values_list("invited", flat=True)
    ]
    ways = _counted(survey, document)
    return {
        way: _heard(ways[way], came[way], document)
        for way in (OPEN_GROUP, INVITED_GROUP)
        if way in there or way in came
    }


def _channel_group_key(invited: bool) -> str:
    return INVITED_GROUP if invited else OPEN_GROUP


def _counted(survey: Survey, document: Document) -> Mapping[str, _ChannelGroupCounters]:
    ways: defaultdict[str, _ChannelGroupCounters] = defaultdict(_ChannelGroupCounters)
    areas = [*document.areas, str(survey.area_id)] if len(document.areas) > 1 else []
    for way in (OPEN_GROUP, INVITED_GROUP):
        for name, parts in (("area", areas), ("kind", Respondent.values)):
            # Include parts without respondents: nobody may know that they are empty.
            ways[way].parts[name] = {part: Counter() for part in parts}
    rows = (
        Tally.objects.trusted()
        .filter(survey=survey)
        .values_list("channel__invited", "area", "respondent", "question", "option")
        .annotate(total=Sum("n"))
        .order_by()
    )
    for invited, area, kind, question, option, n in rows:
        counted = ways[_channel_group_key(invited)]
        counted.everybody[question, option] += n
        counted.parts["kind"][kind][question, option] += n
        if areas:
            # Respondents from outside the surveyed areas are grouped with those who did not say where they
            # live.
            where = str(area) if str(area) in counted.parts["area"] else str(survey.area_id)
            counted.parts["area"][where][question, option] += n
    return ways


def _heard(way: _ChannelGroupCounters, came: int, document: Document) -> ExactCounts:
    counted: CounterValues = way.everybody
    return ExactCounts(
        responses=came,
        layers={layer.id: finished_count(layer, counted) for layer in document.layers},
        questions={
            key: (
                _counts(question, options, counted),
                {
                    name: {part: _counts(question, options, cells) for part, cells in parts.items()}
                    for name, parts in way.parts.items()
                },
            )
            for question in document.questions
            if not question.retired and question.shape is not Shape.TEXT
            for key, options in _tables(question).items()
        },
    )


def _tables(question: Question) -> dict[str, list[str]]:
    """The tables of a question with their options; one per statement, because not everybody saw all statements."""
    if question.shape is Shape.VIEWS:
        return {
            f"{question.id}:{statement.id}": [option.id for option in options]
            for statement, options in type_of(question).parts(question)
        }
    options = [option.id for option in type_of(question).result_options(question)]
    return {question.id: options} if options else {}


def _counts(question: Question, options: list[str], counted: CounterValues) -> QuestionCounts:
    """The exact counts of one table, with a zero for every answer nobody chose."""
    chosen = {option: counted.get((question.id, option), 0) for option in options}
    is_view = question.shape is Shape.VIEWS
    return QuestionCounts(
        shown=counted.get((question.id, SHOWN_KEY), 0),
        answered=sum(chosen.values()) if is_view else counted.get((question.id, ANSWERED), 0),
        options=chosen,
        is_several=question.shape is Shape.MANY,
    )


def _day(now: datetime | None) -> date:
    return timezone.localdate(now) if now else timezone.localdate()
