"""Checks whether the conditions of a document can work: what publication refuses, and why.

Finds bad references (unknown, to something later, circular, to something retired, of the wrong kind),
duplicate ids, and what nobody can ever reach.

A question is reachable when some person, on the path and at one moment, has the answers that its condition
and its layer's condition ask for, where every answer used was itself asked of that person. This is decided by
search: only questions that matter are tried, each with one value per group of options that no condition tells
apart, in document order, pruning a branch as soon as the goal can no longer come true. The search is exact
within MAX_STEPS; beyond that (conditions over dozens of questions) it stops undecided, and undecided is not
reported as unreachable. It does not model two things: that somebody goes back and changes an earlier answer
after finishing a layer (so "unreachable" means on a straight path), and how areas are nested, unless told.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any

from surveys.questionnaire import piping, walk
from surveys.questionnaire.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    InArea,
    Includes,
    Is,
    MoreThan,
    Not,
    RespondentIs,
    leaves,
    references,
)
from surveys.questionnaire.counting import bounds
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.walk import Context, evaluate

PIPEABLE_SHAPES = frozenset({Shape.ONE, Shape.MANY, Shape.NUMBER})

MAX_STEPS = 20_000
"""Maximum number of values tried per question; some 0.2 s."""

MAX_BITS = 12
"""Maximum number of options of one several-choices question, or of areas, that conditions may tell apart;
4,096 combinations.
"""

RESPONDENTS = ("resident", "organisation", "entrepreneur")

AreaAncestors = Mapping[str, frozenset[str]]
"""Area id -> ids of the areas that contain it, for every area a respondent may have."""


class ProblemCode(StrEnum):
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_OPTION = "unknown_option"
    UNKNOWN_RESPONDENT = "unknown_respondent"
    WRONG_TEST = "wrong_test"
    RETIRED = "retired"
    FORWARD = "forward"
    CIRCULAR = "circular"
    EMPTY_LAYER = "empty_layer"
    UNREACHABLE_LAYER = "unreachable_layer"
    UNREACHABLE_QUESTION = "unreachable_question"
    LEADS_NOWHERE = "leads_nowhere"
    PASSED_BY_ALL = "passed_by_all"
    PIPED_BROKEN = "piped_broken"
    PIPED_EMPTY = "piped_empty"
    PIPED_UNKNOWN = "piped_unknown"
    PIPED_WORDS = "piped_words"
    PIPED_LATER = "piped_later"
    PIPED_NOT_ALWAYS = "piped_not_always"


@dataclass(frozen=True)
class SoundnessProblem:
    """One problem, at a layer or at one of its questions.

    `params` are for the message: `refers_to` (question id), `option`, `test` (is, includes, more_than) and
    `kind`, as far as the code needs them.
    """

    code: ProblemCode
    layer: str
    question: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Witness:
    """Answers and a context that reach a question or layer: proof that it is reachable."""

    answers: Mapping[str, Any]
    context: Context


class SearchLimitReached(Exception):
    """The search took more than MAX_STEPS; the result is unknown."""


def soundness_problems(document: Document, around: AreaAncestors | None = None) -> list[SoundnessProblem]:
    """All problems in document order; empty if the document can be published.

    `around` gives how areas are nested; without it any combination of areas is considered possible, which
    never reports something reachable as unreachable.
    """
    found = list(_duplicates(document))
    if found:
        return found  # duplicate ids make all later checks meaningless
    faulty = {}
    for layer, question in _places(document):
        if question is not None and question.retired:
            continue  # never asked, whatever its condition says
        faults = list(_faults(document, layer, question))
        faulty[_node(layer, question)] = bool(faults)
        found += faults
        if question is None:
            found += _ways(layer)
    search = _Search(document, around)
    for layer, question in _places(document):
        if question is not None and not question.retired and not faulty[_node(layer, question)]:
            found += _pipes(search, layer, question)
    for layer in document.layers:
        found += _dead_ends(search, layer, faulty)
    order = {(one.id, q.id if q else None): i for i, (one, q) in enumerate(_places(document))}
    return sorted(found, key=lambda problem: order[problem.layer, problem.question])


def witness(
    document: Document, layer: Layer, question: Question | None = None, around: AreaAncestors | None = None
) -> Witness | None:
    """Answers and a context that reach this layer or question, or None if it is unreachable.

    Raises Undecided if the search takes too long. The references must be sound (no other problems).
    """
    return _Search(document, around).witness(layer, question)


def _places(document: Document) -> Iterator[tuple[Layer, Question | None]]:
    for layer in document.layers:
        yield layer, None
        for question in layer.questions:
            yield layer, question


def _duplicates(document: Document) -> Iterator[SoundnessProblem]:
    layers: set[str] = set()
    questions: set[str] = set()
    for layer, question in _places(document):
        if question is None:
            if layer.id in layers:
                yield SoundnessProblem(ProblemCode.DUPLICATE_ID, layer.id)
            layers.add(layer.id)
            continue
        if question.id in questions:
            yield SoundnessProblem(ProblemCode.DUPLICATE_ID, layer.id, question.id)
        questions.add(question.id)
        ids = question.option_ids
        for option in sorted({id for id in ids if ids.count(id) > 1}):
            yield SoundnessProblem(ProblemCode.DUPLICATE_ID, layer.id, question.id, {"option": option})


# --- references -------------------------------------------------------------------------------


def _faults(document: Document, layer: Layer, question: Question | None) -> Iterator[SoundnessProblem]:
    condition = question.condition if question else layer.condition
    id = question.id if question else None
    for leaf in leaves(condition):
        for code, params in _leaf_faults(document, leaf):
            yield SoundnessProblem(code, layer.id, id, params)
    for other in references(condition):
        if document.has_question(other) and not _is_earlier(document, other, layer, question):
            code = (
                ProblemCode.CIRCULAR if _leads_to(document, other, layer, question) else ProblemCode.FORWARD
            )
            yield SoundnessProblem(code, layer.id, id, {"refers_to": other})


def _leaf_faults(document: Document, leaf: Condition) -> Iterator[tuple[ProblemCode, dict[str, str]]]:
    if isinstance(leaf, RespondentIs):
        for kind in sorted(leaf.kinds - set(RESPONDENTS)):
            yield ProblemCode.UNKNOWN_RESPONDENT, {"kind": kind}
    for id in references(leaf):
        if not document.has_question(id):
            yield ProblemCode.UNKNOWN_QUESTION, {"refers_to": id}
            continue
        other = document.question(id)
        if other.retired:
            yield ProblemCode.RETIRED, {"refers_to": id}
        if isinstance(leaf, AtLeast) and other.shape is not Shape.NUMBER:
            yield ProblemCode.WRONG_TEST, {"refers_to": id, "test": "at_least"}
        if isinstance(leaf, Is | Includes | MoreThan):
            test, suits = _suits(leaf, other)
            option = other.option(leaf.option)
            if not suits:
                yield ProblemCode.WRONG_TEST, {"refers_to": id, "test": test}
            elif option is None:
                yield ProblemCode.UNKNOWN_OPTION, {"refers_to": id, "option": leaf.option}
            elif option.retired:
                yield ProblemCode.RETIRED, {"refers_to": id, "option": leaf.option}


def _suits(leaf: Is | Includes | MoreThan, question: Question) -> tuple[str, bool]:
    match leaf:
        case Is():
            return "is", question.shape is Shape.ONE
        case Includes():
            return "includes", question.shape is Shape.MANY
        case MoreThan():
            return "more_than", question.kind.ordered


def _is_earlier(document: Document, other: str, layer: Layer, question: Question | None) -> bool:
    """Whether question `other` comes before this question, or in a layer before this layer."""
    if question is not None and document.layer_of(other) is layer:
        ids = [one.id for one in layer.questions]
        return ids.index(other) < ids.index(question.id)
    ids = [one.id for one in document.layers]
    return ids.index(document.layer_of(other).id) < ids.index(layer.id)


def _node(layer: Layer, question: Question | None) -> tuple[str, str]:
    return ("question", question.id) if question else ("layer", layer.id)


def _needs(document: Document, node: tuple[str, str]) -> list[tuple[str, str]]:
    """What this question or layer depends on: the questions it asks about and, for a question, its layer."""
    kind, id = node
    if kind == "layer":
        return [("question", other) for other in references(document.layer(id).condition)]
    if not document.has_question(id):
        return []
    asked = [("question", other) for other in references(document.question(id).condition)]
    return [*asked, ("layer", document.layer_of(id).id)]


def _closure(document: Document, start: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    to_do = list(start)
    while to_do:
        node = to_do.pop()
        if node not in seen:
            seen.add(node)
            to_do += _needs(document, node)
    return seen


def _leads_to(document: Document, other: str, layer: Layer, question: Question | None) -> bool:
    return _node(layer, question) in _closure(document, [("question", other)])


# --- ways and pipes ---------------------------------------------------------------------------


def _ways(layer: Layer) -> Iterator[SoundnessProblem]:
    """Branches that lead back or nowhere, and questions that every answer skips."""
    passed_by = walk.skipping_answers(layer)
    for question in layer.asked:
        for option in question.offered:
            if option.then and (
                not walk.can_branch(question) or walk.branch_target(layer, question, option) is None
            ):
                params = {"option": option.id, "refers_to": option.then}
                yield SoundnessProblem(ProblemCode.LEADS_NOWHERE, layer.id, question.id, params)
        passed = Counter(other for other, _option in passed_by.get(question.id, ()))
        for other in layer.asked:
            if passed[other.id] and passed[other.id] == len(other.offered):
                yield SoundnessProblem(
                    ProblemCode.PASSED_BY_ALL, layer.id, question.id, {"refers_to": other.id}
                )


def _pipes(search: "_Search", layer: Layer, question: Question) -> Iterator[SoundnessProblem]:
    """Tokens for answers that cannot be piped into this text."""
    for text in (words for texts in question.tokens for words in texts.values()):
        if piping.is_broken(text):
            yield SoundnessProblem(ProblemCode.PIPED_BROKEN, layer.id, question.id)
        for token in piping.tokens(text):
            if not token.fallback:
                yield SoundnessProblem(
                    ProblemCode.PIPED_EMPTY, layer.id, question.id, {"refers_to": token.question}
                )
    for id in sorted(question.piped):
        if code := _pipe_fault(search, layer, question, id):
            yield SoundnessProblem(code, layer.id, question.id, {"refers_to": id})


def _pipe_fault(search: "_Search", layer: Layer, question: Question, id: str) -> ProblemCode | None:
    document = search.document
    if not document.has_question(id) or document.question(id).retired:
        return ProblemCode.PIPED_UNKNOWN
    other = document.question(id)
    if not may_be_piped(other.shape):
        return ProblemCode.PIPED_WORDS
    if not _is_earlier(document, id, layer, question):
        return ProblemCode.PIPED_LATER
    source = document.layer_of(other)
    if source is not layer and source is not document.first_layer:
        return ProblemCode.PIPED_NOT_ALWAYS  # deeper layers are optional, in any order
    try:
        can_be_missed = other.condition is not None and search.witness(layer, question, missing=other)
    except SearchLimitReached:
        return None
    return ProblemCode.PIPED_NOT_ALWAYS if can_be_missed else None


def may_be_piped(shape: Shape) -> bool:
    """Chosen or counted answers may be piped into a later text; words and places stay where they are stored."""
    return shape in PIPEABLE_SHAPES


# --- reachability -----------------------------------------------------------------------------


def _dead_ends(
    search: "_Search", layer: Layer, faulty: Mapping[tuple[str, str], bool]
) -> Iterator[SoundnessProblem]:
    """Unreachable parts of one layer, as far as its references are sound."""

    def is_sound(question: Question | None) -> bool:
        return not any(
            faulty.get(node, False) for node in _closure(search.document, [_node(layer, question)])
        )

    def is_dead(question: Question | None) -> bool:
        try:
            return is_sound(question) and search.witness(layer, question) is None
        except SearchLimitReached:
            return False

    if not layer.asked:
        yield SoundnessProblem(ProblemCode.EMPTY_LAYER, layer.id)
    elif is_dead(None):
        yield SoundnessProblem(ProblemCode.UNREACHABLE_LAYER, layer.id)
    else:
        for question in layer.asked:
            if is_dead(question):
                yield SoundnessProblem(ProblemCode.UNREACHABLE_QUESTION, layer.id, question.id)


class _Search:
    """Searches for a person who reaches a goal, by backtracking over the questions that matter to it."""

    def __init__(self, document: Document, around: AreaAncestors | None) -> None:
        self.document = document
        self.around = around
        self.steps = 0

    def witness(
        self, layer: Layer, question: Question | None, missing: Question | None = None
    ) -> Witness | None:
        """Somebody who gets here and, if `missing` is given, was not asked that question."""
        self.steps = 0
        goals = [] if layer is self.document.first_layer else [layer.condition]
        goals += [question.condition] if question else []
        start = [_node(layer, question)]
        if missing and missing.condition:
            goals.append(Not(missing.condition))
            start.append(_node(self.document.layer_of(missing), missing))
        nodes = _closure(self.document, start)
        conditions = [condition for node in nodes if (condition := self._condition(node)) is not None]
        asked = {id for condition in conditions for id in references(condition)}
        variables = [each for each in self.document.questions if each.id in asked and not each.retired]
        values = {each.id: _values(each, conditions) for each in variables}
        for context in self._contexts(conditions):
            answers = self._assign(goals, variables, values, {}, context)
            if answers is not None:
                return Witness(answers, context)
        return None

    def _condition(self, node: tuple[str, str]) -> Condition | None:
        kind, id = node
        return self.document.layer(id).condition if kind == "layer" else self.document.question(id).condition

    def _assign(
        self,
        goals: Sequence[Condition | None],
        variables: Sequence[Question],
        values: Mapping[str, Sequence[Any]],
        answers: dict[str, Any],
        context: Context,
    ) -> dict[str, Any] | None:
        """Answer `variables` one by one so that all goals hold; None if impossible."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise SearchLimitReached
        still_open = frozenset(each.id for each in variables)
        if not all(_can_be(goal, True, answers, still_open, context) for goal in goals):
            return None
        if not variables:
            return answers
        first, *rest = variables
        choices = values[first.id] if self._is_asked(first, answers, context) else ()
        for value in choices:
            found = self._assign(goals, rest, values, {**answers, first.id: value}, context)
            if found is not None:
                return found
        return self._assign(goals, rest, values, answers, context)

    def _is_asked(self, question: Question, answers: Mapping[str, Any], context: Context) -> bool:
        layer = self.document.layer_of(question)
        enters = layer is self.document.first_layer or evaluate(layer.condition, answers, context)
        return enters and evaluate(question.condition, answers, context)

    def _contexts(self, conditions: Sequence[Condition]) -> Iterator[Context]:
        """Every kind of respondent that the conditions can tell apart (or more)."""
        tests = [leaf for condition in conditions for leaf in leaves(condition)]
        kinds = RESPONDENTS if any(isinstance(leaf, RespondentIs) for leaf in tests) else RESPONDENTS[:1]
        areas = _distinct_areas(leaf.areas for leaf in tests if isinstance(leaf, InArea))
        if self.around is None and len(areas) > MAX_BITS:
            raise SearchLimitReached
        for kind in kinds:
            yield Context(respondent=kind)
            if not areas:
                continue
            if self.around is not None:
                for area, larger in self.around.items():
                    yield Context(area, kind, larger)
                continue
            for flags in product((True, False), repeat=len(areas)):
                inside = frozenset(area for area, flag in zip(areas, flags, strict=True) if flag)
                yield Context(respondent=kind, around=inside)


def _distinct_areas(groups: Iterable[frozenset[str]]) -> list[str]:
    """One area per group that the tests can tell apart."""
    tests = list(groups)
    kinds: dict[tuple[bool, ...], str] = {}
    for area in sorted(frozenset().union(*tests)):
        kinds.setdefault(tuple(area in test for test in tests), area)
    return list(kinds.values())


def _values(question: Question, conditions: Sequence[Condition]) -> list[Any]:
    """Stored values of a question that the conditions can tell apart, except no answer."""
    ids = [option.id for option in question.offered]
    tests = [
        leaf for condition in conditions for leaf in leaves(condition) if references(leaf) == (question.id,)
    ]
    match question.shape:
        case Shape.TEXT | Shape.VIEWS:
            return [{"text": "anything"}]
        case Shape.DAY:
            return [{"day": "2026-05-01"}]
        case Shape.NUMBER:
            least, most = bounds(question.settings)
            turns = {leaf.n for leaf in tests if isinstance(leaf, AtLeast)}
            return [{"n": n} for n in sorted({least} | {n for n in turns if least <= n <= most})]
    groups: dict[tuple[bool, ...], str] = {}
    for id in ids:
        value: Any = id if question.shape is Shape.ONE else {id: True}
        groups.setdefault(tuple(evaluate(test, {question.id: value}, Context()) for test in tests), id)
    if question.shape is Shape.ONE:
        return list(groups.values())
    if len(groups) > MAX_BITS:
        raise SearchLimitReached
    chosen = (
        {id: True for id, flag in zip(groups.values(), flags, strict=True) if flag}
        for flags in product((True, False), repeat=len(groups))
    )
    return [value for value in chosen if value]


def _can_be(
    condition: Condition | None,
    truth: bool,
    answers: Mapping[str, Any],
    still_open: frozenset[str],
    context: Context,
) -> bool:
    """Whether a condition may still evaluate to `truth`, whatever the open questions will be."""
    match condition:
        case AnyOf(parts):
            some_or_every = any if truth else all
            return some_or_every(_can_be(part, truth, answers, still_open, context) for part in parts)
        case AllOf(parts):
            some_or_every = all if truth else any
            return some_or_every(_can_be(part, truth, answers, still_open, context) for part in parts)
        case Not(part):
            return _can_be(part, not truth, answers, still_open, context)
        case _:
            open_yet = any(id in still_open for id in references(condition))
            return open_yet or evaluate(condition, answers, context) is truth
