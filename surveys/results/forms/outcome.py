"""What stands out, in our own words, above the published outcome."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from core.languages import labelled, to_write
from surveys.builder.services.readiness import translated_language_name
from surveys.models import Survey

_LONGEST = 600


class OutcomeForm(forms.Form):
    """One text per language of the survey; all may be left empty."""

    def __init__(self, data: Any = None, *, survey: Survey, words: dict[str, str]) -> None:
        super().__init__(data)
        for language in to_write(survey.languages, words):
            self.fields[f"words_{language}"] = forms.CharField(
                label=_("What stands out, in %(language)s")
                % {"language": labelled(language, translated_language_name(language))},
                initial=words.get(language, ""),
                required=False,
                max_length=_LONGEST,
                widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
            )

    @property
    def words(self) -> dict[str, str]:
        return {name.removeprefix("words_"): text for name, text in self.cleaned_data.items()}
