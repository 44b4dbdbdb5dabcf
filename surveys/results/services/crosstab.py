"""Ad hoc queries: one question, or a crosstab of two, for some people in some period.

Counters hold no period and no pairs, so this reads the responses, in one statement that groups them in the
database: half a second over a million. Results are cached for some minutes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import connection

from neighbourhoods.models import Municipality
from surveys.answering.services.answer import DURATION_BUCKETS
from surveys.models import Response, Survey
from surveys.questionnaire.counting import SHOWN, option_keys
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.question_types import ResultOption, type_of
from surveys.results.crossing import OptionPair, crossed, hidden_cells
from surveys.results.services.results import QuestionResult, question_result

_KEPT_SECONDS = 600
MISSING = ""
"""No answer is stored: the question was not on their path. None means the question was skipped."""
BUCKETS = (*map(str, DURATION_BUCKETS), "more")
CLOSED = (Shape.ONE, Shape.MANY, Shape.NUMBER, Shape.DAY)


@dataclass(frozen=True)
class People:
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
    return [question for question in document.questions if question.shape in CLOSED and not question.retired]


def look_at(survey: Survey, document: Document, question: Question, people: People) -> QuestionResult:
    counted: Counter[tuple[str, str]] = Counter()
    for value, _same, n in _grouped(survey, document, question, question, people):
        if value is not MISSING:
            counted[question.id, SHOWN] += n
            counted.update({(question.id, key): n for key in option_keys(question, value)})
    return question_result(question, counted, Municipality.current().smallest_cell)


def cross_tabulate(
    survey: Survey, document: Document, rows: Question, columns: Question, people: People
) -> Crossing:
    """`rows` down and `columns` across; hides small cells, and those from which they could be derived."""
    threshold = Municipality.current().smallest_cell
    grouped = _grouped(survey, document, rows, columns, people)
    found = crossed(rows, columns, grouped)
    down, across = type_of(rows).result_options(rows), type_of(columns).result_options(columns)
    cells: dict[OptionPair, int] = {
        (row.id, column.id): found[row.id, column.id] for row in down for column in across
    }
    hidden = hidden_cells(cells, threshold)
    total = sum(n for one, other, n in grouped if crossed(rows, columns, [(one, other, n)]))
    return Crossing(
        rows=rows,
        columns=columns,
        across=tuple(across),
        people=total,
        lines=tuple(_line(row, across, cells, hidden, threshold) for row in down),
        is_few=total < threshold,
    )


@dataclass(frozen=True)
class Pace:
    """How long one layer took: people per bucket of `BUCKETS`; None if too few to show."""

    layer: Layer
    people: tuple[int | None, ...]


def paces(survey: Survey, document: Document) -> list[Pace]:
    """Durations per layer that anybody finished. In buckets, since an exact time would point at a moment."""
    threshold = Municipality.current().smallest_cell
    found: Counter[tuple[str, str]] = Counter()
    for stored, n in _durations(survey):
        for layer, bucket in json.loads(stored).items():
            found[layer, bucket] += n
    return [
        Pace(
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
    survey: Survey, document: Document, one: Question, other: Question, people: People
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
    survey: Survey, layers: list[str], one: str, other: str, people: People
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
    return MISSING if stored is None else json.loads(stored)
