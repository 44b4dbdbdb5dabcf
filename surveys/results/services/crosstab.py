"""Crosstab of two questions: who gave both one answer and another."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Sum

from neighbourhoods.models import Area, Municipality
from surveys.answering.services.answer import DURATION_BUCKETS
from surveys.models import Option, Response, Survey, Tally
from surveys.models import Question as Row
from surveys.questionnaire.counting import ANSWERED, PSEUDO_OPTIONS, SHOWN_KEY, option_keys
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.question_types import ResultOption, type_of
from surveys.results.services.results import FEW_PEOPLE, QuestionResult, question_result

OptionPair = tuple[str, str]


def crosstab_counts(
    down: Question, across: Question, rows: Iterable[tuple[Any, Any, int]]
) -> Counter[OptionPair]:
    """(option of one question, option of the other) -> people, from rows of (answer, answer, people).

    Answers are as stored; people who skipped one of the two are left out. Somebody who chose several options
    is in several cells.
    """
    cells: Counter[OptionPair] = Counter()
    for one, other, n in rows:
        for first in _options(down, one):
            for second in _options(across, other):
                cells[first, second] += n
    return cells


def _options(question: Question, value: Any) -> list[str]:
    return [key for key in option_keys(question, value) if key not in PSEUDO_OPTIONS]


def hidden_cells(cells: Mapping[OptionPair, int], threshold: int) -> frozenset[OptionPair]:
    """The cells hidden from colleagues: too small, or derivable from the totals of their row and column.

    `cells` holds every cell, including zeros. In a row or column no cell is hidden alone, if another has
    anybody in it. Zeros are shown: hiding those too would hide the whole table, and this is for colleagues,
    who must see what is there; for the public see surveys/publication/.
    """
    hidden = {pair for pair, n in cells.items() if 0 < n < threshold}
    lines: dict[tuple[int, str], list[OptionPair]] = {}
    for pair in cells:
        lines.setdefault((0, pair[0]), []).append(pair)
        lines.setdefault((1, pair[1]), []).append(pair)
    again = True
    while again:
        again = False
        for line in lines.values():
            if sum(pair in hidden for pair in line) != 1:
                continue
            shown = sorted((cells[pair], pair) for pair in line if cells[pair] and pair not in hidden)
            if shown:
                hidden.add(shown[0][1])
                again = True
    return frozenset(hidden)


# Ad hoc queries: one question, or a crosstab of two, for some people in some period.
#
# Counters hold no period and no pairs, so this reads the responses, in one statement that groups them in the
# database: half a second over a million. Results are cached for some minutes.


_KEPT_SECONDS = 600
MISSING_VALUE = ""
"""No answer is stored: the question was not on their path. None means the question was skipped."""
BUCKETS = (*map(str, DURATION_BUCKETS), "more")
CLOSED_SHAPES = (Shape.ONE, Shape.MANY, Shape.NUMBER, Shape.DAY)


@dataclass(frozen=True)
class CrosstabFilter:
    """Whose answers, by ids; None is everybody. Dates are those on which people began, both inclusive."""

    area: int | None = None
    channel: int | None = None
    invited: bool | None = None
    respondent: str = ""
    since: date | None = None
    until: date | None = None
    with_suspect: bool = False


@dataclass(frozen=True)
class CrosstabCell:
    """`n` is None if hidden, `percent` (of its row) is None if the row holds fewer than thirty."""

    n: int | None
    percent: int | None


@dataclass(frozen=True)
class CrosstabRow:
    option: ResultOption
    total: int | None
    cells: tuple[CrosstabCell, ...]


@dataclass(frozen=True)
class Crossing:
    """`people` answered both questions."""

    rows: Question
    columns: Question
    across: tuple[ResultOption, ...]
    people: int
    lines: tuple[CrosstabRow, ...]
    is_few: bool

    @property
    def has_totals(self) -> bool:
        """False with several choices: cells of a row then add up to more than its people."""
        return Shape.MANY not in (self.rows.shape, self.columns.shape)


def questions_to_cross(document: Document) -> list[Question]:
    """Closed questions only: free text has no cells."""
    return [
        question
        for question in document.questions
        if question.shape in CLOSED_SHAPES and not question.retired
    ]


def filtered_question_result(
    survey: Survey, document: Document, question: Question, people: CrosstabFilter
) -> QuestionResult:
    counted: Counter[tuple[str, str]] = Counter()
    for value, _same, n in _grouped(survey, document, question, question, people):
        if value is not MISSING_VALUE:
            counted[question.id, SHOWN_KEY] += n
            counted.update({(question.id, key): n for key in option_keys(question, value)})
    return question_result(question, counted, Municipality.current().smallest_cell)


def cross_tabulate(
    survey: Survey, document: Document, rows: Question, columns: Question, people: CrosstabFilter
) -> Crossing:
    """`rows` down and `columns` across; hides small cells, and those from which they could be derived."""
    threshold = Municipality.current().smallest_cell
    grouped = _grouped(survey, document, rows, columns, people)
    found = crosstab_counts(rows, columns, grouped)
    down, across = type_of(rows).result_options(rows), type_of(columns).result_options(columns)
    cells: dict[OptionPair, int] = {
        (row.id, column.id): found[row.id, column.id] for row in down for column in across
    }
    hidden = hidden_cells(cells, threshold)
    total = sum(n for one, other, n in grouped if crosstab_counts(rows, columns, [(one, other, n)]))
    return Crossing(
        rows=rows,
        columns=columns,
        across=tuple(across),
        people=total,
        lines=tuple(_line(row, across, cells, hidden, threshold) for row in down),
        is_few=total < threshold,
    )


@dataclass(frozen=True)
class LayerDurations:
    """How long one layer took: people per bucket of `BUCKETS`; None if too few to show."""

    layer: Layer
    people: tuple[int | None, ...]


def layer_durations(survey: Survey, document: Document) -> list[LayerDurations]:
    """Durations per layer that anybody finished. In buckets, since an exact time would point at a moment."""
    threshold = Municipality.current().smallest_cell
    found: Counter[tuple[str, str]] = Counter()
    for stored, n in _durations(survey):
        for layer, bucket in json.loads(stored).items():
            found[layer, bucket] += n
    return [
        LayerDurations(
            layer,
            tuple(n if (n := found[layer.id, bucket]) >= threshold or not n else None for bucket in BUCKETS),
        )
        for layer in document.layers
        if any(found[layer.id, bucket] for bucket in BUCKETS)
    ]


def _durations(survey: Survey) -> list[tuple[str, int]]:
    def read() -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT CAST(durations AS text), COUNT(*) FROM {Response._meta.db_table} "  # noqa: S608
                "WHERE survey_id = %s AND withdrawn_on IS NULL AND NOT is_suspect GROUP BY 1",
                [survey.pk],
            )
            return list(cursor.fetchall())

    return list(cache.get_or_set(f"paces:{survey.pk}", read, _KEPT_SECONDS) or [])


def _line(
    row: ResultOption,
    columns: Sequence[ResultOption],
    cells: Mapping[OptionPair, int],
    hidden: frozenset[OptionPair],
    threshold: int,
) -> CrosstabRow:
    total = sum(cells[row.id, column.id] for column in columns)
    shown = [None if (row.id, column.id) in hidden else cells[row.id, column.id] for column in columns]
    return CrosstabRow(
        option=row,
        total=total if total >= threshold else None,
        cells=tuple(
            CrosstabCell(n, None if n is None or total < 30 else round(100 * n / total)) for n in shown
        ),
    )


def _grouped(
    survey: Survey, document: Document, one: Question, other: Question, people: CrosstabFilter
) -> list[tuple[Any, Any, int]]:
    """Rows of (answer, answer, people): as stored, over everybody who finished the layers of both questions."""
    asked = (survey.pk, one.id, other.id, *astuple(people))
    key = f"closer:{hashlib.sha256(repr(asked).encode()).hexdigest()}"
    found: list[tuple[Any, Any, int]] | None = cache.get(key)
    if found is None:
        layers = sorted({document.layer_of(one.id).id, document.layer_of(other.id).id})
        found = _read(survey, layers, one.id, other.id, people)
        cache.set(key, found, _KEPT_SECONDS)
    return found


def _read(
    survey: Survey, layers: list[str], one: str, other: str, people: CrosstabFilter
) -> list[tuple[Any, Any, int]]:
    """Raw SQL, because Django can't group by a JSON value that may be an object on both databases.

    Column names are our own; every value is a parameter. Layer ids are matched with quotes in the JSON list,
    so that 1 is not found in 11.
    """
    where = ["r.survey_id = %s", "r.withdrawn_on IS NULL"]
    values: list[Any] = [survey.pk]
    for layer in layers:
        where.append("CAST(r.layers_done AS text) LIKE %s")
        values.append(f'%"{layer}"%')
    if not people.with_suspect:
        where.append("NOT r.is_suspect")
    for condition, value in (
        ("r.area_id = %s", people.area),
        ("r.channel_id = %s", people.channel),
        ("r.respondent = %s", people.respondent or None),
        ("r.day >= %s", people.since),
        ("r.day <= %s", people.until),
        ("c.invited = %s", people.invited),
    ):
        if value is not None:
            where.append(condition)
            values.append(connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value)
    on_postgres = connection.vendor == "postgresql"
    path = "{}" if on_postgres else '$."{}"'
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.answers -> %s AS one, r.answers -> %s AS other, COUNT(*) "  # noqa: S608
            f"FROM {Response._meta.db_table} r JOIN surveys_channel c ON c.id = r.channel_id "
            f"WHERE {' AND '.join(where)} GROUP BY 1, 2",
            [path.format(one), path.format(other), *values],
        )
        return [(_value(one), _value(other), n) for one, other, n in cursor.fetchall()]


def _value(stored: str | None) -> Any:
    return MISSING_VALUE if stored is None else json.loads(stored)


# Compares one question between groups: areas, or rounds of the same survey over the years.


_OTHER = "other"
COMPARABLE_SHAPES = (Shape.ONE, Shape.MANY, Shape.NUMBER, Shape.DAY)


@dataclass(frozen=True)
class ComparisonColumn:
    """A group: how many answered, None if too few to show."""

    name: str
    people: int | None
    is_few: bool


@dataclass(frozen=True)
class ComparisonCell:
    n: int | None
    percent: int | None


@dataclass(frozen=True)
class ComparisonRow:
    """`label` is None for an option that this round does not have."""

    label: Mapping[str, str] | None
    cells: tuple[ComparisonCell, ...]


@dataclass(frozen=True)
class AnswerComparison:
    """Names of rounds: `missing` did not ask this, or with another meaning; `broken` stopped asking it while
    running.
    """

    question: Question
    columns: tuple[ComparisonColumn, ...]
    lines: tuple[ComparisonRow, ...]
    missing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def has_few(self) -> bool:
        return any(column.is_few for column in self.columns)


def compare_areas(
    survey: Survey, question: Question, areas: Iterable[Area], *, invited: bool | None
) -> AnswerComparison:
    of_way = {} if invited is None else {"channel__invited": invited}
    rows = Tally.objects.trusted().filter(survey=survey, question=question.id, **of_way)
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for area, option, n in rows.values_list("area", "option").annotate(total=Sum("n")).order_by():
        counted[str(area)][option] = n
    return _build_comparison(question, [(area.name, counted[str(area.pk)]) for area in areas])


def compare_rounds(survey: Survey, question: Question, *, invited: bool | None) -> AnswerComparison:
    """Oldest round first. A round's owner links questions when it is made; unlinked questions are not compared."""
    rounds = _rounds(survey)
    asked, stopped, answers = _linked_question(rounds, question)
    of_way = {} if invited is None else {"channel__invited": invited}
    rows = Tally.objects.trusted().filter(question__in=[str(pk) for pk in asked.values()], **of_way)
    counted: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for pk, option, n in rows.values_list("survey", "option").annotate(total=Sum("n")).order_by():
        counted[pk][answers.get(option, option)] += n
    named = [(one, _name(one)) for one in rounds]
    return _build_comparison(
        question,
        [(name, counted[one.pk]) for one, name in named if one.pk in asked],
        missing=tuple(name for one, name in named if one.pk not in asked),
        broken=tuple(name for one, name in named if one.pk in stopped and one != survey),
    )


def _rounds(survey: Survey) -> list[Survey]:
    """All surveys connected by `round_of`, in the order in which they opened; drafts hold no answers."""
    found, look = {survey.pk}, {survey.pk}
    while look:
        rows = Survey.objects.filter(pk__in=look).values_list("round_of", "rounds")
        look = {pk for row in rows for pk in row if pk} - found
        found |= look
    return list(Survey.objects.filter(pk__in=found, opened_at__isnull=False).order_by("opened_at"))


def _name(survey: Survey) -> str:
    return f"{survey.opened_at:%Y}: {survey}"


def _linked_question(
    rounds: list[Survey], question: Question
) -> tuple[dict[int, int], set[int], dict[str, str]]:
    """(survey -> its question that is this one, surveys that stopped asking it while running, option id ->
    option here).
    """
    wanted = [one.pk for one in rounds]
    questions = Row.objects.filter(layer__survey__in=wanted).values_list(
        "pk", "same_as", "layer__survey", "retired"
    )
    back = {pk: same for pk, same, *_rest in questions}
    here = _first(back, int(question.id))
    these = [row for row in questions if _first(back, row[0]) == here]
    asked = {survey: pk for pk, _same, survey, _retired in these}
    stopped = {survey for _pk, _same, survey, retired in these if retired}
    options = Option.objects.filter(question__in=asked.values()).values_list("pk", "same_as", "question")
    back = {pk: same for pk, same, _question in options}
    own = {_first(back, pk): str(pk) for pk, _same, of in options if of == int(question.id)}
    return asked, stopped, {str(pk): own.get(_first(back, pk), _OTHER) for pk in back}


def _first(back: Mapping[int, int | None], pk: int) -> int:
    """The first id in the chain of `same_as` references."""
    seen = set()
    while (before := back.get(pk)) and before not in seen and before in back:
        seen.add(pk)
        pk = before
    return pk


def _build_comparison(
    question: Question,
    groups: list[tuple[str, Mapping[str, int]]],
    missing: tuple[str, ...] = (),
    broken: tuple[str, ...] = (),
) -> AnswerComparison:
    threshold = Municipality.current().smallest_cell
    options = type_of(question).result_options(question)
    if any(counts.get(_OTHER) for _name, counts in groups):
        options = [*options, ResultOption(_OTHER, {})]
    cells: dict[OptionPair, int] = {
        (option.id, str(place)): counts.get(option.id, 0)
        for option in options
        for place, (_name, counts) in enumerate(groups)
    }
    hidden = hidden_cells(cells, threshold)
    answered = [counts.get(ANSWERED, 0) for _name, counts in groups]

    def cell(option: str, place: int) -> ComparisonCell:
        n, people = cells[option, str(place)], answered[place]
        if (option, str(place)) in hidden:
            return ComparisonCell(None, None)
        return ComparisonCell(n, round(100 * n / people) if people >= FEW_PEOPLE else None)

    return AnswerComparison(
        question=question,
        columns=tuple(
            ComparisonColumn(name, n if n >= threshold or not n else None, n < FEW_PEOPLE)
            for (name, _counts), n in zip(groups, answered, strict=True)
        ),
        lines=tuple(
            ComparisonRow(
                None if option.id == _OTHER else option.label,
                tuple(cell(option.id, place) for place in range(len(groups))),
            )
            for option in options
        ),
        missing=missing,
        broken=broken,
    )
