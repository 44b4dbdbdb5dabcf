"""Forms with which a coordinator looks after an offer."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TextsForm
from initiatives.models import ExpectationCard, Initiative, Offer
from initiatives.states import OFFER_TRANSITIONS, OfferState
from neighbourhoods.models import Area, Party, Place, Theme
from neighbourhoods.profile.forms import with_current_choice
from neighbourhoods.settings.forms import ThemeChoiceField

A_DAY = {"required": _("Choose a day."), "invalid": _("Choose a day, like 2026-05-15.")}


class StepForm(forms.Form):
    """The new state, and the next step with its day. If step and day are empty, the usual next step is planned."""

    to = forms.ChoiceField(label=_("How is it now?"), widget=forms.RadioSelect)
    next_action = forms.CharField(label=_("Next step"), max_length=120, required=False)
    on = DateField(label=_("Before"), required=False, error_messages=A_DAY)
    pause_asked = forms.BooleanField(
        label=_("A break, because they asked for it themselves"),
        help_text=_(
            "Then we write that we leave them alone until that day, and not that there is nothing now."
        ),
        required=False,
    )
    address_is_right = forms.BooleanField(
        label=_("I read the e‑mail address to them, and it is right."), required=False
    )

    why = forms.CharField(
        label=_("Later than you said? Why?"),
        max_length=300,
        required=False,
        help_text=_("Who waits reads this."),
    )

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        ahead = OFFER_TRANSITIONS.get(offer.state, frozenset()) - {OfferState.CLOSED, OfferState.NEW}
        self.fields["to"].choices = [
            (state.value, state.label) for state in OfferState if state == offer.state or state in ahead
        ]
        self.initial = {"to": offer.state, "next_action": offer.next_action, "on": offer.next_action_on}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        action, on, to = data.get("next_action"), data.get("on"), data.get("to")
        if "on" in self.errors:
            return data
        is_usual = not action and not on and to != self.offer.state
        if to == OfferState.PAUSED and not on:
            self.add_error("on", _("Until when is the pause?"))
        elif not is_usual and to != OfferState.PAUSED:
            if not action:
                self.add_error("next_action", _("Write the next step: nobody is lost between two steps."))
            if not on:
                self.add_error("on", _("Choose a day."))
        return data


class CloseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why does it end?"),
        help_text=_("They read this on their own page."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why it ends: they read it on their own page.")},
    )


class ClearanceForm(forms.Form):
    """The day a document was seen. It has no field for the document: that is never kept."""

    seen_on = DateField(label=_("Seen on"), error_messages=A_DAY)


class PartyForm(forms.Form):
    """Which listed party makes the offer. An empty choice adds the party as told to the list."""

    party = forms.ModelChoiceField(
        label=_("Which party is it?"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("Choose a party"),
    )

    def __init__(self, *args: Any, parties: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].queryset = parties
        if offer.party_name and offer.party_kind:
            self.fields["party"].empty_label = _("new on the list: %(name)s") % {"name": offer.masked_party}


class PlaceForm(forms.Form):
    """Which listed place is offered. An empty choice adds the place as told to the list."""

    place = forms.ModelChoiceField(
        label=_("Which place is it?"),
        queryset=Place.objects.none(),
        required=False,
        empty_label=_("Choose a place"),
    )

    def __init__(self, *args: Any, places: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = places
        if offer.address:
            self.fields["place"].empty_label = _("new on the list: %(name)s") % {"name": offer.masked_place}


class InviteForm(forms.Form):
    """Which card stands above the open invitation in an area."""

    area = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Area.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose where."), "invalid_choice": _("Choose where.")},
    )
    card = forms.ModelChoiceField(
        label=_("Which card"),
        queryset=ExpectationCard.objects.none(),
        required=False,
        empty_label=_("none: nobody is asked to join in here"),
    )

    def __init__(self, *args: Any, areas: Any, cards: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset, self.fields["card"].queryset = areas, cards


# The form of the inventory: an initiative as it is noted down.


class InitiativeForm(TextsForm):
    theme = ThemeChoiceField(label=_("Theme"))
    area = forms.ModelChoiceField(label=_("Where"), queryset=Area.objects.none(), empty_label=None)
    party = forms.ModelChoiceField(
        label=_("Who does it"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("not known"),
        help_text=_("Is the party not in the list? Note it with the neighbourhood first."),
    )
    since = DateField(label=_("Since"), required=False)
    url = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    def __init__(
        self,
        *args: Any,
        languages: list[str],
        areas: QuerySet[Area],
        parties: QuerySet[Party],
        here: Area | None = None,
        initiative: Initiative | None = None,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"area": here.pk} if here else {}
        if initiative:
            initial = {
                "theme": initiative.theme_id,
                "area": initiative.area_id,
                "party": initiative.party_id,
                "since": initiative.since,
                "url": initiative.url,
            }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["theme"].queryset = with_current_choice(
            Theme.objects.in_use(), initiative and initiative.theme_id
        )
        self.fields["area"].queryset = with_current_choice(areas, initiative and initiative.area_id)
        self.fields["party"].queryset = with_current_choice(parties, initiative and initiative.party_id)
        self.fields["since"].widget.attrs["max"] = timezone.localdate().isoformat()
        languages = list(dict.fromkeys([*languages, *(initiative.name if initiative else {})]))
        names = self.add_texts(
            "name",
            label=_("Name"),
            languages=languages,
            value=initiative.name if initiative else None,
            max_length=120,
        )
        descriptions = self.add_texts(
            "description",
            label=_("When, where, for whom"),
            languages=languages,
            value=initiative.description if initiative else None,
            max_length=600,
            required=False,
            rows=2,
        )
        self.order_fields([*names, *descriptions, "theme", "area", "party", "since", "url"])

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since and since > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return since

    def changes(self) -> dict[str, Any]:
        fields = {name: self.cleaned_data[name] for name in ("theme", "area", "party", "since", "url")}
        return fields | {"name": self.texts("name"), "description": self.texts("description")}
