"""The types a question can have: the one place where a type is declared.

A type is one small class: what an answer looks like to the pure modules (`kind`), how it is shown, how what
came in is cleaned, what its author can set, what is counted, and what it becomes in an export. `register` makes it
known everywhere: to the document and the walk (surveys.questionnaire.document.QUESTION_KINDS), the builder, the runner,
results and exports.
"""

from surveys.questionnaire.document import QUESTION_KINDS, Question
from surveys.questionnaire.question_types.about_you import AboutYou
from surveys.questionnaire.question_types.base import (
    AnswerError,
    Label,
    Missing,
    QuestionType,
    ResultOption,
    Sent,
    Start,
    WrittenAnswer,
)
from surveys.questionnaire.question_types.choosing import OneChoice, Scale, SeveralChoices, YesNo
from surveys.questionnaire.question_types.living import Neighbourhood
from surveys.questionnaire.question_types.places import PlaceOnTheMap
from surveys.questionnaire.question_types.statements import Statements, Views
from surveys.questionnaire.question_types.values import Day, Number
from surveys.questionnaire.question_types.writing import LongText, OwnTopic, ShortText

TYPES: dict[str, QuestionType] = {}


def register(kind: type[QuestionType]) -> None:
    TYPES[kind.key] = kind()
    QUESTION_KINDS[kind.key] = kind.kind


for each in (
    OneChoice,
    SeveralChoices,
    Scale,
    YesNo,
    Number,
    Day,
    Neighbourhood,
    AboutYou,
    Statements,
    ShortText,
    LongText,
    OwnTopic,
    PlaceOnTheMap,
):
    register(each)


def type_of(question: Question) -> QuestionType:
    return TYPES[question.type]


def choices() -> list[tuple[str, Label]]:
    return [(key, kind.label) for key, kind in TYPES.items()]


__all__ = [
    "TYPES",
    "AnswerError",
    "Label",
    "Missing",
    "QuestionType",
    "ResultOption",
    "Sent",
    "Start",
    "Statements",
    "Views",
    "WrittenAnswer",
    "choices",
    "register",
    "type_of",
]
