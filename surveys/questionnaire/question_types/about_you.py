"""Who somebody is, and where they live."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from neighbourhoods.imports.services.postcodes import areas_of_postcode
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    MissingSetting,
    ResultOption,
    SingleChoice,
    StartingOption,
    SubmittedData,
    check_option,
)
from surveys.states import CountsAs


class PersonalTopic(models.TextChoices):
    AGE = "age", gettext_lazy("age")
    HOUSEHOLD = "household", gettext_lazy("household")
    GENDER = "gender", gettext_lazy("gender")
    SINCE = "since", gettext_lazy("living here since")
    HEALTH = "health", gettext_lazy("health (sensitive)")
    DESCENT = "descent", gettext_lazy("descent (sensitive)")
    RELIGION = "religion", gettext_lazy("religion (sensitive)")
    POLITICS = "politics", gettext_lazy("politics (sensitive)")


SENSITIVE_TOPICS = frozenset(
    {PersonalTopic.HEALTH, PersonalTopic.DESCENT, PersonalTopic.RELIGION, PersonalTopic.POLITICS}
)


def _starting_option(nl: str, en: str, counts_as: str = "") -> StartingOption:
    return StartingOption({"nl": nl, "en": en}, counts_as)


# Sensitive subjects start empty: the author must write the options, and the reason.
STARTING_OPTIONS: dict[str, list[StartingOption]] = {
    PersonalTopic.AGE: [
        _starting_option("Jonger dan 15", "Younger than 15"),
        _starting_option("15 tot en met 24", "15 to 24", CountsAs.AGE_15),
        _starting_option("25 tot en met 44", "25 to 44", CountsAs.AGE_25),
        _starting_option("45 tot en met 64", "45 to 64", CountsAs.AGE_45),
        _starting_option("65 of ouder", "65 or older", CountsAs.AGE_65),
    ],
    PersonalTopic.HOUSEHOLD: [
        _starting_option("Alleen", "By myself"),
        _starting_option("Met een partner", "With a partner"),
        _starting_option("Met een partner en kinderen", "With a partner and children"),
        _starting_option("Met kinderen", "With children"),
        _starting_option("Anders, met meer mensen", "Otherwise, with more people"),
    ],
    PersonalTopic.GENDER: [
        _starting_option("Vrouw", "Woman"),
        _starting_option("Man", "Man"),
        _starting_option("Anders", "Otherwise"),
    ],
    PersonalTopic.SINCE: [
        _starting_option("Korter dan 1 jaar", "Less than 1 year"),
        _starting_option("1 tot 5 jaar", "1 to 5 years"),
        _starting_option("5 tot 15 jaar", "5 to 15 years"),
        _starting_option("Langer dan 15 jaar", "More than 15 years"),
    ],
}


class AboutYou(SingleChoice):
    key = "about_you"
    is_about_person = True
    label = gettext_lazy("about you: age band and the like")
    kind = QuestionKind(Shape.ONE)
    template = "surveys/answer/types/about_you.html"
    setting_texts = frozenset({"reason"})
    skip = "rather_not"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "subject": forms.ChoiceField(
                label=gettext_lazy("What about?"),
                choices=PersonalTopic.choices,
                help_text=gettext_lazy("Its answers change with it, as long as you wrote none of your own."),
                initial=PersonalTopic.AGE,
            ),
            "reason": forms.CharField(
                label=gettext_lazy("Why can't you do without this?"),
                help_text=gettext_lazy("Needed for all but age. Residents read it above the answers."),
                required=False,
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 2}),
            ),
            "consent": forms.BooleanField(
                label=gettext_lazy("Ask each person for explicit consent"),
                help_text=gettext_lazy(
                    "Health, descent, religion and politics are closed without it (GDPR article 9). Who does not "
                    "consent is not asked. Speak to your privacy officer first."
                ),
                required=False,
            ),
        }

    def is_one_tap(self, settings: Mapping[str, Any]) -> bool:
        return not settings.get("consent")

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[MissingSetting]:
        subject = settings.get("subject", PersonalTopic.AGE)
        if subject in SENSITIVE_TOPICS and not settings.get("consent"):
            yield MissingSetting(
                _(
                    "This is sensitive and closed. Leave it out, or switch on that consent is asked, and say why."
                ),
                "consent",
            )
        if subject == PersonalTopic.AGE and not settings.get("consent"):
            return
        reason = settings.get("reason") or {}
        for language in languages:
            if not reason.get(language, "").strip():
                yield MissingSetting(_("Say why you can't do without this."), "reason", language)

    def starting_options(self, settings: Mapping[str, Any]) -> list[StartingOption]:
        return STARTING_OPTIONS.get(settings.get("subject", PersonalTopic.AGE), [])

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        return {
            "consent_field": self._consent(question),
            # A stored answer was given with consent.
            "consented": bool(sent.get(self._consent(question)) if sent is not None else stored),
        }

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        answer = super().clean(question, data)
        if answer and question.settings.get("consent") and not data.get(self._consent(question)):
            raise AnswerError(_("Tick that you agree that we keep this, or choose “I'd rather not say”."))
        return answer

    def _consent(self, question: Question) -> str:
        return f"{self.field(question)}-consent"


AREA_OPTION_PREFIX = "area:"
ELSEWHERE_OPTION = f"{AREA_OPTION_PREFIX}elsewhere"
SOMEWHERE_ELSE = {"nl": "Ergens anders", "en": gettext_noop("Somewhere else")}
MOST_BUTTONS = 12
"""More neighbourhoods than this are shown as a drop-down list."""


class Neighbourhood(SingleChoice):
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
            {"id": f"{AREA_OPTION_PREFIX}{area.pk}", "label": {"nl": area.name}}
            for area in sorted(areas, key=lambda area: area.name.casefold())
        ]
        return [*options, {"id": ELSEWHERE_OPTION, "label": SOMEWHERE_ELSE}]

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        return {
            "postcode": sent.get(self._postcode(question), "") if sent is not None else "",
            "postcode_field": self._postcode(question),
            "as_list": len(question.options) > MOST_BUTTONS + 1,
        }

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
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
                _("Your postcode lies outside these neighbourhoods. Choose “Somewhere else”."),
                [ELSEWHERE_OPTION],
            )
        raise AnswerError(_("We don't know this postcode here. Choose your neighbourhood below."))

    def area_told(self, question: Question, value: Any) -> str | None:
        if not isinstance(value, str) or not question.settings.get("counts_there", True):
            return None
        return "" if value == ELSEWHERE_OPTION else value.removeprefix(AREA_OPTION_PREFIX)

    def result_options(self, question: Question) -> list[ResultOption]:
        return [ResultOption(option.id, option.label) for option in question.options]

    def _postcode(self, question: Question) -> str:
        return f"{self.field(question)}-postcode"


def _option_around(question: Question, area: Any) -> str:
    """The option of this area, or of the nearest area that contains it."""
    while area is not None:
        if question.option(f"{AREA_OPTION_PREFIX}{area.pk}"):
            return f"{AREA_OPTION_PREFIX}{area.pk}"
        area = area.parent
    return ""
