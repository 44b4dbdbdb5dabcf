"""Saying no, how it was, and what a colleague does for somebody who called."""

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.states import Decline, HowWasIt, Side

# What each side may say; the other reasons are the other side's.
REASONS = {
    Side.VOLUNTEER: [Decline.TIME, Decline.TOO_FAR, Decline.TOO_MUCH, Decline.NOT_FOR_ME],
    Side.INITIATIVE: [Decline.FOUND_SOMEBODY, Decline.TIME, Decline.NO_CLICK],
}


class NoForm(forms.Form):
    """No is a good answer; why makes the next proposal better."""

    because = forms.ChoiceField(
        label=_("Why not? Then we propose something that fits better."),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why: then we propose something that fits better.")},
    )

    def __init__(self, *args: object, side: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["because"].choices = [(one.value, one.label) for one in REASONS[Side(side)]]


class HowForm(forms.Form):
    after = forms.TypedChoiceField(choices=[(2, "2"), (30, "30")], coerce=int, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label=_("How was it?"),
        choices=HowWasIt,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose from the list.")},
    )
