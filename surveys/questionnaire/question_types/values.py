"""A number, a day, a place on the map."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.i18n import pick
from core.rows import is_id
from feedback.contributions.services.contributions import ContributionLocation
from feedback.models import Contribution
from neighbourhoods.areas.services import DECIMALS, map_of, places_in
from surveys.questionnaire import counting
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    MissingSetting,
    QuestionType,
    ResultOption,
    SubmittedData,
    TextType,
    WrittenAnswer,
    cleaned_text,
    translate_to_all,
)


class NumberQuestion(QuestionType):
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
                initial=counting.DEFAULT_MINIMUM,
            ),
            "most": forms.IntegerField(
                label=gettext_lazy("At most"),
                help_text=gettext_lazy("Up to twelve numbers are counted one by one, more in groups."),
                required=False,
                min_value=-1_000_000,
                max_value=1_000_000,
                initial=counting.DEFAULT_MAXIMUM,
            ),
            "unit": forms.CharField(
                label=gettext_lazy("Of what"),
                help_text=gettext_lazy("As it is said after the number: hours a week, people. May be empty."),
                required=False,
                max_length=40,
            ),
        }

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[MissingSetting]:
        least, most = (
            settings.get("least", counting.DEFAULT_MINIMUM),
            settings.get("most", counting.DEFAULT_MAXIMUM),
        )
        if least >= most:
            yield MissingSetting(_("“At most” must be more than “at least”."), "most")
        unit = settings.get("unit") or {}
        for language in languages:
            if any(unit.values()) and not unit.get(language):
                yield MissingSetting(
                    _("What the number counts is missing in one of the languages."), "unit", language
                )

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        least, most = counting.bounds(question.settings)
        value = sent.get(self.field(question), "") if sent is not None else _number_of(stored)
        return {"value": "" if value is None else value, "least": least, "most": most}

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        typed = re.sub(r"[\s\0]", "", str(data.get(self.field(question)) or ""))
        if not typed:
            return None
        least, most = counting.bounds(question.settings)
        said = {"least": least, "most": most}
        if not re.fullmatch(r"[-−]?\d{1,9}", typed):
            raise AnswerError(_("Type a whole number, in digits, from %(least)s to %(most)s.") % said)
        n = int(typed.replace("−", "-"))
        if not least <= n <= most:
            raise AnswerError(_("Type a number from %(least)s to %(most)s.") % said)
        return {"n": n}

    def answer_text(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        n = _number_of(value)
        return None if n is None else _with_unit(str(n), question, language)

    def result_options(self, question: Question) -> list[ResultOption]:
        return [
            ResultOption(
                f"n:{band.name}",
                translate_to_all(_band_label, band, question),
            )
            for band in counting.bands(*counting.bounds(question.settings))
        ]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        n = _number_of(value)
        return ["" if n is None else str(n)]


class DayQuestion(QuestionType):
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

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[MissingSetting]:
        earliest, latest = (
            counting.parse_day(settings.get("earliest")),
            counting.parse_day(settings.get("latest")),
        )
        if earliest is None:
            yield MissingSetting(_("Choose the first day that can be an answer."), "earliest")
        if latest is None:
            yield MissingSetting(_("Choose the last day that can be an answer."), "latest")
        if earliest and latest and latest < earliest:
            yield MissingSetting(_("The last day comes before the first. Choose a later one."), "latest")

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        day = counting.parse_day(stored.get("day")) if isinstance(stored, Mapping) and sent is None else None
        parts = {"day": day and day.day, "month": day and day.month, "year": day and day.year}
        if sent is not None:
            parts = {part: sent.get(f"{self.field(question)}-{part}", "") for part in parts}
        earliest, latest = counting.days(question.settings)
        return {"parts": parts, "earliest": earliest, "latest": latest, "example": _example(earliest, latest)}

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        typed = [
            str(data.get(f"{self.field(question)}-{part}") or "").strip() for part in ("day", "month", "year")
        ]
        if not any(typed):
            return None
        earliest, latest = counting.days(question.settings)
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

    def answer_text(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        when = counting.parse_day(value.get("day")) if isinstance(value, Mapping) else None
        if when is None:
            return None
        with translation.override(language):
            return date_format(when, "j F Y")

    def result_options(self, question: Question) -> list[ResultOption]:
        if months := counting.months(question.settings):
            return [
                ResultOption(f"month:{month:%Y-%m}", translate_to_all(date_format, month, "F Y"))
                for month in months
            ]
        return [
            ResultOption(f"year:{band.name}", {"nl": _band_label(band, question)})
            for band in counting.years(question.settings)
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


def _number_of(value: Any) -> int | None:
    return value.get("n") if isinstance(value, Mapping) else None


def _band_label(band: counting.Band, question: Question) -> str:
    number = str(band.least) if band.least == band.most else f"{band.least}–{band.most}"
    return _with_unit(number, question, get_language() or "")


def _with_unit(number: str, question: Question, language: str) -> str:
    return f"{number} {pick(question.settings.get('unit'), language)}".strip()


def _example(earliest: date, latest: date) -> date:
    """A valid day, to show the format."""
    return earliest + (latest - earliest) / 2


@dataclass(frozen=True)
class StoredPlaceAnswer:
    """Words and place as stored, to show them again."""

    text: str = ""
    longitude: float | None = None
    latitude: float | None = None
    place_id: int | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        if self.longitude is None or self.latitude is None:
            return None
        return self.longitude, self.latitude


class PlaceOnTheMap(TextType):
    key = "place"
    label = gettext_lazy("a place on the map")
    # Finding the place and writing a sentence about it: our own estimate.
    kind = QuestionKind(Shape.TEXT, seconds=50)
    template = "surveys/answer/types/place.html"
    max_length = 500
    same_for_all = False

    def frozen_settings(self, settings: Mapping[str, Any], areas: Iterable[Any]) -> Mapping[str, Any]:
        return {**settings, "areas": sorted(area.pk for area in areas)}

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        areas, field = question.settings.get("areas", []), self.field(question)
        kept = stored if isinstance(stored, StoredPlaceAnswer) else StoredPlaceAnswer()
        point = kept.point
        if sent:
            kept = StoredPlaceAnswer(str(sent.get(field) or ""), place_id=_place(sent.get(f"{field}-place")))
            point = self._point(question, sent)
        map = map_of(areas)
        return {
            "value": kept.text,
            "map": map,
            "point": point,
            "at": map.at(*point) if map and point and map.holds(*point) else None,
            "places": [(place, place.pk == kept.place_id) for place in places_in(areas)],
            "is_16": bool(sent.get(f"{field}-16")) if sent else bool(point or kept.place_id),
        }

    def with_words(self, stored: Any, contribution: Contribution) -> Any:
        return StoredPlaceAnswer(
            contribution.text, contribution.longitude, contribution.latitude, contribution.place_id
        )

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        field = self.field(question)
        text = cleaned_text(str(data.get(field) or ""), self.max_length)
        spot = self._spot(question, data)
        if spot and not data.get(f"{field}-16"):
            raise AnswerError(
                _("You can add a place from the age of 16. Tick that you are 16 or older, or leave it out.")
            )
        return WrittenAnswer(text or self._name(question, spot), spot=spot) if text or spot else None

    def _spot(self, question: Question, data: SubmittedData) -> ContributionLocation:
        """A place chosen from the list takes precedence over a point on the map."""
        chosen = _place(data.get(f"{self.field(question)}-place"))
        if chosen is not None:
            if chosen not in {place.pk for place in places_in(question.settings.get("areas", []))}:
                raise AnswerError(_("This place is no longer in the list. Choose another, or describe it."))
            return ContributionLocation(place_id=chosen)
        point = self._point(question, data)
        return ContributionLocation(*point) if point else ContributionLocation()

    def _point(self, question: Question, data: SubmittedData) -> tuple[float, float] | None:
        """Rounded to some ten metres; None if it is not a point on this map."""
        field = self.field(question)
        try:
            longitude = round(float(str(data.get(f"{field}-lon") or "")), DECIMALS)
            latitude = round(float(str(data.get(f"{field}-lat") or "")), DECIMALS)
        except (ValueError, OverflowError):
            return None
        map = map_of(question.settings.get("areas", []))
        on_earth = -180 <= longitude <= 180 and -90 <= latitude <= 90
        return (longitude, latitude) if on_earth and map and map.holds(longitude, latitude) else None

    def _name(self, question: Question, spot: ContributionLocation) -> str:
        """The text when no words were given: a place alone is also read and answered like words."""
        if spot.place_id is None:
            return _("This place on the map.")
        places = places_in(question.settings.get("areas", []))
        return next(place.name for place in places if place.pk == spot.place_id)


def _place(sent: Any) -> int | None:
    return int(sent) if is_id(str(sent or "")) else None
