"""The arithmetic of tallies: what one response adds to the counters.

A key is (question id, option key). The option key of a chosen option is its id; of a number and a day the
band it falls in ("n:10-19", "month:2026-05"); of a statement its id and the view on it ("7:agree"). Every
question also has three keys besides its options:

* `shown`: saw the question; the N of "of the N who saw this question"
* `answered`: gave an answer (with several choices once, however many were chosen)
* `skipped`: went past it on purpose

So shown - answered - skipped is the number who stopped there. A response is counted when a layer is finished,
as the difference with what was counted for it before; any sequence of changes then adds up to what a recount
finds.

Numbers and days are counted in bands: single values if there are few, else bands of equal width. The author sets the
bounds and the published document holds them, so the same answer always falls in the same band.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from surveys.questionnaire.document import Answers, Document, Layer, Question, Shape

MAX_SINGLE_VALUES = 12
"""Ranges of at most this many values are counted value by value."""

MAX_BANDS = 10
MAX_MONTH_BANDS = 24
"""Days are counted per month if the bounds are at most this many months apart, else in bands of years."""

DEFAULT_MINIMUM, DEFAULT_MAXIMUM = 0, 100
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True)
class Band:
    """Both ends are inclusive."""

    least: int
    most: int

    @property
    def name(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


def bounds(settings: Mapping[str, Any]) -> tuple[int, int]:
    """The minimum and maximum of a number; defaults where the author set none."""
    least, most = settings.get("least"), settings.get("most")
    least = least if isinstance(least, int) else DEFAULT_MINIMUM
    most = most if isinstance(most, int) else max(DEFAULT_MAXIMUM, least)
    return least, max(least, most)


def bands(least: int, most: int) -> list[Band]:
    """All bands between the bounds, in order. They start at round numbers; the first and last may be shorter."""
    width = _width(least, most)
    starts = range(least - least % width, most + 1, width)
    return [Band(max(start, least), min(start + width - 1, most)) for start in starts]


def band_of(n: int, least: int, most: int) -> Band:
    n, width = min(max(n, least), most), _width(least, most)
    start = n - n % width
    return Band(max(start, least), min(start + width - 1, most))


def _width(least: int, most: int) -> int:
    """The first of 1, 2, 5, 10, 20, 50 ... that gives few enough bands."""
    if most - least < MAX_SINGLE_VALUES:
        return 1
    power = 1
    while True:
        for width in (power, 2 * power, 5 * power):
            if most // width - least // width < MAX_BANDS:
                return width
        power *= 10


def number_key(n: int, settings: Mapping[str, Any]) -> str:
    return f"n:{band_of(n, *bounds(settings)).name}"


# --- days -------------------------------------------------------------------------------------


def days(settings: Mapping[str, Any]) -> tuple[date, date]:
    earliest = parse_day(settings.get("earliest")) or EARLIEST
    return earliest, max(earliest, parse_day(settings.get("latest")) or LATEST)


def parse_day(written: object) -> date | None:
    """Parse an ISO date; None if invalid."""
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def months(settings: Mapping[str, Any]) -> list[date] | None:
    """The first days of all months between the bounds, or None if there are too many."""
    first, last = days(settings)
    count = 12 * (last.year - first.year) + last.month - first.month + 1
    if count > MAX_MONTH_BANDS:
        return None
    return [
        date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1)
        for i in range(count)
    ]


def years(settings: Mapping[str, Any]) -> list[Band]:
    first, last = days(settings)
    return bands(first.year, last.year)


def day_key(when: date, settings: Mapping[str, Any]) -> str:
    first, last = days(settings)
    when = min(max(when, first), last)
    if months(settings) is not None:
        return f"month:{when:%Y-%m}"
    return f"year:{band_of(when.year, first.year, last.year).name}"


SHOWN_KEY = "shown"
ANSWERED = "answered"
SKIPPED = "skipped"
STATEMENT_VIEWS = ("agree", "not", "pass")
"""Views on a statement: that goes for me too, not for me, pass."""
PSEUDO_OPTIONS = frozenset({SHOWN_KEY, ANSWERED, SKIPPED})

CounterKey = tuple[str, str]
CounterValues = Mapping[CounterKey, int]
K = TypeVar("K", bound=Hashable)


def tally(
    document: Document,
    answers: Answers,
    shown: Collection[str],
    layers: Collection[str] | None = None,
) -> Counter[CounterKey]:
    """What one response counts for: (question id, option key) -> 1.

    `shown` holds question ids (or is an object with ids as keys); an answered question counts as shown even
    if that was not recorded. `layers` are the ids of the layers to count (the finished ones); None counts
    all. Option keys are taken as stored, since not every option is in the document (statements of neighbours
    are not). Answers to questions that are not in the document are ignored.
    """
    counts: Counter[CounterKey] = Counter()
    for layer in document.layers:
        if layers is not None and layer.id not in layers:
            continue
        for question in layer.questions:
            passed = question.id in answers
            if passed or question.id in shown:
                counts[question.id, SHOWN_KEY] = 1
            if passed:
                counts.update((question.id, option) for option in option_keys(question, answers[question.id]))
    return counts


def answered_questions(
    document: Document, answers: Answers, layers: Collection[str]
) -> list[tuple[Question, Any]]:
    """The questions of these layers that were answered, with the stored value."""
    return [
        (question, answers[question.id])
        for layer in document.layers
        if layer.id in layers
        for question in layer.questions
        if is_answer(answers.get(question.id))
    ]


def finished_count(layer: Layer, counted: CounterValues) -> int:
    """How many finished a layer, as its highest `shown`: nobody finishes it without seeing a question, and
    its first question is put to nearly all.
    """
    return max((counted.get((question.id, SHOWN_KEY), 0) for question in layer.asked), default=0)


def difference(before: Mapping[K, int], now: Mapping[K, int]) -> list[tuple[K, int]]:
    """The increments that bring counters from `before` to `now`, sorted by key, without zeros.

    Keep this order when the rows are written: unsorted updates of the same rows by 40 clients deadlock on
    PostgreSQL. Works on any keys, so also on whole tally rows (question, option, area, channel, ...) when an
    area becomes known and a response moves from one row to another.
    """
    changes = ((key, now.get(key, 0) - before.get(key, 0)) for key in before.keys() | now.keys())
    return sorted((key, n) for key, n in changes if n)


def option_keys(question: Question, value: object) -> list[str]:
    if not is_answer(value):
        return [SKIPPED]
    if isinstance(value, str):
        return [ANSWERED, value]
    if not isinstance(value, Mapping):
        return [ANSWERED]
    match question.shape:
        case Shape.NUMBER if isinstance(value.get("n"), int):
            return [ANSWERED, number_key(value["n"], question.settings)]
        case Shape.DAY if when := parse_day(value.get("day")):
            return [ANSWERED, day_key(when, question.settings)]
        case Shape.VIEWS:
            return [ANSWERED, *(f"{id}:{view}" for id, view in value.items() if view in STATEMENT_VIEWS)]
    return [ANSWERED, *(str(option) for option, yes in value.items() if yes is True)]


def is_answer(value: object) -> bool:
    """Whether a stored value is an answer: None (skipped) and an empty choice are not; the number 0 is."""
    if isinstance(value, Mapping):
        return any(part is not None and part is not False and part != "" for part in value.values())
    return value is not None and value != ""
