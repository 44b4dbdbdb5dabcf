"""Form of the preflight: what arrived of a mail to oneself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.delivery.preflight import MOST_CHARACTERS


class PreflightForm(forms.Form):
    """The headers or the whole mail, pasted or as a file. Nothing of it is stored."""

    source = forms.CharField(
        label=_("What arrived, as it is"),
        help_text=_(
            "In your mail program: “Show original”, “View source” or “Internet headers”. Copy all of it."
        ),
        required=False,
        max_length=MOST_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "dir": "ltr"}),
    )
    file = forms.FileField(
        label=_("Or the mail as a file (.eml)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".eml,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if file := data.get("file"):
            data["source"] = file.read(MOST_CHARACTERS).decode("utf-8", "replace")
        if not self.errors and not (data.get("source") or "").strip():
            self.add_error("source", _("Paste what arrived, or choose the file."))
        return data
