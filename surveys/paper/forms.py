"""Forms to order paper forms, and to write down who answers."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from core.forms import helper
from core.languages import offered_languages
from neighbourhoods.models import Area
from surveys.builder.services.readiness import own_name
from surveys.models import Channel, Survey
from surveys.paper.services.paper_forms import MAX_FORMS_PER_RUN
from surveys.states import ChannelKind, DoubleEntryShare, Respondent


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
        choices=DoubleEntryShare,
        coerce=int,
        initial=DoubleEntryShare.SOME,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Typing is where mistakes are made. What is entered twice counts when both are alike."
        ),
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data)
        channels = survey.channels.filter(kind=ChannelKind.PAPER, closed_on=None)
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]
        self.fields["language"].choices = [
            (code, own_name(code)) for code in offered_languages(survey.languages)
        ]  # type: ignore[attr-defined]
        self.helper = helper(Row(Column("count"), Column("language")), "channel", "hand_in", "checked")


class WhoAnswersForm(forms.Form):
    """Where they live and on whose behalf they answer. A choice that is not offered counts as none."""

    area = forms.ChoiceField(
        label=gettext_lazy("Where do they live?"), required=False, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, areas: Iterable[Area]) -> None:
        super().__init__(data)
        self.fields["area"].choices = [(str(area.pk), area.name) for area in areas]
        if not self.fields["area"].choices:
            del self.fields["area"]
        self.fields["as"] = forms.ChoiceField(
            label=gettext_lazy("On behalf of an organisation or a business?"),
            choices=[(one.value, capfirst(one.label)) for one in Respondent],
            initial=Respondent.RESIDENT,
            required=False,
            widget=forms.RadioSelect,
        )

    def chosen(self, name: str) -> str:
        self.full_clean()
        chosen: str = self.cleaned_data.get(name, "")
        return chosen


class EntryForm(WhoAnswersForm):
    """The same on a paper form, which may be empty."""

    empty = forms.BooleanField(label=gettext_lazy("This form is empty"), required=False)
