"""Conditions on questions and layers: a small tree over earlier questions.

As JSON (in the draft and in the published document) a condition is one of::

    {"any": [condition, ...]}                               at least one of them
    {"all": [condition, ...]}                               each of them
    {"not": condition}
    {"answered": "9"}                                       question 9 has an answer (skipping is none)
    {"is": {"question": "9", "option": "31"}}               the answer to 9 is option 31
    {"includes": {"question": "10", "option": "41"}}        41 is among the options chosen at 10
    {"more_than": {"question": "12", "option": "52"}}       further along the scale of 12 than point 52
    {"at_least": {"question": "14", "n": 3}}                the number given at 14 is 3 or more
    {"in_area": ["3", "4"]}                                 the respondent's area, or one it lies in
    {"respondent": ["organisation", "entrepreneur"]}        who is answering

Ids are database ids as strings. Labels and positions never occur: both change, and then answers would
be read under the wrong condition. A scale's order is looked up once, when the condition is read.

One evaluator serves the runner, the preview, the results ("asked of") and the check at publication.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 20
"""Deeper trees are refused: nobody could read them, and parsing one must not exhaust the stack."""

MAX_PARTS = 200
"""Maximum number of parts in a tree."""


class ConditionError(ValueError):
    """An unreadable condition. The message is a sentence that says what to change."""


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    part: "Condition"


@dataclass(frozen=True)
class Answered:
    question: str


@dataclass(frozen=True)
class Is:
    question: str
    option: str


@dataclass(frozen=True)
class Includes:
    question: str
    option: str


@dataclass(frozen=True)
class MoreThan:
    """`beyond` holds the points after `option`; derived from the document, so excluded from equality."""

    question: str
    option: str
    beyond: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class AtLeast:
    question: str
    n: int


@dataclass(frozen=True)
class InArea:
    areas: frozenset[str]


@dataclass(frozen=True)
class RespondentIs:
    kinds: frozenset[str]


Condition = AnyOf | AllOf | Not | Answered | Is | Includes | MoreThan | AtLeast | InArea | RespondentIs

Points = Mapping[str, Sequence[str]]
"""Question id -> ids of its options in order; needed for `more_than`."""


def leaves(condition: Condition | None) -> Iterator[Condition]:
    """The leaf tests of a condition, without `any`, `all` and `not`, in reading order."""
    match condition:
        case None:
            return
        case AnyOf(parts) | AllOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield condition


def references(condition: Condition | None) -> tuple[str, ...]:
    """Ids of the questions a condition asks about, each once, in reading order."""
    found = (
        leaf.question
        for leaf in leaves(condition)
        if isinstance(leaf, Answered | Is | Includes | MoreThan | AtLeast)
    )
    return tuple(dict.fromkeys(found))


def parse(raw: object, points: Points | None = None) -> Condition | None:
    """Parse a condition from its JSON value; None stays None.

    `points` gives the order of the options per question; without it `more_than` is never true. Any malformed
    value raises ConditionError with a sentence.
    """
    if raw is None:
        return None
    return _Reader(points or {}).read(raw, depth=0)


def rename_condition_ids(tree: Any, question: Callable[[str], str], option: Callable[[str, str], str]) -> Any:
    """The condition, as JSON, with questions and options renamed.

    `option` is called with the old ids of question and option. Anything that is not a condition stays as it
    is.
    """
    match tree:
        case {"any": [*parts]} | {"all": [*parts]}:
            return {next(iter(tree)): [rename_condition_ids(part, question, option) for part in parts]}
        case {"not": part}:
            return {"not": rename_condition_ids(part, question, option)}
        case {"answered": str(id)}:
            return {"answered": question(id)}
        case dict() if len(tree) == 1:
            ((test, pair),) = tree.items()
            match pair:
                case {"question": str(id), "option": str(chosen)}:
                    return {test: {"question": question(id), "option": option(id, chosen)}}
                case {"question": str(id), **more}:
                    return {test: {"question": question(id), **more}}
    return tree


def to_json(condition: Condition | None) -> object:
    """The JSON value of a condition; `parse(to_json(c)) == c`."""
    match condition:
        case None:
            return None
        case AnyOf(parts):
            return {"any": [to_json(part) for part in parts]}
        case AllOf(parts):
            return {"all": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Answered(question):
            return {"answered": question}
        case Is(question, option):
            return {"is": {"question": question, "option": option}}
        case Includes(question, option):
            return {"includes": {"question": question, "option": option}}
        case MoreThan(question, option):
            return {"more_than": {"question": question, "option": option}}
        case AtLeast(question, least):
            return {"at_least": {"question": question, "n": least}}
        case InArea(areas):
            return {"in_area": sorted(areas)}
        case RespondentIs(kinds):
            return {"respondent": sorted(kinds)}


class _Reader:
    """Parses one tree; counts its parts so that a huge one is refused early."""

    def __init__(self, points: Points) -> None:
        self.points = points
        self.parts = 0
        self.readers: Mapping[str, Callable[[object, int], Condition]] = {
            "any": lambda value, depth: AnyOf(self._list(value, "any", depth)),
            "all": lambda value, depth: AllOf(self._list(value, "all", depth)),
            "not": lambda value, depth: Not(self.read(value, depth + 1)),
            "answered": lambda value, depth: Answered(_id(value, "answered")),
            "is": lambda value, depth: Is(*_pair(value, "is")),
            "includes": lambda value, depth: Includes(*_pair(value, "includes")),
            "more_than": lambda value, depth: self._more_than(value),
            "at_least": lambda value, depth: _at_least(value),
            "in_area": lambda value, depth: InArea(_ids(value, "in_area")),
            "respondent": lambda value, depth: RespondentIs(_ids(value, "respondent")),
        }

    def read(self, raw: object, depth: int) -> Condition:
        self.parts += 1
        if depth > MAX_DEPTH:
            raise ConditionError(f"The condition is nested more than {MAX_DEPTH} deep; make it simpler.")
        if self.parts > MAX_PARTS:
            raise ConditionError(f"The condition has more than {MAX_PARTS} parts; make it simpler.")
        if not isinstance(raw, Mapping):
            raise ConditionError("A condition must be an object with one key, such as answered or any.")
        if len(raw) != 1:
            raise ConditionError(f"A condition must have exactly one key; this one has {len(raw)}.")
        ((key, value),) = raw.items()
        reader = self.readers.get(key) if isinstance(key, str) else None
        if reader is None:
            known = ", ".join(self.readers)
            raise ConditionError(f"{str(key)[:40]!r} is no kind of condition; use one of {known}.")
        return reader(value, depth)

    def _list(self, value: object, key: str, depth: int) -> tuple[Condition, ...]:
        if not isinstance(value, list | tuple) or not value:
            raise ConditionError(f"{key} needs a list with at least one condition.")
        return tuple(self.read(part, depth + 1) for part in value)

    def _more_than(self, value: object) -> MoreThan:
        question, option = _pair(value, "more_than")
        order = list(self.points.get(question, ()))
        beyond = frozenset(order[order.index(option) + 1 :]) if option in order else frozenset()
        return MoreThan(question, option, beyond)


def _id(value: object, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConditionError(f"{key} needs the id of something, as text.")
    return value


def _pair(value: object, key: str) -> tuple[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"question", "option"}:
        raise ConditionError(f"{key} needs a question and an option.")
    return _id(value["question"], key), _id(value["option"], key)


def _at_least(value: object) -> AtLeast:
    if not isinstance(value, Mapping) or set(value) != {"question", "n"}:
        raise ConditionError("at_least needs a question and a number n.")
    if not isinstance(value["n"], int) or isinstance(value["n"], bool):
        raise ConditionError("at_least needs a whole number.")
    return AtLeast(_id(value["question"], "at_least"), value["n"])


def _ids(value: object, key: str) -> frozenset[str]:
    if not isinstance(value, Collection) or isinstance(value, str | Mapping) or not value:
        raise ConditionError(f"{key} needs a list with at least one id.")
    return frozenset(_id(item, key) for item in value)
