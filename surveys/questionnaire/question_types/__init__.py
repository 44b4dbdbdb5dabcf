"""The question types: the one place where a type is declared.

A type is one small class: the form of its answers for the pure modules (`kind`), how it is shown, how input
is cleaned, what its author can set, what is counted, and how it is exported. `register` makes it known
everywhere: to the document and the walk (surveys.questionnaire.document.QUESTION_KINDS), the builder, the
runner, results and exports.
"""

from surveys.questionnaire.question_types.about_you import AboutYou, Neighbourhood
from surveys.questionnaire.question_types.base import (
    QUESTION_TYPES,
    AnswerError,
    IncompletePage,
    Label,
    LongText,
    MissingSetting,
    OneChoice,
    OwnTopic,
    QuestionType,
    ResultOption,
    Scale,
    SeveralChoices,
    ShortText,
    StartingOption,
    SubmittedData,
    WrittenAnswer,
    YesNo,
    home_area,
    read_page,
    register,
    type_of,
)
from surveys.questionnaire.question_types.statements import Statements, StatementViews
from surveys.questionnaire.question_types.values import DayQuestion, NumberQuestion, PlaceOnTheMap

for each in (
    OneChoice,
    SeveralChoices,
    Scale,
    YesNo,
    NumberQuestion,
    DayQuestion,
    Neighbourhood,
    AboutYou,
    Statements,
    ShortText,
    LongText,
    OwnTopic,
    PlaceOnTheMap,
):
    register(each)


def choices() -> list[tuple[str, Label]]:
    return [(key, kind.label) for key, kind in QUESTION_TYPES.items()]


__all__ = [
    "QUESTION_TYPES",
    "AnswerError",
    "IncompletePage",
    "Label",
    "MissingSetting",
    "QuestionType",
    "ResultOption",
    "StartingOption",
    "StatementViews",
    "Statements",
    "SubmittedData",
    "WrittenAnswer",
    "choices",
    "home_area",
    "read_page",
    "register",
    "type_of",
]
