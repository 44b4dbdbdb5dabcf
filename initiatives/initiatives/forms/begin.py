"""Forms to begin an initiative: three questions for a resident, and the form at the desk."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TextsForm
from core.languages import offered
from feedback.contacts.forms import HearBackForm
from feedback.masking import find_contact_details
from initiatives.initiatives.services.beginning import MOST_MOTIVES, Idea, InitiativeDraft
from initiatives.states import Motive
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party
from neighbourhoods.settings.forms import LanguageChoiceField, ThemeChoiceField
from neighbourhoods.states import GovernmentRole

_MAX_TEXT_LENGTH = 2_000
TOO_MANY = _("Choose at most two reasons.")


def motives_field(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=Motive, required=False, widget=forms.CheckboxSelectMultiple
    )


class MotivesForm(forms.Form):
    def clean_motives(self) -> list[str]:
        motives = self.cleaned_data["motives"]
        if len(motives) > MOST_MOTIVES:
            raise forms.ValidationError(TOO_MANY)
        return motives


def _question(label: Any, *, rows: int, help_text: Any = "", required: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_MAX_TEXT_LENGTH,
        required=bool(required),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
        error_messages={
            "required": required,
            "max_length": _("Your text is too long. We kept all of it: make it a little shorter."),
        },
    )


class IdeaForm(MotivesForm):
    """Why first; then what, for whom and where."""

    why = _question(
        _("Why do you want this?"),
        rows=3,
        help_text=_("In your own words. What happened, or what do you miss?"),
        required=_("Write in a few words why you want it."),
    )
    motives = motives_field(_("Does one of these fit? Choose at most two."))
    what = _question(
        _("What do you want to do?"),
        rows=3,
        help_text=_("It need not be worked out."),
        required=_("Write in a few words what you want to do."),
    )
    who = _question(
        _("Who is it for, and where?"), rows=2, help_text=_("Better leave out names and telephone numbers.")
    )
    theme = ThemeChoiceField(label=_("What is it about?"))
    sent_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"sent_key": uuid4()}, **kwargs)
        self.use_required_attribute = False

    @property
    def idea(self) -> Idea:
        data = self.cleaned_data
        return Idea(why=data["why"], what=data["what"], who=data["who"], motives=data["motives"])


class IdeaAddressForm(HearBackForm):
    """HearBackForm with a consent text about this idea."""

    consent = forms.BooleanField(
        label=_("Yes, the municipality may mail me about my idea."),
        error_messages={"required": _("Tick the box if we may mail you, or go on without e‑mail.")},
    )
    is_16_or_older = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={
            "required": _("Under 16? Your idea counts just the same. We just can't keep your address.")
        },
    )


# --- at the desk ------------------------------------------------------------------------------


def municipal_roles() -> list[tuple[str, str]]:
    rules = ParticipationRules.current()
    return [
        ("", gettext("not decided yet")),
        *((role.value, rules.role(role).capitalize()) for role in GovernmentRole),
    ]


class WordsForm(TextsForm, MotivesForm):
    """The public texts of an initiative, per language: why first."""

    motives = motives_field(_("Motives, at most two"))
    municipal_role = forms.ChoiceField(
        label=_("What the municipality is in it"),
        required=False,
        help_text=_("Everybody reads it, in plain words."),
    )

    def add_words(self, languages: list[str], of: Any = None, *, begins: bool = False) -> list[str]:
        """Add the fields and return their names in order. `begins` makes the texts required that a new
        initiative needs."""

        def texts(name: str, label: Any, **how: Any) -> list[str]:
            value = getattr(of, name) if of else None
            return self.add_texts(name, label=label, languages=languages, value=value, **how)

        self.fields["municipal_role"].choices = municipal_roles()
        motive = texts(
            "motive",
            _("Why: in the words of who begins"),
            max_length=600,
            rows=3,
            required=begins,
            help_text=_("Without what would give somebody away."),
        )
        goal = texts("goal", _("What it wants"), max_length=600, rows=3, required=begins)
        for_whom = texts("for_whom", _("For whom"), max_length=300, required=False)
        name = texts("name", _("Name"), max_length=120, required=begins or bool(of and of.name))
        return [*motive, "motives", *goal, *for_whom, *name]

    def clean(self) -> dict[str, Any]:
        """The motive is in the beginner's words: refuse contact details, because it is public."""
        data = super().clean() or {}
        for name in [name for name in self.fields if name.startswith("motive_")]:
            if find_contact_details(data.get(name, "")):
                self.add_error(
                    name, _("There is an address or a number in this. Take it out: everybody reads it.")
                )
        return data

    @property
    def words(self) -> dict[str, Any]:
        return {name: self.texts(name) for name in ("motive", "goal", "for_whom", "name")}


class BeginForm(WordsForm):
    area = forms.ModelChoiceField(label=_("Where"), queryset=Area.objects.none(), empty_label=None)
    theme = ThemeChoiceField(label=_("Theme"))
    party = forms.ModelChoiceField(
        label=_("Who begins it"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("we, the municipality"),
        help_text=_("Is the party not in the list? Note it with the neighbourhood first."),
    )
    with_page = forms.BooleanField(
        label=_("Give them a page of their own: you get a code to pass on."),
        required=False,
        help_text=_("There they write updates, plan meetings, send a picture and tell us when they stop."),
    )
    language = LanguageChoiceField(label=_("Language of their page"))
    next_action = forms.CharField(
        label=_("Next step"),
        max_length=120,
        error_messages={"required": _("Write the next step: nobody is lost between two steps.")},
    )
    on = DateField(label=_("Before"), error_messages={"required": _("Choose a day.")})
    sent_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        areas: QuerySet[Area],
        parties: QuerySet[Party],
        here: Area | None = None,
        **kwargs: Any,
    ) -> None:
        languages = offered(Municipality.current().languages) or ["nl"]
        initial = {"sent_key": uuid4(), "area": here.pk if here else None}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["area"].queryset = areas
        self.fields["party"].queryset = parties
        self.fields["on"].widget.attrs["min"] = timezone.localdate().isoformat()
        words = self.add_words(languages, begins=True)
        self.order_fields(
            [*words, "theme", "area", "party", "with_page", "language", "municipal_role", "next_action", "on"]
        )

    @property
    def begun(self) -> InitiativeDraft:
        data = self.cleaned_data
        return InitiativeDraft(
            **self.words,
            motives=data["motives"],
            party=data["party"],
            municipal_role=data["municipal_role"],
        )
