"""Free text. It is stored in a contribution; the response keeps the contribution's id."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    QuestionType,
    Sent,
    WrittenAnswer,
)


class Writing(QuestionType):
    """Free text, stored as a contribution."""

    template = "surveys/answer/types/words.html"

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        text = cleaned_text(str(data.get(self.field(question)) or ""), self.max_length)
        return WrittenAnswer(text) if text else None

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [text]


class ShortText(Writing):
    key = "short_text"
    label = gettext_lazy("a few words")
    kind = QuestionKind(Shape.TEXT, seconds=20)
    max_length = 200


class LongText(Writing):
    key = "long_text"
    label = gettext_lazy("a longer text")
    kind = QuestionKind(Shape.TEXT, seconds=45)
    max_length = 2_000


class OwnTopic(LongText):
    """“What did we not ask?”, with a choice of theme, so that it is found sooner."""

    key = "own_topic"
    label = gettext_lazy("own topic: what did we not ask?")
    template = "surveys/answer/types/own_topic.html"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "ask_theme": forms.BooleanField(
                label=gettext_lazy("Let people choose a theme with it"), required=False, initial=True
            )
        }

    def theme_field(self, question: Question) -> str:
        return f"{self.field(question)}-theme"

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        words = super().clean(question, data)
        if not isinstance(words, WrittenAnswer):
            return words
        return WrittenAnswer(
            words.text, str(data.get(self.theme_field(question)) or "").replace("\0", "")[:50]
        )


def cleaned_text(typed: str, most: int) -> str:
    """The trimmed text, "" for nothing. Raises AnswerError if it is longer than `most` characters."""
    # Phones send line ends as \r\n, which would count double; PostgreSQL refuses NUL.
    text = typed.replace("\r\n", "\n").replace("\0", "").strip()
    if too_long := max(0, len(text) - most):
        raise AnswerError(
            ngettext(
                "Your text is %(count)s character too long. We kept it all; shorten it a little.",
                "Your text is %(count)s characters too long. We kept it all; shorten it a little.",
                too_long,
            )
            % {"count": too_long}
        )
    return text
