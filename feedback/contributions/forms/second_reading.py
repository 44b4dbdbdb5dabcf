"""What a second reader, or a third look, finds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.contributions.forms.listening import ThemesField
from feedback.models import Contribution
from neighbourhoods.models import Theme


class SecondReadingForm(forms.Form):
    """Nothing is ticked: what the first reader found is not told."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    themes = ThemesField(
        label=_("What is it about?"),
        queryset=Theme.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, contribution: Contribution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = Theme.objects.in_use()
        self.initial = {"seen": contribution.revision}


class SettleForm(forms.Form):
    """One of the two, or both together; for something else the text itself is opened."""

    seen = forms.IntegerField()
    take = forms.ChoiceField(choices=[("first", ""), ("second", ""), ("both", "")])


class ShareForm(forms.Form):
    source = forms.CharField(max_length=40, widget=forms.HiddenInput)
    percent = forms.TypedChoiceField(
        label=_("Which part is read twice?"),
        choices=[(0, _("none")), *((n, f"{n} %") for n in (5, 10, 20, 30, 50, 100))],
        coerce=int,
    )
