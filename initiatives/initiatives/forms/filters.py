"""Filters of lists, by GET. Invalid values are ignored, never refused."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from initiatives.states import InitiativeState
from neighbourhoods.models import Area, Theme
from neighbourhoods.settings.forms import ThemeChoiceField


class PlaceFilterForm(forms.Form):
    """By neighbourhood and theme. Those that ended are not listed, but a link may name them."""

    area = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Area.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("everywhere"),
    )
    theme = ThemeChoiceField(
        label=_("Theme"),
        queryset=Theme.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=_("all"),
    )

    def __init__(self, data: Any, *, areas: Any) -> None:
        super().__init__(data, auto_id=False)
        area, theme = self.fields["area"], self.fields["theme"]
        area.queryset = areas
        area.widget.choices = lambda: [("", area.empty_label), *((one.slug, one) for one in areas.existing())]
        theme.widget.choices = lambda: [
            ("", theme.empty_label),
            *((one.slug, theme.label_from_instance(one)) for one in Theme.objects.in_use()),
        ]

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        return urlencode({name: self.data[name] for name in self.chosen})

    @property
    def has_unknown_value(self) -> bool:
        """Whether it names an area or theme that is not there, or not for this user."""
        return self.has_error("area") or self.has_error("theme")


class WordsField(forms.CharField):
    widget = forms.TextInput(attrs={"type": "search", "maxlength": 80})

    def clean(self, value: Any) -> str:
        return super().clean(value)[:80]


class WorkFilterForm(PlaceFilterForm):
    """Also by whoever looks after it, whom a link names."""

    owner = forms.ModelChoiceField(
        queryset=User.objects.all(), required=False, empty_label=None, widget=forms.HiddenInput
    )


class InitiativeFilterForm(WorkFilterForm):
    state = forms.ChoiceField(
        label=_("How it is"),
        required=False,
        choices=[
            ("", _("not over")),
            *((state.value, state.label) for state in InitiativeState if state != InitiativeState.ENDED),
            ("stopped", _("stopped")),
            ("all", _("all")),
        ],
    )
    due = forms.ChoiceField(
        label=_("The next step"), required=False, choices=[("", _("all")), ("1", _("today or late"))]
    )
    q = WordsField(label=_("Words"), required=False)
