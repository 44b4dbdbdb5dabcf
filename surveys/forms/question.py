"""A layer, and a question with its answers."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from neighbourhoods.models import Theme
from neighbourhoods.texts import pick
from surveys.models import Layer, Option, Question
from surveys.question_types import TYPES, choices
from surveys.services.draft import OptionWords, QuestionWords
from surveys.states import Skip

LONGEST_LABEL = 120
MOST_OPTIONS = 30


class ThemeChoice(forms.ModelChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Theme.objects.filter(retired_on__isnull=True),
            empty_label=_("no theme"),
            required=False,
            **options,
        )

    def label_from_instance(self, theme: Theme) -> str:  # type: ignore[override]
        return pick(theme.name, get_language() or "")


class LayerForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=80)
    one_page = forms.BooleanField(
        label=gettext_lazy("All questions on one page"),
        help_text=gettext_lazy("Otherwise one question a page, which is easier on a phone."),
        required=False,
    )

    def __init__(self, data: Any = None, *, layer: Layer, language: str) -> None:
        super().__init__(
            data,
            initial={
                "title": layer.title.get(language, ""),
                "one_page": layer.one_page,
                "theme": layer.theme,
            },
        )
        self.fields["theme"] = ThemeChoice(label=_("Theme"))
        if layer.is_first:
            del self.fields["one_page"]


class NewQuestionForm(forms.Form):
    type = forms.ChoiceField(label=gettext_lazy("Type of question"), choices=choices)


@dataclass(frozen=True)
class OptionRow:
    """The fields of one answer, as they stand in the page."""

    option: Option
    label: forms.BoundField
    hint: forms.BoundField
    theme: forms.BoundField
    dont_know: forms.BoundField


class QuestionForm(forms.Form):
    """One question in one language. Nothing is required: a draft may be half a question."""

    TEXTS = ("text", "hint", "purpose", "use", "owner_role")
    FIELDS = ("type", "skip", "asks_needs", "theme")

    text = forms.CharField(label=gettext_lazy("The question"), required=False, max_length=200)
    hint = forms.CharField(
        label=gettext_lazy("Hint"),
        help_text=gettext_lazy("Only when the question needs one."),
        required=False,
        max_length=200,
    )
    type = forms.ChoiceField(label=gettext_lazy("Type of question"), choices=choices)
    skip = forms.ChoiceField(label=gettext_lazy("Letting go says"), choices=Skip.choices)
    asks_needs = forms.BooleanField(
        label=gettext_lazy("This asks what people need"),
        help_text=gettext_lazy("Every answer chosen here gets an answer of its own."),
        required=False,
    )
    purpose = forms.CharField(
        label=gettext_lazy("Why"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    use = forms.CharField(
        label=gettext_lazy("What we do with it"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner_role = forms.CharField(label=gettext_lazy("Who does that"), required=False, max_length=80)
    new_options = forms.CharField(
        label=gettext_lazy("Answers to add"),
        help_text=gettext_lazy("One on each line."),
        required=False,
        max_length=MOST_OPTIONS * LONGEST_LABEL,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, question: Question, language: str) -> None:
        initial = {name: getattr(question, name).get(language, "") for name in self.TEXTS}
        initial |= {name: getattr(question, name) for name in self.FIELDS}
        super().__init__(data, initial=initial)
        self.question, self.language = question, language
        self.kind = TYPES[question.type]
        self.fields["theme"] = ThemeChoice(label=_("Theme"))
        if question.type_locked:
            self.fields["type"].disabled = True
            self.fields["type"].help_text = _(
                "Answered before under this type. For another type, make a new question."
            )
        self.options = [option for option in question.options.all() if not option.retired]
        if self.kind.has_options:
            themes = list(self.fields["theme"].choices)  # type: ignore[attr-defined]
            for option in self.options:
                self._add_option(option, themes)
        else:
            del self.fields["new_options"]
        for name, field in self.kind.settings_fields().items():
            field.initial = question.settings.get(name, field.initial)
            self.fields[f"set_{name}"] = field

    def _add_option(self, option: Option, themes: list[tuple[Any, Any]]) -> None:
        name, said = f"option_{option.pk}", option.label.get(self.language, "")
        self.fields[name] = forms.CharField(
            label=_("Answer"), required=False, max_length=LONGEST_LABEL, initial=said
        )
        self.fields[f"{name}_hint"] = forms.CharField(
            label=_("Hint"),
            required=False,
            max_length=LONGEST_LABEL,
            initial=option.hint.get(self.language, ""),
        )
        self.fields[f"{name}_theme"] = forms.TypedChoiceField(
            label=_("Theme"),
            required=False,
            choices=themes,
            coerce=lambda value: int(str(value)),
            empty_value=None,
            initial=option.theme_id,
        )
        self.fields[f"{name}_dont_know"] = forms.BooleanField(
            label=_("This says “I don't know”"), required=False, initial=option.dont_know
        )

    @property
    def option_rows(self) -> list[OptionRow]:
        if not self.kind.has_options:
            return []
        return [
            OptionRow(
                option,
                self[f"option_{option.pk}"],
                self[f"option_{option.pk}_hint"],
                self[f"option_{option.pk}_theme"],
                self[f"option_{option.pk}_dont_know"],
            )
            for option in self.options
        ]

    @property
    def settings_fields(self) -> list[forms.BoundField]:
        return [self[f"set_{name}"] for name in self.kind.settings_fields()]

    def clean_new_options(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["new_options"].splitlines() if line.strip()]
        if any(len(line) > LONGEST_LABEL for line in lines):
            raise forms.ValidationError(
                _("An answer may have %s characters. Shorten the longest.") % LONGEST_LABEL
            )
        if len(lines) + len(self.options) > MOST_OPTIONS:
            raise forms.ValidationError(_("More than %s answers can't be read on a phone.") % MOST_OPTIONS)
        return lines

    @property
    def filled_in(self) -> QuestionWords:
        data = self.cleaned_data
        fields = {name: data[name] for name in self.FIELDS}
        # A type that was changed just now shows its own settings on the next page.
        if fields["type"] == self.question.type:
            kept = {name: data[f"set_{name}"] for name in self.kind.settings_fields()}
            fields["settings"] = {name: value for name, value in kept.items() if value not in (None, "")}
        return QuestionWords(
            texts={name: data[name] for name in self.TEXTS},
            fields=fields,
            options={
                row.option.pk: OptionWords(
                    label=data[f"option_{row.option.pk}"],
                    hint=data[f"option_{row.option.pk}_hint"],
                    theme_id=data[f"option_{row.option.pk}_theme"],
                    dont_know=data[f"option_{row.option.pk}_dont_know"],
                )
                for row in self.option_rows
            },
            new_options=data.get("new_options") or (),
        )
