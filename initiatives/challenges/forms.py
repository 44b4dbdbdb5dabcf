"""Forms of challenges, for residents and for colleagues."""

import secrets
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.forms import ConcurrentEditTextsForm, TextsForm, native_language_name
from feedback.contacts.forms import HearBackForm
from initiatives.challenges.services import ChallengeRequest, Decision
from initiatives.models import Challenge
from initiatives.states import CHALLENGE_DECISIONS, Applicant, ChallengeState
from neighbourhoods.models import Party, Theme
from neighbourhoods.profile.forms import with_current_choice
from neighbourhoods.settings.forms import ThemeChoiceField

_MAX_TEXT_LENGTH = 2_000


def _long(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


class AskForm(forms.Form):
    """The parts of a request. Only `task`, `applicant` and `better` are required; a colleague asks for the
    rest by phone."""

    task = forms.CharField(
        label=_("Which task do you want to take over?"),
        help_text=_("For example: keeping the park, running the swimming pool, clearing snow."),
        max_length=_MAX_TEXT_LENGTH,
        widget=_long(3),
        error_messages={"required": _("Write which task it is.")},
    )
    applicant = forms.ChoiceField(
        label=_("Who asks?"),
        choices=[
            (Applicant.RESIDENT, _("I do, I live here")),
            (Applicant.GROUP, _("we do, a group of neighbours")),
            (Applicant.PARTY, _("an organisation of this neighbourhood")),
        ],
        initial=Applicant.RESIDENT,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who asks.")},
    )
    who = forms.CharField(
        label=_("Who are you, in a few words?"),
        help_text=_("What you can do and have done. No names and no phone numbers."),
        max_length=_MAX_TEXT_LENGTH,
        widget=_long(2),
        required=False,
    )
    better = forms.CharField(
        label=_("Why can you do it better or cheaper?"),
        max_length=_MAX_TEXT_LENGTH,
        widget=_long(4),
        error_messages={"required": _("Write why: that is what the decision is about.")},
    )
    support = forms.CharField(
        label=_("Who in the neighbourhood supports it?"),
        help_text=_("How many neighbours, which organisations. It may still be little."),
        max_length=_MAX_TEXT_LENGTH,
        widget=_long(3),
        required=False,
    )
    budget = forms.IntegerField(
        label=_("How much money do you need each year, in euros?"),
        help_text=_("An estimate will do. Leave it empty when you don't know yet."),
        min_value=0,
        max_value=100_000_000,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": _("Write whole euros in figures, like 12500."),
            "min_value": _("Write whole euros in figures, like 12500."),
            "max_value": _("Write whole euros in figures, like 12500."),
        },
    )
    theme = ThemeChoiceField(label=_("What is it about?"), required=False, empty_label=_("not sure"))
    key = forms.CharField(
        widget=forms.HiddenInput, max_length=64, required=False, initial=lambda: secrets.token_urlsafe(24)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    @property
    def challenge_request(self) -> ChallengeRequest:
        data = self.cleaned_data
        return ChallengeRequest(**{name: data[name] for name in self.fields if name != "key"})


class AskerAddressForm(HearBackForm):
    """HearBackForm with a consent text about this request."""

    consent = forms.BooleanField(
        label=_("Yes, the municipality may mail me about my request."),
        error_messages={"required": _("Tick the box if we may mail you, or go on without e‑mail.")},
    )
    is_16_or_older = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={
            "required": _("Under 16? Your request counts just the same. We just can't keep your address.")
        },
    )


class PublicForm(ConcurrentEditTextsForm):
    """The public texts, in a colleague's words."""

    theme = ThemeChoiceField(label=_("Theme"), required=False, empty_label=_("not chosen yet"))
    party = forms.ModelChoiceField(
        label=_("Organisation"),
        help_text=_("Only when an organisation asks. It is named on the page; people never are."),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("none"),
    )

    def __init__(
        self,
        *args: Any,
        challenge: Challenge,
        languages: list[str],
        parties: QuerySet[Party],
        **kwargs: Any,
    ) -> None:
        initial = {"theme": challenge.theme_id, "party": challenge.party_id}
        super().__init__(*args, initial=initial, **kwargs)
        self.use_required_attribute = False
        self.fields["theme"].queryset = with_current_choice(Theme.objects.in_use(), challenge.theme_id)
        self.fields["party"].queryset = with_current_choice(parties, challenge.party_id)
        spoken = list(dict.fromkeys([*languages, *challenge.title, *challenge.summary]))
        titles = self.add_texts(
            "title", label=str(_("Title")), languages=spoken, value=challenge.title, max_length=120
        )
        summaries = self.add_texts(
            "summary",
            label=str(_("What they ask")),
            languages=spoken,
            value=challenge.summary,
            max_length=1_500,
            rows=4,
        )
        self.order_fields([*titles, *summaries, "theme", "party"])

    @property
    def changes(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "title": self.texts("title"),
            "summary": self.texts("summary"),
            "theme": data["theme"],
            "party": data["party"],
        }


class DecideForm(TextsForm):
    """The decision, the body that took it, its reasons and the next step, in every language in which people
    wait for it."""

    outcome = forms.ChoiceField(
        label=_("What was decided?"),
        choices=[(state.value, state.label) for state in ChallengeState if state in CHALLENGE_DECISIONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what was decided.")},
    )
    body = forms.CharField(
        label=_("Which body decided?"),
        help_text=_("As residents know it: “the mayor and aldermen”, “the council”."),
        max_length=80,
        error_messages={"required": _("Say which body decided: residents must be able to turn to it.")},
    )

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.languages = languages
        self.add_texts(
            "reasons", label=str(_("Why?")), languages=languages, max_length=2_000, rows=4,
            help_text=str(_("Who asked reads it first, then everybody.")),
        )  # fmt: skip
        self.add_texts(
            "next_step", label=str(_("What comes next?")), languages=languages, max_length=1_000, rows=3,
            help_text=str(
                _("After a no: what they can do now. Whom to talk to, how to object and before when.")
            ),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for part in ("reasons", "next_step"):
            for code in self.languages[1:]:
                if f"{part}_{code}" not in self.errors and not data.get(f"{part}_{code}"):
                    self.add_error(
                        f"{part}_{code}",
                        _("Write it in %(language)s as well: it is read in that language.")
                        % {"language": native_language_name(code)},
                    )
        return data

    @property
    def decision(self) -> Decision:
        data = self.cleaned_data
        return Decision(data["outcome"], data["body"], self.texts("reasons"), self.texts("next_step"))
