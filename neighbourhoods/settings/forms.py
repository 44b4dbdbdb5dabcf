"""Forms for the settings and themes of the municipality."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.forms import ConcurrentEditTextsForm, native_language_name
from core.i18n import pick
from core.languages import language_label, offered_languages, selectable_languages
from neighbourhoods.models import Municipality, Theme
from neighbourhoods.states import Role

# --- fields of other forms ---------------------------------------------------------------------


class ThemeChoiceField(forms.ModelChoiceField):
    """One of the themes in use, by its name in the reader's language."""

    def __init__(self, **options: Any) -> None:
        defaults = {
            "queryset": Theme.objects.in_use(),
            "empty_label": _("Choose"),
            "error_messages": {"required": _("Choose what it is about.")},
        }
        super().__init__(**defaults | options)

    def label_from_instance(self, theme: Theme) -> str:  # type: ignore[override]
        return pick(theme.name, get_language() or "")


class ThemesChoiceField(forms.ModelMultipleChoiceField):
    """Any of the themes in use."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Theme.objects.in_use(), required=False, **options)

    label_from_instance = ThemeChoiceField.label_from_instance


class LanguageChoiceField(forms.ChoiceField):
    """A language of the municipality in which we write; it begins with the reader's own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_languages, initial=_first_language, **options)


def _languages() -> list[tuple[str, str]]:
    languages = offered_languages(Municipality.current().languages) or ["nl"]
    return [(code, native_language_name(code)) for code in languages]


def _first_language() -> str:
    languages, mine = [code for code, _name in _languages()], get_language() or ""
    return mine if mine in languages else languages[0]


# --- settings ----------------------------------------------------------------------------------


class MunicipalityForm(ConcurrentEditTextsForm):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As residents say it: “Gemeente Waterdam”.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=20)
    email = forms.EmailField(
        label=_("E‑mail address that is read"),
        required=False,
        help_text=_("Residents who answer our mail reach this."),
    )
    main_language = forms.ChoiceField(
        label=_("Main language"), help_text=_("Every text exists in this language.")
    )
    languages = forms.MultipleChoiceField(
        label=_("Other languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those in which residents can read Nabij."),
    )
    smallest_cell = forms.IntegerField(
        label=_("Smallest number we publish"),
        min_value=5,
        max_value=100,
        help_text=_("A smaller group could be recognised, so we leave it out."),
    )
    backup_days = forms.IntegerField(
        label=_("Days that backups are kept"),
        min_value=0,
        max_value=365,
        help_text=_("Residents who erase read on which day the last copy is gone."),
    )
    text_price = forms.IntegerField(
        label=_("Price of a text message, in cents"),
        min_value=0,
        max_value=1_000,
        required=False,
        help_text=_("Empty: residents can't choose it. A text goes only where the system is set up for it."),
    )
    letter_price = forms.IntegerField(
        label=_("Price of a letter, in cents"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=_("With paper and postage. Empty: residents can't choose it."),
    )
    roles_with_mfa = forms.MultipleChoiceField(
        label=_("Roles that need a second step to sign in"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They set it up at their next visit to the desk."),
    )
    danger_email = forms.EmailField(label=_("Who is warned when a text is about danger"), required=False)
    defects_email = forms.EmailField(label=_("Reporting desk for defects in the street"), required=False)

    def __init__(self, *args, municipality: Municipality, **kwargs) -> None:
        languages = municipality.languages or ["nl"]
        initial = {
            field: getattr(municipality, field) for field in self.base_fields if field != "main_language"
        }
        initial |= {"main_language": languages[0], "languages": languages[1:]}
        super().__init__(*args, initial=initial, **kwargs)
        known = [
            (code, language_label(code, native_language_name(code)))
            for code in dict.fromkeys([*languages, *selectable_languages()])
        ]
        self.fields["main_language"].choices = self.fields["languages"].choices = known
        self.add_texts(
            "danger_text",
            label=_("What a resident reads when a text is about danger"),
            languages=languages,
            value=municipality.danger_text,
            max_length=600,
            required=False,
            rows=3,
        )
        self.add_texts(
            "accessibility_note",
            label=_("Accessibility: what is not in order yet, and when it will be"),
            languages=languages,
            value=municipality.accessibility_note,
            max_length=4000,
            required=False,
            rows=4,
        )

    def texts_of(self, name: str) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name.startswith(f"{name}_")]

    def danger_texts(self) -> list[forms.BoundField]:
        return self.texts_of("danger_text")

    def accessibility_notes(self) -> list[forms.BoundField]:
        return self.texts_of("accessibility_note")

    def changes(self) -> dict[str, object]:
        cleaned = {field: self.cleaned_data[field] for field in self.base_fields if field != "main_language"}
        main = self.cleaned_data["main_language"]
        cleaned["languages"] = [main, *(code for code in cleaned["languages"] if code != main)]
        texts = {name: self.texts(name) for name in ("danger_text", "accessibility_note")}
        return cleaned | texts


class ThemeForm(ConcurrentEditTextsForm):
    def __init__(
        self,
        *args,
        languages: list[str],
        value: dict[str, str] | None = None,
        words: dict[str, str] | None = None,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.add_texts("name", label=_("Name"), languages=languages, value=value, max_length=60)
        if words is not None:
            self.add_texts(
                "words",
                label=_("Words that go with it"),
                languages=languages,
                value=words,
                max_length=600,
                required=False,
                rows=2,
                help_text=_(
                    "For example: tree, park, hedge. When texts are read, suggestions begin with these words."
                ),
            )
