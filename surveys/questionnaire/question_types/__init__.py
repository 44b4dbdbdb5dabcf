"""The question types: the one place where a type is declared.

A type is one small class: the form of its answers for the pure modules (`kind`), how it is shown, how input
is cleaned, what its author can set, what is counted, and how it is exported. `register` makes it known
everywhere: to the document and the walk (surveys.questionnaire.document.QUESTION_KINDS), the builder, the
runner, results and exports.
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
