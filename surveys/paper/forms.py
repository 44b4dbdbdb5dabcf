"""Form to order paper forms."""

from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils.translation import gettext_lazy

from core.forms import helper
from core.languages import offered
from surveys.builder.services.readiness import own_name
from surveys.models import Channel, Survey
from surveys.paper.services.paper_forms import MAX_FORMS_PER_RUN
from surveys.states import ChannelKind, Checked


class OrderForm(forms.Form):
    """How many forms, in which language, and where they are handed in."""

    count = forms.IntegerField(
        label=gettext_lazy("How many forms"),
        min_value=1,
        max_value=MAX_FORMS_PER_RUN,
        help_text=gettext_lazy(
            "Each has a number and a code of its own, so copying one is no use: print as many as you need."
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Way in"), queryset=Channel.objects.none(), empty_label=None
    )
    hand_in = forms.CharField(
        label=gettext_lazy("Where to hand it in, and until when"),
        max_length=200,
        help_text=gettext_lazy(
            "As it stands on the form, in its language: “at the library desk, until 1 June”."
        ),
    )
    checked = forms.TypedChoiceField(
        label=gettext_lazy("Entered a second time, by somebody else"),
        choices=Checked,
        coerce=int,
        initial=Checked.SOME,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Typing is where mistakes are made. What is entered twice counts when both are alike."
        ),
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data)
        channels = survey.channels.filter(kind=ChannelKind.PAPER, closed_on=None)
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]
        self.fields["language"].choices = [(code, own_name(code)) for code in offered(survey.languages)]  # type: ignore[attr-defined]
        self.helper = helper(Row(Column("count"), Column("language")), "channel", "hand_in", "checked")
