"""What is measured, and who published it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms.together import TogetherForm, TogetherTextsForm
from neighbourhoods.models import Indicator, Source


class IndicatorForm(TogetherTextsForm):
    """What the municipality makes of an indicator."""

    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    decimals = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=4)
    is_key = forms.BooleanField(
        label=_("Shown on the profile of a neighbourhood"),
        help_text=_("Six to ten figures can be taken in at a glance."),
        required=False,
    )

    def __init__(self, *args: Any, indicator: Indicator, languages: list[str], **kwargs: Any) -> None:
        initial = {name: getattr(indicator, name) for name in ("unit", "decimals", "is_key")}
        super().__init__(*args, initial=initial, **kwargs)
        own = ["unit", "decimals", "is_key"]
        spoken = list(dict.fromkeys([*languages, *indicator.name]))
        self.add_texts("name", label=_("Name"), languages=spoken, value=indicator.name, max_length=60)
        self.add_texts(
            "explanation",
            label=_("In plain words"),
            languages=spoken,
            value=indicator.explanation,
            max_length=400,
            required=False,
            rows=2,
        )
        self.add_texts(
            "sentence",
            label=_("As residents read it"),
            help_text=_("A sentence with {n} in the place of the figure; of a share “of every 100”."),
            languages=spoken,
            value=indicator.sentence,
            max_length=200,
            required=False,
        )
        self.order_fields([name for name in self.fields if name not in own] + own)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name, words in list(data.items()):  # what is wrong is taken out of it
            if name.startswith("sentence_") and words and "{n}" not in words:
                self.add_error(name, _("Put {n} where the figure comes."))
        return data

    @property
    def changes(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in ("unit", "decimals", "is_key")}
        return plain | {name: self.texts(name) for name in ("name", "explanation", "sentence")}


class SourceForm(TogetherForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    publisher = forms.CharField(label=_("Who published it"), max_length=120, required=False)
    licence = forms.CharField(
        label=_("Licence"), max_length=80, required=False, help_text=_("For example: CC BY 4.0.")
    )
    url = forms.URLField(label=_("Where it can be found"), required=False, assume_scheme="https")

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        names = ("name", "publisher", "licence", "url")
        super().__init__(*args, initial={name: getattr(source, name) for name in names}, **kwargs)
