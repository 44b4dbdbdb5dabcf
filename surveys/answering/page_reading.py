"""Reading what was sent for one page of questions. Needs no request and no database."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from surveys.questionnaire.document import Question, Shape
from surveys.questionnaire.question_types import AnswerError, type_of


class IncompletePage(Exception):
    """The input can't be saved as it is: `errors` by question id, or a kind `nudge`."""

    def __init__(self, errors: Mapping[str, AnswerError], *, nudge: bool = False) -> None:
        self.errors, self.nudge = errors, nudge


def read_page(page: tuple[Question, ...], data: QueryDict) -> dict[str, Any]:
    """The cleaned answers of a page by question id; None for a skipped question. Raises IncompletePage."""
    if data.get("go") == "skip":
        return {asked.id: None for asked in page}
    values: dict[str, Any] = {}
    errors: dict[str, AnswerError] = {}
    for asked in page:
        try:
            values[asked.id] = type_of(asked).clean(asked, data)
        except AnswerError as error:
            errors[asked.id] = error
    if errors:
        raise IncompletePage(errors)
    if "nudged" not in data and _is_empty(page, values):
        raise IncompletePage({}, nudge=True)
    return values


def _is_empty(page: tuple[Question, ...], values: Mapping[str, Any]) -> bool:
    """Nothing chosen on a page with choices: the page asks once whether that is intended."""
    return all(value is None for value in values.values()) and any(
        question.shape not in (Shape.TEXT, Shape.VIEWS) for question in page
    )
