"""The walk through a poll: which question comes when, derived from the stored answers each time.

The path is never stored. A walk goes through a published document from its first question, evaluates each
condition with the answers met on the way, and so knows what is asked, what is next, what may be visited and
what is off the path. An answer off the path is treated as not given: it opens no further question, and is
removed when its layer is finished.

A question is *passed* when its id is a key of the answers: answered, or skipped on purpose (None). A question
of several pages (statements of neighbours) is not passed while its answer says that more is to come.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from surveys.questionnaire.conditions import (
    AllOf,
    Answered,
    AnyOf,
    AtLeast,
    Condition,
    InArea,
    Includes,
    Is,
    MoreThan,
    Not,
    RespondentIs,
    references,
)
from surveys.questionnaire.counting import is_answer
from surveys.questionnaire.document import Answers, Document, Layer, Question, Shape

PHONE_FACTOR = 1.4
"""A phone takes 1.4 times as long as a PC (LISS crossover, SSCR 2019)."""


@dataclass(frozen=True)
class Context:
    """What is known about the respondent, apart from the answers.

    `area` is the id of the respondent's own area, None while unknown; `around` holds the ids of the areas
    that contain it (district, municipality); `respondent` is `resident`, `organisation` or `entrepreneur`.
    """

    area: str | None = None
    respondent: str = "resident"
    around: frozenset[str] = frozenset()


def evaluate(condition: Condition | None, answers: Mapping[str, object], context: Context) -> bool:
    """Whether `condition` holds; None (no condition) always does.

    `answers` maps question ids to stored values (see surveys.questionnaire.document) and must hold only
    answers on the path, which the walk ensures. Every test on a question without an answer is false.
    """
    match condition:
        case None:
            return True
        case AnyOf(parts):
            return any(evaluate(part, answers, context) for part in parts)
        case AllOf(parts):
            return all(evaluate(part, answers, context) for part in parts)
        case Not(part):
            return not evaluate(part, answers, context)
        case Answered(question):
            return is_answer(answers.get(question))
        case Is(question, option):
            return answers.get(question) == option
        case Includes(question, option):
            chosen = answers.get(question)
            return isinstance(chosen, Mapping) and chosen.get(option) is True
        case MoreThan(question, _, beyond):
            value = answers.get(question)
            return isinstance(value, str) and value in beyond
        case AtLeast(question, least):
            value = answers.get(question)
            n = value.get("n") if isinstance(value, Mapping) else None
            return isinstance(n, int) and n >= least
        case InArea(areas):
            return context.area in areas or not areas.isdisjoint(context.around)
        case RespondentIs(kinds):
            return context.respondent in kinds


@dataclass(frozen=True)
class QuestionPosition:
    """Question `number` of `total` in its layer, counted over the path as known now.

    `previous` and `next` are the adjacent questions on the path; None at the ends of the layer.
    """

    layer: Layer
    question: Question
    number: int
    total: int
    previous: Question | None
    next: Question | None


@dataclass(frozen=True)
class Length:
    """A number of questions, and the seconds they take on a phone."""

    questions: int
    seconds: int

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up so that nobody is promised less than it takes; 0 for nothing."""
        return math.ceil(self.seconds / 60)


def length(questions: Iterable[Question]) -> Length:
    kinds = [question.kind for question in questions]
    return Length(len(kinds), round(PHONE_FACTOR * sum(kind.seconds for kind in kinds)))


@dataclass(frozen=True)
class Walk:
    """One respondent's way through `document`, given what is stored now.

    `done` holds the ids of the layers this respondent has finished. The object is a snapshot: make a new one
    after an answer has changed.
    """

    document: Document
    answers: Answers
    context: Context
    done: Collection[str] = frozenset()

    def path(self, layer: Layer) -> tuple[Question, ...]:
        """The questions this respondent is asked in `layer`, in order, as far as known now."""
        return self._step(layer, self._known_outside(layer))

    def pages(self, layer: Layer) -> tuple[tuple[Question, ...], ...]:
        """The path cut into pages; no page is empty.

        One question each, or as many as possible if the layer is set to one page: a question whose condition
        or text needs an answer from the same page opens a new page, because neither is known without a round
        trip to the server. Statements of neighbours come one by one, so on pages of their own.
        """
        path = self.path(layer)
        if not layer.one_page:
            return tuple((question,) for question in path)
        groups = ([question for question in group if question in path] for group in _groups(layer))
        return tuple(tuple(group) for group in groups if group)

    def place(self, question_id: str) -> QuestionPosition | None:
        """Position of a question on its layer's path; None if it is off the path."""
        if question_id not in self.document.by_question:
            return None
        layer, _question = self.document.by_question[question_id]
        path = self.path(layer)
        index = next((i for i, question in enumerate(path) if question.id == question_id), None)
        if index is None:
            return None
        return QuestionPosition(
            layer=layer,
            question=path[index],
            number=index + 1,
            total=len(path),
            previous=path[index - 1] if index else None,
            next=path[index + 1] if index + 1 < len(path) else None,
        )

    def page_with(self, question_id: str) -> tuple[QuestionPosition, tuple[Question, ...]] | None:
        """Position of a question, and the page it is on; None if it may not be opened."""
        place = self.place(question_id)
        if place is None or not self._may_visit(place):
            return None
        return place, next(page for page in self.pages(place.layer) if place.question in page)

    def next_page(self, layer: Layer) -> tuple[Question, ...]:
        """The first page with a question not passed yet; empty if all of the layer was passed."""
        return next(
            (page for page in self.pages(layer) if not all(map(self.is_answered_or_skipped, page))), ()
        )

    def resume(self, layer: Layer) -> Question | None:
        """The first question of the path not passed yet; None if the layer can be finished.

        A layer in which nothing is asked can be finished at once.
        """
        return next(
            (question for question in self.path(layer) if not self.is_answered_or_skipped(question)), None
        )

    def is_answered_or_skipped(self, question: Question) -> bool:
        value = self.answers.get(question.id)
        return question.id in self.answers and not (isinstance(value, Mapping) and value.get("more") is True)

    def may_enter(self, layer: Layer) -> bool:
        """Whether this respondent may be in `layer`: it is the first, done, or offered."""
        return layer is self.document.first_layer or layer.id in self.done or layer in self.offered

    def may_visit(self, question_id: str) -> bool:
        """Whether a question's page may be opened: it is on the path, and all before it are passed."""
        place = self.place(question_id)
        return place is not None and self._may_visit(place)

    def _may_visit(self, place: QuestionPosition) -> bool:
        before = self.path(place.layer)[: place.number - 1]
        return self.may_enter(place.layer) and all(map(self.is_answered_or_skipped, before))

    @cached_property
    def offered(self) -> tuple[Layer, ...]:
        """The deeper layers to choose from now: first layer done, this one not, its condition true.

        A layer in which nothing would be asked is not offered.
        """
        first = self.document.first_layer
        if first.id not in self.done:
            return ()
        known = self._known
        return tuple(
            layer
            for layer in self.document.layers
            if layer is not first
            and layer.id not in self.done
            and evaluate(layer.condition, known, self.context)
            and self.path(layer)
        )

    def before(self, question: Question) -> Answers:
        """The answers met on the path before this question: what its text may repeat."""
        layer = self.document.layer_of(question)
        known = self._known_outside(layer)
        self._step(layer, known)
        return known

    def answers_off_path(self, layer: Layer) -> frozenset[str]:
        """Ids of questions of `layer` that are off the path: their answers and "shown" are removed when it is
        finished.

        Excludes retired questions: what was once answered to those stays.
        """
        return frozenset(question.id for question in layer.asked) - {q.id for q in self.path(layer)}

    def left(self, layer: Layer) -> Length:
        """Length of the questions not yet passed in `layer`."""
        return length(question for question in self.path(layer) if not self.is_answered_or_skipped(question))

    @cached_property
    def _known(self) -> Answers:
        """The on-path answers of all finished layers."""
        return self._known_outside(None)

    def _known_outside(self, layer: Layer | None) -> dict[str, object]:
        known: dict[str, object] = {}
        for other in self.document.layers:
            if other is not layer and other.id in self.done:
                self._step(other, known)
        return known

    def _step(self, layer: Layer, known: dict[str, object]) -> tuple[Question, ...]:
        """The path of one layer after `known`; adds the answers on the path to `known`."""
        path = []
        for question in layer.asked:
            if evaluate(question.condition, known, self.context):
                path.append(question)
                if question.id in self.answers:
                    known[question.id] = self.answers[question.id]
        return tuple(path)


def _groups(layer: Layer) -> Iterable[list[Question]]:
    group: list[Question] = []
    for question in layer.asked:
        looked_at = question.piped.union(references(question.condition))
        stands_alone = question.shape is Shape.VIEWS or any(one.shape is Shape.VIEWS for one in group)
        if stands_alone or any(earlier.id in looked_at for earlier in group):
            yield group
            group = []
        group.append(question)
    yield group


# --- branches -------------------------------------------------------------------------------------
# Branching: turns the “then go to” of options into conditions.
#
# An author says per answer where it leads: to the next question, to a later one of the layer, or to its end.
# When the draft is frozen, each question that an answer skips gets the condition that this answer was not
# chosen. So the walk, the results and the check at publication know conditions alone, and the flow can be drawn
# from the options.
#
# Only single-choice questions branch: several chosen answers could lead to different places.


END_OF_LAYER = "end"
"""The end of the layer."""

OptionReference = tuple[str, str]
"""(question id, option id)."""


class BranchingOption(Protocol):
    """An option of a document or of a plan."""

    @property
    def id(self) -> str: ...
    @property
    def then(self) -> str: ...


class BranchingQuestion(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def shape(self) -> Shape | None: ...
    @property
    def offered(self) -> Sequence[BranchingOption]: ...


class BranchingLayer(Protocol):
    """A layer with the questions asked in it."""

    @property
    def asked(self) -> Sequence[BranchingQuestion]: ...


def can_branch(question: BranchingQuestion) -> bool:
    return question.shape is Shape.ONE


def branch_target(layer: BranchingLayer, question: BranchingQuestion, option: BranchingOption) -> int | None:
    """Index in `layer.asked` to which an answer leads; len(layer.asked) is the end of the layer.

    None if the target is invalid: earlier, in another layer, or removed.
    """
    asked = layer.asked
    here = asked.index(question)
    if not option.then:
        return here + 1
    if option.then == END_OF_LAYER:
        return len(asked)
    return next((place for place in range(here + 1, len(asked)) if asked[place].id == option.then), None)


def skipping_answers(layer: BranchingLayer) -> Mapping[str, list[OptionReference]]:
    """Question id -> the answers that skip it."""
    found: defaultdict[str, list[OptionReference]] = defaultdict(list)
    for here, question in enumerate(layer.asked):
        if not can_branch(question):
            continue
        for option in question.offered:
            for passed in layer.asked[here + 1 : branch_target(layer, question, option) or 0]:
                found[passed.id].append((question.id, option.id))
    return found


def add_skip_condition(condition: Any, answers: Sequence[OptionReference]) -> Any:
    """The condition, as JSON, combined with: none of these answers was given."""
    if not answers:
        return condition
    parts = [_none_of(answers)]
    match condition:
        case None:
            pass
        case {"all": [*more]}:
            parts += more
        case _:
            parts.append(condition)
    return parts[0] if len(parts) == 1 else {"all": parts}


def remove_skip_condition(condition: Any, answers: Sequence[OptionReference]) -> Any:
    """Inverse of `without`: the author's own condition, as JSON. Raises ValueError if `without` did not make it."""
    if not answers:
        return condition
    led = _none_of(answers)
    match condition:
        case {"all": [first, {"all": _} as only]} if first == led:
            return {"all": [only]}  # unwrapped, `without` would flatten it
        case {"all": [first, only]} if first == led:
            return only
        case {"all": [first, *more]} if first == led and more:
            return {"all": more}
    if condition != led:
        raise ValueError("This condition lets through what an answer leads past.")
    return None


def _none_of(answers: Sequence[OptionReference]) -> dict[str, Any]:
    tests = [{"is": {"question": question, "option": option}} for question, option in answers]
    return {"not": tests[0] if len(tests) == 1 else {"any": tests}}
