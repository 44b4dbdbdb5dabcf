"""The published document of a poll: what SurveyVersion.document holds, as dataclasses.

The JSON (format 1)::

    {"format": 1, "survey": "12", "languages": ["nl", "en"],
     "title": {...}, "lead": {...}, "who_asks": {...}, "why": {...},
     "promise": {"text": {...}, "before": "2027-05-15"}, "influence": "advise",
     "influence_text": {...}, "erase_on": "2027-12-01", "backers": [...], "owner_role": {...},
     "areas": ["3", "4"], "expectation": {...} or null, "without_contact": false,
     "layers": [{"id": "5", "title": {...}, "lead": {...}, "theme": "7" or null, "first": true,
       "one_page": false, "condition": null or {...}, "seconds": 38,
       "questions": [{"id": "9", "type": "one_choice", "text": {...}, "hint": {...}, "purpose": {...},
         "use": {...}, "owner": {...}, "asks_needs": true, "theme": null, "condition": null,
         "skip": "skip" | "dont_know" | "rather_not", "settings": {}, "retired": false,
         "options": [{"id": "31", "label": {...}, "hint": {...}, "theme": "7" or null,
                      "dont_know": false, "retired": false,
                      "then": "" | "<question id>" | "end"}]}]}]}

`{...}` is a text per language (`{"nl": "...", "en": "..."}`). Ids are database ids as strings, unique
in the whole document among their kind; a yes/no question lists its two options like any other. Questions
that `then` skips have the condition for it already (surveys.questionnaire.walk); `then` is kept to draw
the flow. Texts and hints of questions may hold tokens for earlier answers (surveys.questionnaire.piping).

The answers of a response, by question id::

    {"9": "31"}                              one choice, scale, yes/no (also a "don't know" option), about you
    {"9": "area:12"}                         a neighbourhood: the options of that type are made from areas
    {"10": {"31": true, "32": true}}         several choices
    {"11": {"text": "<contribution uuid>"}}  texts, also those with a place on the map
    {"12": {"n": 3}}                         a number
    {"13": {"day": "2026-05-01"}}            a date
    {"14": {"7": "agree", "8": "pass"}}      views on statements by id; "text" refers to the respondent's own one,
                                             and "more": true says that others are still to come
    {"9": null}                              skipped on purpose

The dataclasses are frozen, but the texts and settings in them are the mappings of the JSON itself: treat
them as read-only. Parsing takes some 20 microseconds a question; callers cache the result per version,
because a version never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from core.i18n import Texts
from surveys.questionnaire import conditions, piping
from surveys.questionnaire.conditions import Condition

FORMAT = 1

Answers = Mapping[str, Any]


class DocumentError(ValueError):
    """An unreadable document; the message says where and what."""


class Shape(StrEnum):
    """The form of a stored answer; counting and conditions depend on nothing else of it."""

    ONE = "one"
    MANY = "many"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    VIEWS = "views"


@dataclass(frozen=True)
class QuestionKind:
    """What the pure modules need to know of a question type.

    `seconds` is the time one answer takes on a PC; see surveys.questionnaire.walk for phones. A closed
    question takes about 10 s (Pew 2022). For other types no figure of that quality exists: values other than
    10 are our own estimates, to be replaced by measured durations.
    """

    shape: Shape
    ordered: bool = False
    seconds: int = 10


QUESTION_KINDS: dict[str, QuestionKind] = {}
"""Kinds by type key. Filled by surveys.questionnaire.question_types, the one place where a type is declared."""


@dataclass(frozen=True)
class Option:
    id: str
    label: Texts
    hint: Texts
    theme: str | None
    dont_know: bool
    retired: bool = False
    then: str = ""


@dataclass(frozen=True)
class Question:
    """`owner` is a text per language (a role, never a name); `skip` is the wording of the skip button.

    In `text` and `hint` tokens for earlier answers are replaced by their fallbacks; `tokens` has the texts
    with tokens.
    """

    id: str
    type: str
    text: Texts
    hint: Texts
    purpose: Texts
    use: Texts
    owner: Texts
    asks_needs: bool
    theme: str | None
    condition: Condition | None
    skip: str
    settings: Mapping[str, Any]
    retired: bool
    options: tuple[Option, ...]
    tokens: tuple[Texts, Texts] = ({}, {})

    @cached_property
    def kind(self) -> QuestionKind:
        return QUESTION_KINDS[self.type]

    @cached_property
    def shape(self) -> Shape:
        return QUESTION_KINDS[self.type].shape

    @property
    def piped(self) -> frozenset[str]:
        """Ids of the questions whose answers are piped into its text or hint."""
        return piping.piped_question_ids(*self.tokens)

    @cached_property
    def offered(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if not option.retired)

    @property
    def option_ids(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)

    def option(self, id: str) -> Option | None:
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True)
class Layer:
    """`seconds` is the length stated at publication; surveys.questionnaire.walk tells what is left for one
    respondent.
    """

    id: str
    title: Texts
    lead: Texts
    theme: str | None
    first: bool
    one_page: bool
    condition: Condition | None
    seconds: int
    questions: tuple[Question, ...]

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if not question.retired)


@dataclass(frozen=True)
class Document:
    """One published version. `before` and `erase_on` are ISO days; `backers` as the JSON has them; `by_question`
    has layer and question by the id of the question.
    """

    survey: str
    languages: tuple[str, ...]
    title: Texts
    lead: Texts
    who_asks: Texts
    why: Texts
    promise: Texts
    before: str
    influence: str
    influence_text: Texts
    erase_on: str
    backers: tuple[Any, ...]
    owner_role: Texts
    areas: tuple[str, ...]
    expectation: Mapping[str, Any] | None
    without_contact: bool
    layers: tuple[Layer, ...]
    _layers: Mapping[str, Layer] = field(repr=False, compare=False)
    by_question: Mapping[str, tuple[Layer, Question]] = field(repr=False, compare=False)
    _options: Mapping[str, tuple[Question, Option]] = field(repr=False, compare=False)

    def layer(self, id: str) -> Layer:
        """Raises KeyError if there is none (as do question and option)."""
        return self._layers[id]

    def question(self, id: str) -> Question:
        return self.by_question[id][1]

    def option(self, id: str) -> Option:
        """The option with this id. Generated ids ("yes", "no") occur in several questions: use
        Question.option for those.
        """
        return self._options[id][1]

    def layer_of(self, question: Question | str) -> Layer:
        return self.by_question[question if isinstance(question, str) else question.id][0]

    def question_of(self, option: Option | str) -> Question:
        return self._options[option if isinstance(option, str) else option.id][0]

    def has_layer(self, id: str) -> bool:
        return id in self._layers

    def has_question(self, id: str) -> bool:
        return id in self.by_question

    @cached_property
    def first_layer(self) -> Layer:
        """The layer marked first, else the first in order."""
        return next((layer for layer in self.layers if layer.first), self.layers[0])

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in order, including retired ones."""
        return tuple(question for layer in self.layers for question in layer.questions)


def parse(raw: object) -> Document:
    """Parse a document from its JSON value.

    Raises DocumentError with a sentence if the value is not a document of this format, and ConditionError if
    one of its conditions is unreadable.
    """
    data = _mapping(raw, "the document")
    if data.get("format") != FORMAT:
        raise DocumentError(f"This document has format {data.get('format')!r}; this version reads {FORMAT}.")
    raw_layers = [_mapping(layer, "a layer") for layer in _list(data, "layers")]
    if not raw_layers:
        raise DocumentError("The document has no layer; a poll needs at least one.")
    points = _points(raw_layers)
    layers = tuple(_layer(layer, points) for layer in raw_layers)
    promise = _mapping(data.get("promise") or {}, "promise")
    pairs = [(layer, question) for layer in layers for question in layer.questions]
    return Document(
        survey=str(data.get("survey", "")),
        languages=tuple(str(code) for code in _list(data, "languages")),
        title=_texts(data, "title"),
        lead=_texts(data, "lead"),
        who_asks=_texts(data, "who_asks"),
        why=_texts(data, "why"),
        promise=_texts(promise, "text"),
        before=str(promise.get("before") or ""),
        influence=str(data.get("influence") or ""),
        influence_text=_texts(data, "influence_text"),
        erase_on=str(data.get("erase_on") or ""),
        backers=tuple(_list(data, "backers")),
        owner_role=_texts(data, "owner_role"),
        areas=tuple(str(area) for area in _list(data, "areas")),
        expectation=_mapping(data["expectation"], "expectation") if data.get("expectation") else None,
        without_contact=bool(data.get("without_contact")),
        layers=layers,
        _layers={layer.id: layer for layer in layers},
        by_question={question.id: (layer, question) for layer, question in pairs},
        _options={option.id: (question, option) for _, question in pairs for option in question.options},
    )


def _points(raw_layers: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    points: dict[str, tuple[str, ...]] = {}
    for layer in raw_layers:
        for raw in _list(layer, "questions"):
            question = _mapping(raw, "a question")
            options = [_mapping(option, "an option") for option in _list(question, "options")]
            # "I don't know" is not on the scale, so it is never "more than" anything.
            places = [option for option in options if not option.get("dont_know")]
            points[_id(question, "question")] = tuple(_id(option, "option") for option in places)
    return points


def _layer(raw: Mapping[str, Any], points: conditions.Points) -> Layer:
    return Layer(
        id=_id(raw, "layer"),
        title=_texts(raw, "title"),
        lead=_texts(raw, "lead"),
        theme=_optional_id(raw, "theme"),
        first=bool(raw.get("first")),
        one_page=bool(raw.get("one_page")),
        condition=conditions.parse(raw.get("condition"), points),
        seconds=raw["seconds"] if isinstance(raw.get("seconds"), int) else 0,
        questions=tuple(_question(question, points) for question in _list(raw, "questions")),
    )


def _question(raw: Mapping[str, Any], points: conditions.Points) -> Question:
    id = _id(raw, "question")
    if not isinstance(raw.get("type"), str) or raw["type"] not in QUESTION_KINDS:
        raise DocumentError(
            f"Question {id} has type {raw.get('type')!r}; known are {', '.join(QUESTION_KINDS)}."
        )
    return Question(
        id=id,
        type=raw["type"],
        text=piping.without_tokens(_texts(raw, "text")),
        hint=piping.without_tokens(_texts(raw, "hint")),
        tokens=(_texts(raw, "text"), _texts(raw, "hint")),
        purpose=_texts(raw, "purpose"),
        use=_texts(raw, "use"),
        owner=_texts(raw, "owner"),
        asks_needs=bool(raw.get("asks_needs")),
        theme=_optional_id(raw, "theme"),
        condition=conditions.parse(raw.get("condition"), points),
        skip=str(raw.get("skip") or "skip"),
        settings=_mapping(raw.get("settings") or {}, "settings"),
        retired=bool(raw.get("retired")),
        options=tuple(_option(option) for option in _list(raw, "options")),
    )


def _option(raw: Mapping[str, Any]) -> Option:
    return Option(
        id=_id(raw, "option"),
        label=_texts(raw, "label"),
        hint=_texts(raw, "hint"),
        theme=_optional_id(raw, "theme"),
        dont_know=bool(raw.get("dont_know")),
        retired=bool(raw.get("retired")),
        then=str(raw.get("then") or ""),
    )


def _mapping(raw: object, what: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise DocumentError(f"In a published document {what} must be an object, not {type(raw).__name__}.")
    return raw


def _list(raw: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = raw.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise DocumentError(f"In a published document {key} must be a list, not {type(value).__name__}.")
    return value


def _texts(raw: Mapping[str, Any], key: str) -> Texts:
    value = raw.get(key)
    return {} if value is None else _mapping(value, f"{key} (a text per language)")


def _id(raw: Mapping[str, Any], what: str) -> str:
    value = raw.get("id")
    if not isinstance(value, str) or not value:
        raise DocumentError(f"A {what} has the id {value!r}; ids are database ids as text.")
    return value


def _optional_id(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    return None if value is None else str(value)
