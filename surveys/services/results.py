"""Live results for the desk, read from the counters alone: as quick over a million responses as over ten.

Small cells are hidden here too (surveys/small_cells.py). Who was invited and who came by themselves are two
groups that say different things, so they are never added up in one bar.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from neighbourhoods.models import Area, Municipality
from surveys.counting import ANSWERED, SHOWN, SKIPPED
from surveys.document import Document, Layer, Question, Shape
from surveys.models import Channel, DayCount, Survey, Tally
from surveys.small_cells import Counts, hidden

FEW_PEOPLE = 30
"""Under this a percentage says more than is known."""

Counted = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Selection:
    """Whose answers: in one area, through one way in, invited or not. None is everybody."""

    area: Area | None = None
    channel: Channel | None = None
    invited: bool | None = None


@dataclass(frozen=True)
class Row:
    """One answer. `n` is None when it is hidden; `percent` is None among fewer than thirty people."""

    id: str
    label: Mapping[str, str]
    n: int | None
    percent: int | None


@dataclass(frozen=True)
class QuestionResult:
    question: Question
    shown: int
    answered: int
    skipped: int
    rows: tuple[Row, ...]
    hidden_people: int
    is_few: bool
    is_hidden: bool

    @property
    def is_text(self) -> bool:
        return self.question.shape is Shape.TEXT

    @property
    def most(self) -> int:
        """The longest bar, to draw the others by."""
        return max((row.n or 0 for row in self.rows), default=0)


@dataclass(frozen=True)
class LayerResult:
    """`finished` is how many finished the layer, or None when that is too few to tell."""

    layer: Layer
    finished: int | None
    questions: tuple[QuestionResult, ...]


@dataclass(frozen=True)
class Part:
    """How many came from one place or through one way in; None when too few."""

    name: str
    n: int | None


@dataclass(frozen=True)
class Results:
    """`fingerprint` differs when any number of the layers does."""

    fingerprint: str
    total: int
    layers: tuple[LayerResult, ...]
    areas: tuple[Part, ...]
    channels: tuple[Part, ...]
    stops: tuple[tuple[Question, int | None], ...]
    days: tuple[tuple[date, int], ...]


def read_results(survey: Survey, document: Document, selection: Selection) -> Results:
    """Everything the results page shows, in four queries whatever the number of responses."""
    threshold = Municipality.current().smallest_cell
    counted = count_up(survey, selection)
    per_area: Counter[str] = Counter()
    per_channel: Counter[str] = Counter()
    per_day: Counter[date] = Counter()
    for day, area, channel, n in _days(survey, selection):
        per_area[area] += n
        per_channel[channel] += n
        per_day[day] += n
    return Results(
        fingerprint=hashlib.sha256(repr((threshold, sorted(counted.items()))).encode()).hexdigest(),
        total=sum(per_day.values()),
        layers=tuple(_layer(layer, counted, threshold) for layer in document.layers if layer.asked),
        areas=_parts(per_area, threshold),
        channels=_parts(per_channel, threshold),
        stops=_stops(survey, document, threshold),
        days=tuple(sorted(per_day.items())),
    )


def count_up(survey: Survey, selection: Selection) -> Counted:
    """(question, option) -> how many, over all but suspect responses."""
    rows = Tally.objects.filter(survey=survey, suspect=False)
    if selection.area:
        rows = rows.filter(area=selection.area)
    if selection.channel:
        rows = rows.filter(channel=selection.channel)
    if selection.invited is not None:
        rows = rows.filter(channel__invited=selection.invited)
    found = rows.values_list("question", "option").annotate(total=Sum("n")).order_by()
    return {(question, option): total for question, option, total in found}


def counts_of(question: Question, counted: Counted) -> Counts:
    """The exact counts of one question, with a zero for every answer nobody chose."""
    return Counts(
        shown=counted.get((question.id, SHOWN), 0),
        answered=counted.get((question.id, ANSWERED), 0),
        options={option.id: counted.get((question.id, option.id), 0) for option in question.options},
        is_several=question.shape is Shape.MANY,
    )


def finished_in(layer: Layer, counted: Counted) -> int:
    """How many finished a layer: nobody did without passing a question, and the first is put to nearly all."""
    return max((counted.get((question.id, SHOWN), 0) for question in layer.asked), default=0)


def _layer(layer: Layer, counted: Counted, threshold: int) -> LayerResult:
    finished = finished_in(layer, counted)
    return LayerResult(
        layer=layer,
        finished=finished if finished >= threshold or finished == 0 else None,
        questions=tuple(_question(question, counted, threshold) for question in layer.asked),
    )


def _question(question: Question, counted: Counted, threshold: int) -> QuestionResult:
    counts = counts_of(question, counted)
    few = hidden(counts, threshold)
    is_few = counts.answered < FEW_PEOPLE
    rows = (
        Row(
            id=option.id,
            label=option.label,
            n=None if option.id in few else counts.options[option.id],
            percent=None
            if is_few or option.id in few
            else round(100 * counts.options[option.id] / counts.answered),
        )
        for option in question.options
    )
    return QuestionResult(
        question=question,
        shown=counts.shown,
        answered=counts.answered,
        skipped=counted.get((question.id, SKIPPED), 0),
        rows=tuple(rows),
        hidden_people=0 if counts.is_several else sum(counts.options[key] for key in few),
        is_few=is_few,
        is_hidden=counts.answered < threshold,
    )


def _days(survey: Survey, selection: Selection) -> Iterable[tuple[date, str, str, int]]:
    """(day, area, way in, how many)."""
    rows = DayCount.objects.filter(survey=survey)
    if selection.area:
        rows = rows.filter(area=selection.area)
    if selection.channel:
        rows = rows.filter(channel=selection.channel)
    if selection.invited is not None:
        rows = rows.filter(channel__invited=selection.invited)
    found = rows.values_list("day", "area__name", "channel__name").annotate(total=Sum("n"))
    return [(day, area, channel, n) for day, area, channel, n in found.order_by() if n]


def _stops(survey: Survey, document: Document, threshold: int) -> tuple[tuple[Question, int | None], ...]:
    """Where people went no further, in the order of the survey; over the whole survey, counted last night."""
    counted = dict(survey.stops.values_list("question", "n"))
    return tuple(
        (question, n if n >= threshold else None)
        for question in document.questions
        if (n := counted.get(question.id, 0))
    )


def _parts(counts: Counter[str], threshold: int) -> tuple[Part, ...]:
    return tuple(
        Part(name, n if n >= threshold else None)
        for name, n in sorted(counts.items(), key=lambda one: -one[1])
    )
