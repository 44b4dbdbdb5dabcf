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
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

from surveys.questionnaire.bands import day_key, number_key, parse_day
from surveys.questionnaire.conditions import is_answer
from surveys.questionnaire.document import Answers, Document, Layer, Question, Shape

SHOWN = "shown"
ANSWERED = "answered"
SKIPPED = "skipped"
VIEWS = ("agree", "not", "pass")
"""Views on a statement: that goes for me too, not for me, pass."""
PSEUDO_OPTIONS = frozenset({SHOWN, ANSWERED, SKIPPED})

CounterKey = tuple[str, str]
Counted = Mapping[CounterKey, int]
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
                counts[question.id, SHOWN] = 1
            if passed:
                counts.update((question.id, option) for option in option_keys(question, answers[question.id]))
    return counts


def finished_in(layer: Layer, counted: Counted) -> int:
    """How many finished a layer, as its highest `shown`: nobody finishes it without seeing a question, and
    its first question is put to nearly all.
    """
    return max((counted.get((question.id, SHOWN), 0) for question in layer.asked), default=0)


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
            return [ANSWERED, *(f"{id}:{view}" for id, view in value.items() if view in VIEWS)]
    return [ANSWERED, *(str(option) for option, yes in value.items() if yes is True)]
