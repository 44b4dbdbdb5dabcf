"""Forms for reading what residents wrote, and for settling debts by hand."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.i18n import pick
from core.languages import offered_languages
from feedback.contributions.services.listening import LISTENING_BATCH_SIZE, TickedText
from feedback.models import AnswerOwed, Contribution, Promise
from feedback.states import Handover, Reading
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Area, Municipality, Theme
from neighbourhoods.settings.forms import ThemesChoiceField

# --- listening ---------------------------------------------------------------------------------


MOST_WORDS = 20


class ListenForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reading = forms.ChoiceField(
        label=_("May it be repeated?"),
        choices=[
            (Reading.CLEAR, _("Nothing sensitive. Our mail to this person may repeat it.")),
            (Reading.SENSITIVE, _("Sensitive. Nobody repeats it.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it may be repeated. Nothing is, until you say so.")},
    )
    themes = ThemesChoiceField(
        label=_("What is it about?"),
        help_text=_("Each theme gets an answer of its own."),
    )
    handover = forms.ChoiceField(
        label=_("Must somebody know today?"),
        choices=[
            (Handover.NONE, _("No")),
            (Handover.DANGER, _("Yes: danger, a threat or abuse")),
            (Handover.DEFECT, _("Yes: something is broken in the street")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    hide = forms.CharField(
        label=_("Mask more words"),
        help_text=_("Names, house numbers, a number plate. One on each line, as they stand in the text."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        contribution: Contribution,
        themes: Sequence[Any],
        ticked: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        """`themes` are the choices, each annotated with `given`. Slugs in `ticked` are preselected."""
        super().__init__(*args, **kwargs)
        self.contribution = contribution
        self.to_decide = contribution.may_be_danger and contribution.reading == Reading.UNREAD
        field = self.fields["themes"]
        field.queryset = Theme.objects.filter(pk__in=[theme.pk for theme in themes])
        field.choices = [(theme.pk, field.label_from_instance(theme)) for theme in themes]
        self.initial = {
            "seen": contribution.revision,
            "reading": "" if contribution.reading == Reading.UNREAD else contribution.reading,
            "themes": [theme.pk for theme in themes if theme.given or theme.slug in ticked],
            "handover": "" if self.to_decide else contribution.handover,
        }

    def clean_handover(self) -> str:
        """Possible danger needs an explicit choice; no default."""
        if self.to_decide and not self.cleaned_data["handover"]:
            raise forms.ValidationError(_("This may be about danger. Say whether somebody must know today."))
        return self.cleaned_data["handover"] or Handover.NONE

    def clean_hide(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["hide"].splitlines() if word.strip()]
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(_("Mask at most 20 words or phrases at once."))
        text = self.contribution.masked_text.casefold()
        if absent := [word for word in words if word.casefold() not in text]:
            raise forms.ValidationError(
                _("This does not stand in the text: %(words)s.") % {"words": ", ".join(absent)}
            )
        return words


# --- listening list ----------------------------------------------------------------------------


STATES = [
    ("unread", _("not read yet")),
    ("read", _("read")),
    ("clear", _("nothing sensitive")),
    ("sensitive", _("sensitive")),
    ("handed", _("handed over")),
    ("bare", _("read, without a theme")),
    ("may_quote", _("may be quoted")),
    ("quoted", _("chosen as a quote")),
    ("all", _("all of them")),
]


class FindForm(forms.Form):
    """All fields optional; invalid values are ignored."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False, strip=True)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    area = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    source = forms.ChoiceField(label=_("Survey"), required=False)

    def __init__(
        self, data: Any, *, themes: list[Theme], areas: list[Area], sources: list[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        language = get_language() or ""
        choices = {
            "theme": [(theme.slug, pick(theme.name, language)) for theme in themes],
            "area": [(str(area.pk), area.name) for area in areas],
            "source": sources,
        }
        for name, known in choices.items():
            self.fields[name].choices = [("", _("All of them")), *known]

    @property
    def asked(self) -> dict[str, str]:
        """The valid values; an unknown one is ignored."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ManyForm(forms.Form):
    reading = forms.ChoiceField(
        label=_("May they be repeated?"),
        choices=[
            (Reading.CLEAR, _("Nothing sensitive in any of them")),
            (Reading.SENSITIVE, _("Sensitive. Nobody repeats them.")),
            ("", _("As it was found before; those that nobody read stay unread")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    themes = ThemesChoiceField(
        label=_("Give them all"),
        help_text=_("Beside the themes they have. Each theme gets an answer of its own."),
    )
    suggested = forms.BooleanField(label=_("And to each what is suggested for it"), required=False)


def parse_ticked_rows(values: list[str]) -> list[TickedText]:
    """Parse ticked rows "id~revision~slug,slug"; malformed ones are skipped."""
    found = []
    for value in values[: LISTENING_BATCH_SIZE + 1]:
        pk, _tilde, rest = value.partition("~")
        seen, _tilde, slugs = rest.partition("~")
        try:
            found.append(TickedText(UUID(pk), int(seen[:6]), frozenset(filter(None, slugs.split(",")))))
        except ValueError:
            continue
    return found


# --- second reading ----------------------------------------------------------------------------


class SecondReadingForm(forms.Form):
    """Starts blank, so that the first reader's result stays hidden."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    themes = ThemesChoiceField(
        label=_("What is it about?"),
    )

    def __init__(self, *args: Any, contribution: Contribution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": contribution.revision}


class SettleForm(forms.Form):
    """Take one of the two readings, or both; for anything else the text itself is opened."""

    seen = forms.IntegerField()
    take = forms.ChoiceField(choices=[("first", ""), ("second", ""), ("both", "")])


class ShareForm(forms.Form):
    source = forms.CharField(max_length=40, widget=forms.HiddenInput)
    percent = forms.TypedChoiceField(
        label=_("Which part is read twice?"),
        choices=[(0, _("none")), *((n, f"{n} %") for n in (5, 10, 20, 30, 50, 100))],
        coerce=int,
    )


# --- settle ------------------------------------------------------------------------------------


class DebtSelectionForm(forms.Form):
    """The people on the page that an action applies to."""

    debt = forms.ModelMultipleChoiceField(queryset=AnswerOwed.objects.none(), required=False)
    who = forms.ChoiceField(
        label=_("For whom?"),
        choices=[("ticked", _("the people I ticked")), ("all", _("everybody who waits here"))],
        initial="ticked",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, owed: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owed = owed
        self.fields["debt"].queryset = owed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("who") == "ticked" and not data.get("debt") and "debt" not in self.errors:
            self.add_error("who", _("Tick who it is about, or choose everybody."))
        return data

    @property
    def chosen(self) -> Any:
        """The chosen debts, as a queryset."""
        return self.owed if self.cleaned_data["who"] == "all" else self.cleaned_data["debt"]


class HandOverForm(HandoverForm, DebtSelectionForm):
    """Hand debts over to a colleague."""


class InPersonForm(DebtSelectionForm):
    note = forms.CharField(
        label=_("What were they told?"),
        help_text=_("They find this on their own page."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write in a few words what they were told.")},
    )


class WaiveForm(DebtSelectionForm):
    reason = forms.CharField(
        label=_("Why will there be no answer?"),
        help_text=_("They read this reason on their own page. It can't be sent by mail."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why: they read it on their own page.")},
    )


class MovePromiseForm(forms.Form):
    """Another date, with a reason in every language of the municipality."""

    seen = forms.DateField(widget=forms.HiddenInput)
    due_on = forms.DateField(
        label=_("New date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the new date."),
            "invalid": _("Choose a date, like 2026-05-15."),
        },
    )

    def __init__(self, *args: Any, promise: Promise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = promise.due_on
        names = dict(settings.LANGUAGES)
        self.languages = offered_languages(Municipality.current().languages) or ["nl"]
        for code in self.languages:
            self.fields[f"reason_{code}"] = forms.CharField(
                label=_("Why does it move? (%(language)s)") % {"language": names.get(code, code)},
                max_length=400,
                widget=forms.Textarea(attrs={"rows": 3, "lang": code}),
                error_messages={"required": _("Write why: the people who wait read it.")},
            )

    @property
    def reason(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"reason_{code}"] for code in self.languages}
