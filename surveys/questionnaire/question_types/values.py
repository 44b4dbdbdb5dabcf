"""A number, or a day. Counted in bands between the author's bounds (surveys/questionnaire/bands.py)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.i18n import pick
from surveys.questionnaire import bands
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    Missing,
    QuestionType,
    ResultOption,
    Sent,
    in_every_language,
)


class Number(QuestionType):
    key = "number"
    label = gettext_lazy("a number")
    kind = QuestionKind(Shape.NUMBER, seconds=12)
    template = "surveys/answer/types/number.html"
    setting_texts = frozenset({"unit"})

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "least": forms.IntegerField(
                label=gettext_lazy("At least"),
                required=False,
                min_value=-1_000_000,
                max_value=1_000_000,
                initial=bands.LEAST,
            ),
            "most": forms.IntegerField(
                label=gettext_lazy("At most"),
                help_text=gettext_lazy("Up to twelve numbers are counted one by one, more in groups."),
                required=False,
                min_value=-1_000_000,
                max_value=1_000_000,
                initial=bands.MOST,
            ),
            "unit": forms.CharField(
                label=gettext_lazy("Of what"),
                help_text=gettext_lazy("As it is said after the number: hours a week, people. May be empty."),
                required=False,
                max_length=40,
            ),
        }

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[Missing]:
        least, most = settings.get("least", bands.LEAST), settings.get("most", bands.MOST)
        if least >= most:
            yield Missing(_("“At most” must be more than “at least”."), "most")
        unit = settings.get("unit") or {}
        for language in languages:
            if any(unit.values()) and not unit.get(language):
                yield Missing(
                    _("What the number counts is missing in one of the languages."), "unit", language
                )

    def context(self, question: Question, stored: Any, sent: Sent | None, person: str) -> dict[str, Any]:
        least, most = bands.bounds(question.settings)
        value = sent.get(self.field(question), "") if sent is not None else _n(stored)
        return {"value": "" if value is None else value, "least": least, "most": most}

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        typed = re.sub(r"[\s\0]", "", str(data.get(self.field(question)) or ""))
        if not typed:
            return None
        least, most = bands.bounds(question.settings)
        said = {"least": least, "most": most}
        if not re.fullmatch(r"[-−]?\d{1,9}", typed):
            raise AnswerError(_("Type a whole number, in digits, from %(least)s to %(most)s.") % said)
        n = int(typed.replace("−", "-"))
        if not least <= n <= most:
            raise AnswerError(_("Type a number from %(least)s to %(most)s.") % said)
        return {"n": n}

    def said(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        n = _n(value)
        return None if n is None else _with_unit(str(n), question, language)

    def result_options(self, question: Question) -> list[ResultOption]:
        return [
            ResultOption(
                f"n:{band.name}",
                in_every_language(_between, band, question),
            )
            for band in bands.bands(*bands.bounds(question.settings))
        ]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        n = _n(value)
        return ["" if n is None else str(n)]


class Day(QuestionType):
    key = "date"
    label = gettext_lazy("a date")
    kind = QuestionKind(Shape.DAY, seconds=15)
    template = "surveys/answer/types/date.html"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "earliest": _DayField(
                label=gettext_lazy("Not before"),
                help_text=gettext_lazy(
                    "Dates within two years are counted by month, over a longer time by year."
                ),
            ),
            "latest": _DayField(label=gettext_lazy("Not after")),
        }

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[Missing]:
        earliest, latest = bands.parse_day(settings.get("earliest")), bands.parse_day(settings.get("latest"))
        if earliest is None:
            yield Missing(_("Choose the first day that can be an answer."), "earliest")
        if latest is None:
            yield Missing(_("Choose the last day that can be an answer."), "latest")
        if earliest and latest and latest < earliest:
            yield Missing(_("The last day comes before the first. Choose a later one."), "latest")

    def context(self, question: Question, stored: Any, sent: Sent | None, person: str) -> dict[str, Any]:
        day = bands.parse_day(stored.get("day")) if isinstance(stored, Mapping) and sent is None else None
        parts = {"day": day and day.day, "month": day and day.month, "year": day and day.year}
        if sent is not None:
            parts = {part: sent.get(f"{self.field(question)}-{part}", "") for part in parts}
        earliest, latest = bands.days(question.settings)
        return {"parts": parts, "earliest": earliest, "latest": latest, "example": _example(earliest, latest)}

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        typed = [
            str(data.get(f"{self.field(question)}-{part}") or "").strip() for part in ("day", "month", "year")
        ]
        if not any(typed):
            return None
        earliest, latest = bands.days(question.settings)
        if not all(re.fullmatch(r"\d{1,4}", part) for part in typed):
            raise AnswerError(_("Fill in the day, the month and the year, in digits."))
        day, month, year = (int(part) for part in typed)
        try:
            when = date(year, month, day)
        except ValueError:
            raise AnswerError(
                _("There is no such day. Look at the day, the month and the year once more.")
            ) from None
        if not earliest <= when <= latest:
            raise AnswerError(
                _("Choose a day from %(first)s to %(last)s.")
                % {"first": date_format(earliest, "j F Y"), "last": date_format(latest, "j F Y")}
            )
        return {"day": when.isoformat()}

    def said(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        when = bands.parse_day(value.get("day")) if isinstance(value, Mapping) else None
        if when is None:
            return None
        with translation.override(language):
            return date_format(when, "j F Y")

    def result_options(self, question: Question) -> list[ResultOption]:
        if months := bands.months(question.settings):
            return [
                ResultOption(f"month:{month:%Y-%m}", in_every_language(date_format, month, "F Y"))
                for month in months
            ]
        return [
            ResultOption(f"year:{band.name}", {"nl": _between(band, question)})
            for band in bands.years(question.settings)
        ]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [str(value.get("day") or "") if isinstance(value, Mapping) else ""]


class _DayField(forms.DateField):
    """Cleans to ISO text, because settings are stored as JSON."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return day.isoformat() if day else None


def _n(value: Any) -> int | None:
    return value.get("n") if isinstance(value, Mapping) else None


def _between(band: bands.Band, question: Question) -> str:
    number = str(band.least) if band.least == band.most else f"{band.least}–{band.most}"
    return _with_unit(number, question, get_language() or "")


def _with_unit(number: str, question: Question, language: str) -> str:
    return f"{number} {pick(question.settings.get('unit'), language)}".strip()


def _example(earliest: date, latest: date) -> date:
    """A valid day, to show the format."""
    return earliest + (latest - earliest) / 2
