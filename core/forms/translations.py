"""Words in every language of the municipality: one field per language, one dict out."""

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.languages import labelled, to_write


def native_language_name(language: str) -> str:
    """A language by its own name; the code when Django doesn't know it."""
    try:
        return get_language_info(language)["name_local"].capitalize()
    except KeyError:
        return language


class TextsForm(forms.Form):
    """A form with texts per language; the first language is the one that must be there."""

    def add_texts(
        self,
        name: str,
        *,
        label: str,
        languages: Iterable[str],
        value: Mapping[str, str] | None = None,
        max_length: int,
        required: bool = True,
        rows: int = 1,
        help_text: str = "",
    ) -> list[str]:
        """Add one field per language; gives their names."""
        names = []
        for number, language in enumerate(to_write(languages, value)):
            attributes = {"lang": language, "dir": "auto"}
            widget = forms.Textarea(attributes | {"rows": rows}) if rows > 1 else forms.TextInput(attributes)
            self.fields[f"{name}_{language}"] = forms.CharField(
                label=f"{label} ({labelled(language, native_language_name(language))})",
                required=required and number == 0,
                max_length=max_length,
                initial=(value or {}).get(language, ""),
                widget=widget,
                help_text=help_text if number == 0 else "",
                error_messages={"required": _("Write it at least in %s.") % native_language_name(language)},
            )
            names.append(f"{name}_{language}")
        return names

    def texts(self, name: str) -> dict[str, str]:
        """What was filled in, language to words; without the empty ones."""
        start = f"{name}_"
        return {
            field.removeprefix(start): value
            for field, value in self.cleaned_data.items()
            if field.startswith(start) and value
        }
