"""Choosing among written answers: one, several, a point on a scale, yes or no."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.i18n import pick
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    Choosing,
    Sent,
    Start,
    check_option,
    label_of,
)


class One(Choosing):
    """Single choice."""

    template = "surveys/answer/types/choice.html"
    one_tap = True

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        chosen = str(data.get(self.field(question)) or "")
        return check_option(question, chosen) if chosen else None

    def said(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        return label_of(question, str(value), language) if value else None

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [label_of(question, str(value), language) if value else ""]


class OneChoice(One):
    key = "one_choice"
    label = gettext_lazy("one choice")
    kind = QuestionKind(Shape.ONE)


class Scale(One):
    key = "scale"
    label = gettext_lazy("scale, every point in words")
    kind = QuestionKind(Shape.ONE, ordered=True)

    def starting_options(self, settings: Mapping[str, Any]) -> list[Start]:
        return [
            Start({"nl": "Heel fijn", "en": "Very good"}),
            Start({"nl": "Fijn", "en": "Good"}),
            Start({"nl": "Gaat wel", "en": "So-so"}),
            Start({"nl": "Niet fijn", "en": "Not good"}),
            Start({"nl": "Helemaal niet fijn", "en": "Not good at all"}),
        ]


class YesNo(One):
    key = "yes_no"
    label = gettext_lazy("yes or no")
    kind = QuestionKind(Shape.ONE)

    def starting_options(self, settings: Mapping[str, Any]) -> list[Start]:
        return [Start({"nl": "Ja", "en": "Yes"}), Start({"nl": "Nee", "en": "No"})]


class SeveralChoices(Choosing):
    key = "several_choices"
    label = gettext_lazy("several choices")
    kind = QuestionKind(Shape.MANY)
    template = "surveys/answer/types/several.html"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "most": forms.IntegerField(
                label=gettext_lazy("At most"),
                help_text=gettext_lazy("How many somebody may choose. Empty: as many as they like."),
                required=False,
                min_value=2,
                max_value=20,
            )
        }

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        chosen = {check_option(question, str(id)): True for id in data.getlist(self.field(question)) if id}
        most = question.settings.get("most")
        if most and len(chosen) > most:
            raise AnswerError(
                ngettext("Choose at most %(most)s.", "Choose at most %(most)s.", most) % {"most": most}
            )
        alone = [id for id in chosen if (option := question.option(id)) and option.dont_know]
        if alone and len(chosen) > 1:
            raise AnswerError(
                _("You chose “%(option)s” and something else. Take one of the two away.")
                % {"option": label_of(question, alone[0], "")}
            )
        return dict(chosen) or None

    def said(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        if not isinstance(value, Mapping):
            return None
        return [label_of(question, id, language) for id, yes in value.items() if yes and question.option(id)]

    def columns(self, question: Question, language: str) -> list[tuple[str, str]]:
        asked = pick(question.text, language)
        return [
            (f"q{question.id}.{option.id}", f"{asked}: {pick(option.label, language)}")
            for option in question.options
        ]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        if not isinstance(value, Mapping):
            return ["" for _option in question.options]
        return ["1" if value.get(option.id) else "0" for option in question.options]
