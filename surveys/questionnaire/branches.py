"""Branching: turns the “then go to” of options into conditions.

An author says per answer where it leads: to the next question, to a later one of the layer, or to its end.
When the draft is frozen, each question that an answer skips gets the condition that this answer was not
chosen. So the walk, the results and the check at publication know conditions alone, and the flow can be drawn
from the options.

Only single-choice questions branch: several chosen answers could lead to different places.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from surveys.questionnaire.document import Shape

END = "end"
"""The end of the layer."""

OptionReference = tuple[str, str]
"""(question id, option id)."""


class Leads(Protocol):
    """An option of a document or of a plan."""

    @property
    def id(self) -> str: ...
    @property
    def then(self) -> str: ...


class Asks(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def shape(self) -> Shape | None: ...
    @property
    def offered(self) -> Sequence[Leads]: ...


class Asking(Protocol):
    """A layer with the questions asked in it."""

    @property
    def asked(self) -> Sequence[Asks]: ...


def has_ways(question: Asks) -> bool:
    return question.shape is Shape.ONE


def goal(layer: Asking, question: Asks, option: Leads) -> int | None:
    """Index in `layer.asked` to which an answer leads; len(layer.asked) is the end of the layer.

    None if the target is invalid: earlier, in another layer, or removed.
    """
    asked = layer.asked
    here = asked.index(question)
    if not option.then:
        return here + 1
    if option.then == END:
        return len(asked)
    return next((place for place in range(here + 1, len(asked)) if asked[place].id == option.then), None)


def passed_by(layer: Asking) -> Mapping[str, list[OptionReference]]:
    """Question id -> the answers that skip it."""
    found: defaultdict[str, list[OptionReference]] = defaultdict(list)
    for here, question in enumerate(layer.asked):
        if not has_ways(question):
            continue
        for option in question.offered:
            for passed in layer.asked[here + 1 : goal(layer, question, option) or 0]:
                found[passed.id].append((question.id, option.id))
    return found


def without(condition: Any, answers: Sequence[OptionReference]) -> Any:
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


def own(condition: Any, answers: Sequence[OptionReference]) -> Any:
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
