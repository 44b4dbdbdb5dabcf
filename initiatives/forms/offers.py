"""The form with which somebody joins in, and those with which a coordinator looks after them."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from initiatives.models import Offer
from initiatives.services.offers import Hands
from initiatives.states import OFFER_TRANSITIONS, Motive, OfferState, Skill, TimeGift, Way
from neighbourhoods.models import colleagues_in


class JoinForm(forms.Form):
    """Everything is optional but the way, one way to be reached, and consent for exactly this."""

    way = forms.ChoiceField(
        label=_("What suits you?"),
        choices=Way,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what suits you.")},
    )
    skills = forms.MultipleChoiceField(
        label=_("What are you good at?"), choices=Skill, required=False, widget=forms.CheckboxSelectMultiple
    )
    time = forms.ChoiceField(
        label=_("How much time do you have?"),
        choices=[("", _("I don't know yet")), *TimeGift.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    motives = forms.MultipleChoiceField(
        label=_("Why would you do it? Choose at most two."),
        choices=Motive,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    email = forms.EmailField(
        label=_("Your e‑mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": _(
                "Something is missing in the e‑mail address. An address looks like this: name@example.com."
            )
        },
    )
    phone = forms.CharField(
        label=_("Or your phone number"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    consent = forms.BooleanField(
        label=_("I want to join in. The municipality may contact me about it."),
        required=False,
    )
    is_16_or_older = forms.BooleanField(label=_("I am 16 or older."), required=False)
    submit_key = forms.CharField(
        widget=forms.HiddenInput, max_length=64, initial=lambda: secrets.token_urlsafe(24)
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("email") and not data.get("phone") and "email" not in self.errors:
            self.add_error("email", _("Leave an e‑mail address or a phone number, or we can't reach you."))
        if not data.get("consent"):
            self.add_error("consent", _("Tick the box if we may contact you, or go on without."))
        if not data.get("is_16_or_older"):
            self.add_error(
                "is_16_or_older", _("Joining in is possible from 16. Your answer counts all the same.")
            )
        if len(data.get("motives") or []) > 2:
            self.add_error("motives", _("Choose at most two reasons."))
        return data

    @property
    def hands(self) -> Hands:
        data = self.cleaned_data
        return Hands(way=data["way"], time=data["time"], skills=data["skills"], motives=data["motives"])


class StepForm(forms.Form):
    """What happened, and what comes next before when."""

    to = forms.ChoiceField(label=_("How is it now?"), widget=forms.RadioSelect)
    next_action = forms.CharField(
        label=_("Next step"),
        max_length=120,
        error_messages={"required": _("Write the next step: nobody is lost between two steps.")},
    )
    on = forms.DateField(
        label=_("Before"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day, like 2026-05-15.")},
    )

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ahead = OFFER_TRANSITIONS.get(offer.state, frozenset()) - {OfferState.CLOSED}
        self.fields["to"].choices = [
            (state.value, state.label) for state in OfferState if state == offer.state or state in ahead
        ]
        self.initial = {"to": offer.state, "next_action": offer.next_action, "on": offer.next_action_on}


class CloseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why does it end?"),
        help_text=_("They read this on their own page."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why it ends: they read it on their own page.")},
    )


class ColleagueForm(forms.Form):
    """Who takes over."""

    to = forms.ModelChoiceField(
        label=_("Who takes over?"),
        queryset=User.objects.none(),
        empty_label=_("Choose a colleague"),
        error_messages={"required": _("Choose who takes over.")},
    )

    def __init__(self, *args: Any, areas: list[int], without: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues_in(areas).exclude(pk=without.pk)
