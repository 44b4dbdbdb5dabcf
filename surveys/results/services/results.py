"""Live results for the desk, from counters only: as fast over a million responses as over ten.

Small cells are hidden here too (surveys/publication/). Invited and open respondents are two groups that say
different things, so they are never added up in one bar.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet, Sum

from neighbourhoods.models import Area, Municipality
from surveys.models import Channel, DayCount, Snapshot, Survey, Tally
from surveys.publication import QuestionCounts, hidden_options
from surveys.publication.services import night_key
from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY, SKIPPED, CounterValues, finished_count
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.question_types import ResultOption, type_of

FEW_PEOPLE = 30
"""With fewer people a percentage suggests more than is known."""

NIGHT_SECONDS = 60
"""Cache time in seconds of values that change once a day."""


@dataclass(frozen=True)
class ResponseFilter:
    """Whose answers: in one area, through one channel, invited or not, on whose behalf. None or empty is
    everybody.

    Suspect responses are excluded, unless `with_suspect`.
    """

    area: Area | None = None
    channel: Channel | None = None
    invited: bool | None = None
    with_suspect: bool = False
    respondent: str = ""


@dataclass(frozen=True)
class AnswerRow:
    """One answer. `n` is None if hidden; `percent` is None among fewer than thirty people. `of` is how many
    answered: the whole that its bar is part of.
    """

    id: str
    label: Mapping[str, str]
    n: int | None
    percent: int | None
    of: int


@dataclass(frozen=True)
class QuestionResult:
    question: Question
    shown: int
    answered: int
    skipped: int
    rows: tuple[AnswerRow, ...]
    hidden_people: int
    is_few: bool
    is_hidden: bool
    parts: tuple["PartResult", ...] = ()

    @property
    def is_text(self) -> bool:
        return self.question.shape is Shape.TEXT


@dataclass(frozen=True)
class PartResult:
    """One statement, on which `people` gave a view; None if too few to show."""

    label: Mapping[str, str]
    people: int | None
    rows: tuple[AnswerRow, ...]


@dataclass(frozen=True)
class LayerResult:
    """`finished` is how many finished the layer, None if too few to show."""

    layer: Layer
    finished: int | None
    questions: tuple[QuestionResult, ...]


@dataclass(frozen=True)
class GroupCount:
    """How many came from one area or through one channel; None if too few to show."""

    name: str
    n: int | None


@dataclass(frozen=True)
class NightlyCounts:
    """What changes once a day and at closing: the questions at which people stopped, and the newest public tables."""

    stopped: Mapping[str, int]
    snapshot: Snapshot | None


@dataclass(frozen=True)
class Results:
    """The counts, and the results per question. Those are computed lazily, because a page from the cache
    needs the `fingerprint` only.
    """

    document: Document
    threshold: int
    counted: CounterValues
    came: tuple[tuple[int, int, bool, int], ...]  # area, way in, whether suspect, how many
    night: "NightlyCounts"
    with_suspect: bool

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything the tables show, except the document."""
        # Includes statements: those let through since are rows without answers, and those withdrawn must
        # disappear at once, also from a retired question.
        said = [
            type_of(question).result_options(question)
            for question in self.document.questions
            if question.shape is Shape.VIEWS
        ]
        numbers = (sorted(self.counted.items()), sorted(self.came), sorted(self.night.stopped.items()))
        shown = repr((self.threshold, self.with_suspect, numbers, said))
        return hashlib.sha256(shown.encode()).hexdigest()

    @cached_property
    def total(self) -> int:
        return sum(n for *_where, is_suspect, n in self.came if self._counts(is_suspect))

    @cached_property
    def suspect(self) -> int:
        return sum(n for *_where, is_suspect, n in self.came if is_suspect)

    @cached_property
    def layers(self) -> tuple[LayerResult, ...]:
        return tuple(
            _layer(layer, self.counted, self.threshold) for layer in self.document.layers if layer.asked
        )

    @cached_property
    def areas(self) -> tuple[GroupCount, ...]:
        return self._parts(0, Area.objects.all())

    @cached_property
    def channels(self) -> tuple[GroupCount, ...]:
        return self._parts(1, Channel.objects.all())

    @cached_property
    def drop_offs(self) -> tuple[tuple[Question, int | None], ...]:
        """Where people stopped, in the order of the survey; over the whole survey, as of last night."""
        return tuple(
            (question, n if n >= self.threshold else None)
            for question in self.document.questions
            if (n := self.night.stopped.get(question.id, 0))
        )

    @cached_property
    def retired_questions(self) -> tuple[QuestionResult, ...]:
        return tuple(
            question_result(question, self.counted, self.threshold)
            for question in self.document.questions
            if question.retired and self.counted.get((question.id, SHOWN_KEY))
        )

    def _counts(self, is_suspect: bool) -> bool:
        return self.with_suspect or not is_suspect

    def _parts(self, place: int, rows: QuerySet[Any]) -> tuple[GroupCount, ...]:
        counts: Counter[int] = Counter()
        for row in self.came:
            if self._counts(row[2]):
                counts[row[place]] += row[3]
        names = dict(rows.filter(pk__in=counts).values_list("pk", "name"))
        return tuple(
            GroupCount(names[pk], n if n >= self.threshold else None) for pk, n in counts.most_common()
        )


def read_results(survey: Survey, document: Document, selection: ResponseFilter) -> Results:
    """Everything on the results page, in two queries and those of `nightly_counts`, however many responded."""
    return Results(
        document=document,
        threshold=Municipality.current().smallest_cell,
        counted=sum_counters(survey, selection),
        came=tuple(_participation_counts(survey, document, selection)),
        night=nightly_counts(survey),
        with_suspect=selection.with_suspect,
    )


def nightly_counts(survey: Survey) -> NightlyCounts:
    def read() -> NightlyCounts:
        stopped = dict(survey.stops.values_list("question", "n"))
        return NightlyCounts(stopped, survey.snapshots.only("taken_on", "is_final").first())

    kept: NightlyCounts | None = cache.get_or_set(night_key(survey.pk), read, NIGHT_SECONDS)
    return kept or read()


def sum_counters(survey: Survey, selection: ResponseFilter) -> CounterValues:
    """(question, option) -> count."""
    rows = _narrowed(Tally.objects.filter(survey=survey), selection)
    if not selection.with_suspect:
        rows = rows.trusted()
    found = rows.values_list("question", "option").annotate(total=Sum("n")).order_by()
    return {(question, option): total for question, option, total in found}


def counts_of(question: Question, counted: CounterValues) -> QuestionCounts:
    """The exact counts of one question, with a zero for every answer nobody chose."""
    return QuestionCounts(
        shown=counted.get((question.id, SHOWN_KEY), 0),
        answered=counted.get((question.id, ANSWERED), 0),
        options={
            option.id: n
            for option in type_of(question).result_options(question)
            if (n := counted.get((question.id, option.id), 0)) or not option.retired
        },
        is_several=question.shape in (Shape.MANY, Shape.VIEWS),
    )


def _layer(layer: Layer, counted: CounterValues, threshold: int) -> LayerResult:
    finished = finished_count(layer, counted)
    return LayerResult(
        layer=layer,
        finished=finished if finished >= threshold or finished == 0 else None,
        questions=tuple(question_result(question, counted, threshold) for question in layer.asked),
    )


def question_result(question: Question, counted: CounterValues, threshold: int) -> QuestionResult:
    counts = counts_of(question, counted)
    few = hidden_options(counts, threshold)
    is_few = counts.answered < FEW_PEOPLE
    rows = (
        AnswerRow(
            id=option.id,
            label=option.label,
            n=None if option.id in few else counts.options[option.id],
            percent=None
            if is_few or option.id in few
            else round(100 * counts.options[option.id] / counts.answered),
            of=counts.answered,
        )
        for option in type_of(question).result_options(question)
        if option.id in counts.options
    )
    return QuestionResult(
        question=question,
        parts=tuple(_part(*part, question, counted, threshold) for part in type_of(question).parts(question)),
        shown=counts.shown,
        answered=counts.answered,
        skipped=counted.get((question.id, SKIPPED), 0),
        rows=tuple(rows),
        hidden_people=0 if counts.is_several else sum(counts.options[key] for key in few),
        is_few=is_few,
        is_hidden=counts.answered < threshold,
    )


def _part(
    part: ResultOption, keys: list[ResultOption], question: Question, counted: CounterValues, threshold: int
) -> PartResult:
    cells = {key.id: counted.get((question.id, key.id), 0) for key in keys}
    people = sum(cells.values())
    few = hidden_options(QuestionCounts(shown=people, answered=people, options=cells), threshold)
    rows = tuple(
        AnswerRow(
            id=key.id,
            label=key.label,
            n=None if key.id in few else cells[key.id],
            percent=None if key.id in few or people < FEW_PEOPLE else round(100 * cells[key.id] / people),
            of=people,
        )
        for key in keys
    )
    return PartResult(part.label, people if people >= threshold else None, rows)


def _participation_counts(
    survey: Survey, document: Document, selection: ResponseFilter
) -> Iterable[tuple[int, int, bool, int]]:
    """Rows of (area, channel, whether suspect, how many came).

    DayCount does not distinguish kinds of respondent. For one kind this takes the question of the first layer
    shown most often, since nobody finishes the layer without seeing one.
    """
    if selection.respondent:
        asked = [question.id for question in document.first_layer.questions]
        rows = _narrowed(Tally.objects.filter(survey=survey, option=SHOWN_KEY, question__in=asked), selection)
        most: dict[tuple[int, int, bool], int] = {}
        found = rows.values_list("area", "channel", "suspect", "question").annotate(total=Sum("n"))
        for *where, _question, n in found.order_by():
            key = (where[0], where[1], where[2])
            most[key] = max(most.get(key, 0), n)
        return [(*key, n) for key, n in most.items()]
    days = _narrowed(DayCount.objects.filter(survey=survey), selection)
    came = days.values_list("area", "channel", "suspect").annotate(total=Sum("n"))
    return came.filter(total__gt=0).order_by()


def _narrowed(rows: Any, selection: ResponseFilter) -> Any:
    if selection.area:
        rows = rows.filter(area=selection.area)
    if selection.channel:
        rows = rows.filter(channel=selection.channel)
    if selection.invited is not None:
        rows = rows.filter(channel__invited=selection.invited)
    if selection.respondent:
        rows = rows.filter(respondent=selection.respondent)
    return rows
