"""Where somebody lives: by postcode or from a list.

Only the neighbourhood is kept; the postcode is looked up and dropped.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from neighbourhoods.imports.services.postcodes import areas_of_postcode
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    ResultOption,
    Sent,
    check_option,
)
from surveys.questionnaire.question_types.choosing import One

PREFIX = "area:"
ELSEWHERE = f"{PREFIX}elsewhere"
SOMEWHERE_ELSE = {"nl": "Ergens anders", "en": gettext_noop("Somewhere else")}
MOST_BUTTONS = 12
"""More neighbourhoods than this are shown as a drop-down list."""


class Neighbourhood(One):
    """The options are the areas of the survey, made at publication."""

    key = "neighbourhood"
    is_about_person = True
    label = gettext_lazy("choose your neighbourhood")
    kind = QuestionKind(Shape.ONE, seconds=12)
    template = "surveys/answer/types/neighbourhood.html"
    has_options = False
    least_options = 0
    skip = "rather_not"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "counts_there": forms.BooleanField(
                label=gettext_lazy("All their answers count for this neighbourhood"),
                help_text=gettext_lazy("Then nobody is asked once more where they live."),
                required=False,
                initial=True,
            )
        }

    def frozen_options(self, areas: Iterable[Any]) -> list[dict[str, Any]]:
        options = [
            {"id": f"{PREFIX}{area.pk}", "label": {"nl": area.name}}
            for area in sorted(areas, key=lambda area: area.name.casefold())
        ]
        return [*options, {"id": ELSEWHERE, "label": SOMEWHERE_ELSE}]

    def context(self, question: Question, stored: Any, sent: Sent | None, person: str) -> dict[str, Any]:
        return {
            "postcode": sent.get(self._postcode(question), "") if sent is not None else "",
            "postcode_field": self._postcode(question),
            "as_list": len(question.options) > MOST_BUTTONS + 1,
        }

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        typed = str(data.get(self._postcode(question)) or "").strip()
        chosen = str(data.get(self.field(question)) or "")
        if chosen:
            return check_option(question, chosen)
        return self._look_up(question, typed) if typed else None

    def _look_up(self, question: Question, typed: str) -> str:
        found = areas_of_postcode(typed[:20].replace("\0", ""))
        here = list(dict.fromkeys(id for area in found if (id := _option_around(question, area))))
        if len(here) == 1:
            return here[0]
        if here:
            raise AnswerError(_("Your postcode lies in two neighbourhoods. Choose yours."), here)
        if found:
            raise AnswerError(
                _("Your postcode lies outside these neighbourhoods. Choose “Somewhere else”."), [ELSEWHERE]
            )
        raise AnswerError(_("We don't know this postcode here. Choose your neighbourhood below."))

    def area_told(self, question: Question, value: Any) -> str | None:
        if not isinstance(value, str) or not question.settings.get("counts_there", True):
            return None
        return "" if value == ELSEWHERE else value.removeprefix(PREFIX)

    def result_options(self, question: Question) -> list[ResultOption]:
        return [ResultOption(option.id, option.label) for option in question.options]

    def _postcode(self, question: Question) -> str:
        return f"{self.field(question)}-postcode"


def _option_around(question: Question, area: Any) -> str:
    """The option of this area, or of the nearest area that contains it."""
    while area is not None:
        if question.option(f"{PREFIX}{area.pk}"):
            return f"{PREFIX}{area.pk}"
        area = area.parent
    return ""
