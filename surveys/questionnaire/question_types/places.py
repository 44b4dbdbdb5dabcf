"""A place on the map: a point, or a place from the list beside it, with words. Stored as a contribution.

The list offers everything that the map does: it works without scripts, by keyboard and with a screen reader.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ids import is_id
from feedback.contributions.services.contributions import Spot
from feedback.models import Contribution
from neighbourhoods.areas.services.spots import DECIMALS, map_of, places_in
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import AnswerError, AnswerValue, Sent, WrittenAnswer
from surveys.questionnaire.question_types.writing import Writing, cleaned_text


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


class PlaceOnTheMap(Writing):
    key = "place"
    label = gettext_lazy("a place on the map")
    # Finding the place and writing a sentence about it: our own estimate.
    kind = QuestionKind(Shape.TEXT, seconds=50)
    template = "surveys/answer/types/place.html"
    max_length = 500
    same_for_all = False

    def frozen_settings(self, settings: Mapping[str, Any], areas: Iterable[Any]) -> Mapping[str, Any]:
        return {**settings, "areas": sorted(area.pk for area in areas)}

    def context(self, question: Question, stored: Any, sent: Sent | None, person: str) -> dict[str, Any]:
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

    def with_words(self, stored: Any, said: Contribution) -> Any:
        return StoredPlaceAnswer(said.text, said.longitude, said.latitude, said.place_id)

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        field = self.field(question)
        text = cleaned_text(str(data.get(field) or ""), self.max_length)
        spot = self._spot(question, data)
        if spot and not data.get(f"{field}-16"):
            raise AnswerError(
                _("You can add a place from the age of 16. Tick that you are 16 or older, or leave it out.")
            )
        return WrittenAnswer(text or self._name(question, spot), spot=spot) if text or spot else None

    def _spot(self, question: Question, data: Sent) -> Spot:
        """A place chosen from the list takes precedence over a point on the map."""
        chosen = _place(data.get(f"{self.field(question)}-place"))
        if chosen is not None:
            if chosen not in {place.pk for place in places_in(question.settings.get("areas", []))}:
                raise AnswerError(_("This place is no longer in the list. Choose another, or describe it."))
            return Spot(place_id=chosen)
        point = self._point(question, data)
        return Spot(*point) if point else Spot()

    def _point(self, question: Question, data: Sent) -> tuple[float, float] | None:
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

    def _name(self, question: Question, spot: Spot) -> str:
        """The text when no words were given: a place alone is also read and answered like words."""
        if spot.place_id is None:
            return _("This place on the map.")
        places = places_in(question.settings.get("areas", []))
        return next(place.name for place in places if place.pk == spot.place_id)


def _place(sent: Any) -> int | None:
    return int(sent) if is_id(str(sent or "")) else None
