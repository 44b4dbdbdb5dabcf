"""When somebody can, or when they are needed: the week as a table to tap in."""

from typing import Any

from django import forms

from initiatives.matching import moments
from initiatives.states import MOMENTS, Day, DayPart


class MomentsWidget(forms.CheckboxSelectMultiple):
    """Seven days by four parts of a day. Each cell is a box to tick, with a name of its own for who hears it."""

    template_name = "components/moments_to_choose.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        boxes = {str(box["value"]): box for box in self.options(name, context["widget"]["value"], attrs)}
        context["parts"] = [
            {
                "short": moments.DAY_PART_ABBREVIATIONS[part],
                "name": moments.DAY_PART_NAMES[part],
                "hours": moments.HOURS[part],
            }
            for part in DayPart
        ]
        context["days"] = [
            {
                "short": moments.day_short(day),
                "name": day.label,
                "boxes": [boxes[f"{day.value}{part.value}"] for part in DayPart],
            }
            for day in Day
        ]
        return context


class MomentsField(forms.MultipleChoiceField):
    """Values as in states.MOMENTS, in the order of the week."""

    widget = MomentsWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: [(moment, moments.name(moment)) for moment in MOMENTS],
            **{"required": False} | kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        return moments.valid_moments(super().clean(value))
