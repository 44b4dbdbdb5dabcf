"""Forms for matches, rounds of proposals and moments."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.matching import moments
from initiatives.models import Match
from initiatives.states import MOMENTS, Day, DayPart, Decline, HowWasIt, Side

# --- matches -----------------------------------------------------------------------------------


# Reasons each side may give; the others belong to the other side.
DECLINE_REASONS = {
    Side.VOLUNTEER: [Decline.TIME, Decline.TOO_FAR, Decline.TOO_MUCH, Decline.NOT_FOR_ME],
    Side.INITIATIVE: [Decline.FOUND_SOMEBODY, Decline.TIME, Decline.NO_CLICK],
}


class OwnDeclineForm(forms.Form):
    """A decline. The reason improves later proposals."""

    because = forms.ChoiceField(
        label=_("Why not? Then we propose something that fits better."),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why: then we propose something that fits better.")},
    )

    def __init__(self, *args: object, side: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["because"].choices = [(one.value, one.label) for one in DECLINE_REASONS[Side(side)]]


class DeclineForm(forms.Form):
    """A decline told to a colleague: by which side, and why."""

    side = forms.ChoiceField(label=_("Who"))
    because = forms.ChoiceField(label=_("Because"), choices=Decline)

    def __init__(self, data: Any = None, *, match: Match, sides: Collection[Side]) -> None:
        super().__init__(data, auto_id=f"%s-{match.pk}")
        self.fields["side"].choices = [(side, side.label) for side in Side if side in sides]


class ExperienceForm(forms.Form):
    after = forms.TypedChoiceField(choices=[(2, "2"), (30, "30")], coerce=int, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label=_("How was it?"),
        choices=HowWasIt,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose from the list.")},
    )


# --- moments -----------------------------------------------------------------------------------


class MomentsWidget(forms.CheckboxSelectMultiple):
    """A table of checkboxes: seven days by four parts of a day. Each checkbox has its own name for screen readers."""

    template_name = "components/moments_to_choose.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        boxes = {str(box["value"]): box for box in self.options(name, context["widget"]["value"], attrs)}
        context["parts"] = [
            {
                "short": moments.DAY_PART_ABBREVIATIONS[part],
                "name": moments.DAY_PART_NAMES[part],
                "hours": moments.DAY_PART_HOURS[part],
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


# --- rounds ------------------------------------------------------------------------------------


class RoundForm(forms.Form):
    """Ticked pairs of a round. A pair that is no longer in the round gives an error that something changed."""

    pair = forms.MultipleChoiceField(
        label=_("Proposals"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one proposal."),
            "invalid_choice": _(
                "Something changed since you looked: somebody was asked, said no, or a place was taken. "
                "Nothing was sent. Have another look below."
            ),
        },
    )

    def __init__(self, data: Any = None, *, pairs: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["pair"].choices = [(pair, pair) for pair in pairs]

    @property
    def is_stale(self) -> bool:
        return self.has_error("pair", "invalid_choice")
