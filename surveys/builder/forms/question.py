"""Forms of a question, of a proposal of a colleague, and of a lint that is set aside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.forms import ConcurrentEditForm
from core.i18n import pick
from core.rows import is_id
from neighbourhoods.settings.forms import ThemeChoiceField
from surveys.builder.services.draft import OptionWords, QuestionWords
from surveys.models import Layer, Option, Question
from surveys.questionnaire.document import Shape
from surveys.questionnaire.piping import Token, without_tokens
from surveys.questionnaire.question_types import QUESTION_TYPES, choices
from surveys.questionnaire.soundness import may_be_piped
from surveys.questionnaire.walk import END_OF_LAYER
from surveys.states import CountsAs, Skip

# Ticks to confirm proposed texts.


CONFIRM_FIELD_PREFIX = "confirm_"


class ProposedForm(ConcurrentEditForm):
    """A form with texts that may be proposals: each of those has a tick, never set beforehand.

    Saving alone confirms nothing: somebody who came for another field did not read this one. A tick is
    ignored if a colleague resolved its proposal meanwhile (by confirming it, or by writing something else).
    """

    def propose(self, names: Iterable[str]) -> None:
        for name in names:
            label = format_html(
                '{}<span class="visually-hidden">: {}</span>',
                _("Yes, this is right for this survey"),
                self.fields[name].label,
            )
            self.fields[CONFIRM_FIELD_PREFIX + name] = forms.BooleanField(label=label, required=False)

    @property
    def confirmed(self) -> list[str]:
        return [
            name.removeprefix(CONFIRM_FIELD_PREFIX)
            for name in self.fields
            if name.startswith(CONFIRM_FIELD_PREFIX) and self.cleaned_data.get(name)
        ]


# Forms for a layer, and for a question with its answers.


NumberedQuestion = tuple[str, Question]
"""(number in the survey such as “1.4”, question)."""

LONGEST_LABEL = 120
MOST_OPTIONS = 30


class LayerForm(ConcurrentEditForm):
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
        self.fields["theme"] = ThemeChoiceField(label=_("Theme"), required=False, empty_label=_("no theme"))
        if layer.is_first:
            del self.fields["one_page"]


class NewQuestionForm(forms.Form):
    type = forms.ChoiceField(label=gettext_lazy("Type of question"), choices=choices)


class PositionForm(forms.Form):
    """A drop: the place in a list whose order on the page was `seen`."""

    place = forms.IntegerField(min_value=0, max_value=999)
    seen = forms.CharField(required=False, max_length=4000)
    layer = forms.IntegerField(required=False)

    def clean_seen(self) -> list[int]:
        return ids_in(self.cleaned_data["seen"])


def ids_in(text: str) -> list[int]:
    """“3,1,2” as numbers. Invalid ids are dropped, so that the order no longer matches."""
    return [int(pk) for pk in text.split(",") if is_id(pk)]


def _ways(later: Sequence[NumberedQuestion]) -> list[tuple[str, str]]:
    """Where an answer may lead: to the next question, past some questions, or to the end of the layer."""
    language = get_language() or ""
    past = [
        (
            str(question.pk),
            f"{number} {pick(without_tokens(question.text), language) or _('A question without words')}",
        )
        for number, question in later[1:]
    ]
    return [("", _("the next question")), *past, (END_OF_LAYER, _("the end of the layer"))]


@dataclass(frozen=True)
class OptionRow:
    """The bound fields of one answer."""

    option: Option
    label: forms.BoundField
    hint: forms.BoundField
    theme: forms.BoundField
    dont_know: forms.BoundField
    counts_as: forms.BoundField
    then: forms.BoundField | None


class QuestionForm(ProposedForm):
    """One question in one language. Nothing is required: a draft may be incomplete."""

    TEXTS = ("text", "hint", "purpose", "use", "owner_role")
    FIELDS = ("type", "skip", "asks_needs", "theme")

    text = forms.CharField(label=gettext_lazy("The question"), required=False, max_length=300)
    hint = forms.CharField(
        label=gettext_lazy("Hint"),
        help_text=gettext_lazy("Only when the question needs one."),
        required=False,
        max_length=200,
    )
    type = forms.ChoiceField(label=gettext_lazy("Type of question"), choices=choices)
    skip = forms.ChoiceField(label=gettext_lazy("The skip button says"), choices=Skip.choices)
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

    def __init__(
        self,
        data: Any = None,
        *,
        question: Question,
        language: str,
        later: Sequence[NumberedQuestion] = (),
        earlier: Sequence[NumberedQuestion] = (),
    ) -> None:
        """`later` are questions of the layer that an answer may lead to, `earlier` all questions before this one."""
        initial = {name: getattr(question, name).get(language, "") for name in self.TEXTS}
        initial |= {name: getattr(question, name) for name in self.FIELDS}
        super().__init__(data, initial=initial)
        self.question, self.language = question, language
        self.kind = QUESTION_TYPES[question.type]
        self.fields["theme"] = ThemeChoiceField(label=_("Theme"), required=False, empty_label=_("no theme"))
        if question.type_locked:
            self.fields["type"].disabled = True
            self.fields["type"].help_text = _(
                "Residents answer it as this type already. For another type, make a new question."
            )
        self.options = [option for option in question.options.all() if not option.retired]
        self.taken_out = [option for option in question.options.all() if option.retired]
        self.ways: list[tuple[str, str]] = []
        if self.kind.has_options:
            # Read the themes once: len() and each further list would query the database again.
            themes = [choice for choice in self.fields["theme"].choices]  # type: ignore[attr-defined]  # noqa: C416
            self.fields["theme"].choices = themes  # type: ignore[attr-defined]
            if self.kind.kind.shape is Shape.ONE and (later or any(option.then for option in self.options)):
                self.ways = _ways(later)
            for option in self.options:
                self._add_option(option, themes)
        else:
            del self.fields["new_options"]
        self._add_pipe(earlier)
        self.propose(name for name in question.proposed if getattr(question, name))
        for name, field in self.kind.settings_fields().items():
            kept = question.settings.get(name, field.initial)
            field.initial = (kept or {}).get(language, "") if name in self.kind.setting_texts else kept
            self.fields[f"set_{name}"] = field
        if self.kind.skip:
            del self.fields["skip"]

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
        self.fields[f"{name}_counts_as"] = forms.ChoiceField(
            label=_("Tells the advice that somebody"),
            required=False,
            choices=[("", _("nothing")), *CountsAs.choices],
            initial=option.counts_as,
        )
        if self.ways:
            known = {way for way, _label in self.ways}
            lost = (
                []
                if option.then in known
                else [(option.then, _("a question that no longer comes after this"))]
            )
            self.fields[f"{name}_then"] = forms.ChoiceField(
                label=_("Then go to"), required=False, choices=[*self.ways, *lost], initial=option.then
            )

    def _add_pipe(self, earlier: Sequence[NumberedQuestion]) -> None:
        """Fields to pipe an earlier answer into the text, with a fallback."""
        language = get_language() or ""
        choices = [
            (str(question.pk), f"{number} {pick(without_tokens(question.text), language)}")
            for number, question in earlier
            if question.type in QUESTION_TYPES and may_be_piped(QUESTION_TYPES[question.type].kind.shape)
        ]
        self.can_pipe = bool(choices)
        if not choices:
            return
        self.fields["pipe"] = forms.ChoiceField(
            label=_("The answer to"), required=False, choices=[("", _("Choose a question")), *choices]
        )
        self.fields["pipe_fallback"] = forms.CharField(
            label=_("For people who gave no answer"),
            help_text=_("These words stand there instead, for example “your neighbourhood”."),
            required=False,
            max_length=80,
        )
        self.fields["pipe_into"] = forms.ChoiceField(
            label=_("Put it in"),
            required=False,
            choices=[("text", self.fields["text"].label), ("hint", self.fields["hint"].label)],
        )

    def has_words(self, name: str) -> bool:
        return name.startswith("option_") and (name.count("_") == 1 or name.endswith("_hint"))

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
                self[f"option_{option.pk}_counts_as"],
                self[f"option_{option.pk}_then"] if self.ways else None,
            )
            for option in self.options
        ]

    @property
    def settings_fields(self) -> list[forms.BoundField]:
        return [self[f"set_{name}"] for name in self.kind.settings_fields()]

    def _setting(self, name: str, value: Any) -> Any:
        """Merges a text setting with its values in other languages."""
        if name not in self.kind.setting_texts:
            return value
        said = self.question.settings.get(name, {}) | {self.language: value.strip()}
        return {code: words for code, words in said.items() if words}

    def clean_new_options(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["new_options"].splitlines() if line.strip()]
        if any(len(line) > LONGEST_LABEL for line in lines):
            raise forms.ValidationError(
                _("An answer may have %s characters. Shorten the longest.") % LONGEST_LABEL
            )
        if len(lines) + len(self.options) > MOST_OPTIONS:
            raise forms.ValidationError(_("More than %s answers can't be read on a phone.") % MOST_OPTIONS)
        return lines

    def clean_pipe_fallback(self) -> str:
        words: str = self.cleaned_data["pipe_fallback"].strip()
        if any(sign in words for sign in "{}|"):
            raise forms.ValidationError(_("Leave { } and | out: they stand around the place of the answer."))
        return words

    def clean(self) -> dict[str, Any]:
        """Appends the token of the chosen earlier answer to the text; its author can move it from there."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("pipe"):
            if not data.get("pipe_fallback") and "pipe_fallback" in data:
                self.add_error("pipe_fallback", _("Say what people read who gave no answer."))
            else:
                into = data.get("pipe_into") or "text"
                token = Token(data["pipe"], data.get("pipe_fallback", ""))
                data[into] = f"{data.get(into, '')} {token}".strip()
        return data

    @property
    def to_question_words(self) -> QuestionWords:
        data = self.cleaned_data
        fields = {name: data[name] for name in self.FIELDS if name in data}
        # A type changed just now shows its own settings on the next page.
        if fields["type"] == self.question.type:
            kept = {name: self._setting(name, data[f"set_{name}"]) for name in self.kind.settings_fields()}
            fields["settings"] = {name: value for name, value in kept.items() if value not in (None, "", {})}
        return QuestionWords(
            texts={name: data[name] for name in self.TEXTS},
            fields=fields,
            options={
                row.option.pk: OptionWords(
                    label=data[f"option_{row.option.pk}"],
                    hint=data[f"option_{row.option.pk}_hint"],
                    theme_id=data[f"option_{row.option.pk}_theme"],
                    dont_know=data[f"option_{row.option.pk}_dont_know"],
                    counts_as=data[f"option_{row.option.pk}_counts_as"],
                    then=data[f"option_{row.option.pk}_then"] if row.then else row.option.then,
                )
                for row in self.option_rows
                if row.label.html_name in self.data  # skip answers that a colleague added meanwhile
            },
            new_options=data.get("new_options") or (),
            confirmed=self.confirmed,
        )


# Form to dismiss a remark.


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why may it stay?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why it may stay: colleagues read it.")},
    )

    def __init__(self, data: Any = None, *, number: int) -> None:
        super().__init__(data, auto_id=f"%s-{number}")
        if self.is_bound:
            self.fields["reason"].widget.attrs["autofocus"] = True
