"""Keeping something for other surveys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy


class KeepForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give it a name by which colleagues find it.")},
    )
    about = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("One sentence for a colleague who looks for something like it."),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, name: str = "") -> None:
        super().__init__(data, initial={"name": name[:80]})
