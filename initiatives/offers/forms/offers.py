"""Forms for making an offer and for keeping one's own offer up to date."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.forms import DateField
from core.i18n import pick
from initiatives.matching.forms import MomentsField
from initiatives.models import ExpectationCard, Offer
from initiatives.offers.services.offer_care import LONGEST_PAUSE
from initiatives.offers.services.offers import MOST_MOTIVES, NO_PLACE_ERROR, Gift, Hands, SavedAnswers
from initiatives.states import Involvement, Language, Motive, OfferKind, Skill, TimeGift
from neighbourhoods.models import Area, Place, Theme
from neighbourhoods.settings.forms import LanguageChoiceField, ThemeChoiceField
from neighbourhoods.states import PartyKind

NO_CONTACT_ERROR = _("Leave an e‑mail address or a phone number, or we can't reach you.")
FUTURE_DAY_ERROR = _("Choose a day that is still to come.")
GIFT_KIND_CHOICES = [choice for choice in OfferKind.choices if choice[0] != OfferKind.HANDS]


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def skills_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("What are you good at?"),
        choices=Skill,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "nabij-options--two"}),
    )


def time_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("How much time do you have?"),
        choices=[("", _("I don't know yet")), *TimeGift.choices],
        required=False,
        widget=forms.RadioSelect,
    )


def languages_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Which languages do you speak?"),
        choices=Language,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "nabij-options--two"}),
    )


def moments_field(label: Any = None) -> MomentsField:
    label = label or _("When can you?")
    return MomentsField(label=label, help_text=_("Tap what usually suits you. It may be left open."))


def rather_together_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Rather together or alone?"),
        choices=[("", _("I don't mind")), ("yes", _("rather together")), ("no", _("rather alone"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


def words_field(label: Any, *, longest: int = 600, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        **more,
    )


def until_field() -> DateField:
    return DateField(label=_("Until when?"), required=False, help_text=_("It ends by itself after that day."))


def places_of(area: Area) -> QuerySet[Place]:
    """Places a space offered here can be: in the area or the areas around it."""
    here = Q(area__in=Area.objects.inside([area.pk])) | Q(area__in=[one.pk for one in area.above])
    return Place.objects.active().filter(here)


def place_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=_("Which place is it?"),
        queryset=Place.objects.none(),
        required=False,
        empty_label=_("not on this list"),
    )


def address_field() -> forms.CharField:
    return forms.CharField(
        label=_("Where is it?"),
        help_text=_("Only when it is not on the list: the name of the building, street and number."),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )


def _check_place(form: forms.Form, data: dict[str, Any], kind: str | None) -> None:
    if (
        kind == OfferKind.SPACE
        and not data.get("place")
        and not data.get("address")
        and "place" not in form.errors
    ):
        form.add_error("address", NO_PLACE_ERROR)


class ContactForm(forms.Form):
    """Contact details, and consent to exactly that use. One of email and phone is required."""

    email = forms.EmailField(
        label=_("Your e‑mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
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
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"}),
    )
    submit_key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=_new_key)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("email") and not data.get("phone") and "email" not in self.errors:
            self.add_error("email", NO_CONTACT_ERROR)
        return data

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(FUTURE_DAY_ERROR)
        return day


class JoinForm(ContactForm):
    """An offer of hands. Required are only the way, one contact detail and the consent for exactly this.

    `themes` were named earlier in the same visit; only those ticked are stored with the offer.
    """

    way = forms.ChoiceField(
        label=_("What suits you?"),
        choices=Involvement,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what suits you.")},
    )
    skills = skills_field()
    time = time_field()
    moments = moments_field()
    languages = languages_field()
    rather_together = rather_together_field()
    motives = forms.MultipleChoiceField(
        label=_("Why would you do it? Choose at most two."),
        choices=Motive,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = words_field(_("Do you want to add something, in your own words?"))
    is_adult = forms.BooleanField(
        label=_("I am 18 or older."), required=False, help_text=_("For some things that is needed.")
    )
    wishes = forms.MultipleChoiceField(
        label=_("Send along what you named?"),
        help_text=_("Only what you tick travels along. The rest of your answers stays apart."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    consent = forms.BooleanField(
        label=_("I want to join in. The municipality may contact me about it."),
        required=False,
    )
    is_16_or_older = forms.BooleanField(label=_("I am 16 or older."), required=False)

    MORE = (
        "skills",
        "time",
        "moments",
        "languages",
        "rather_together",
        "motives",
        "words",
        "wishes",
        "is_adult",
    )

    def __init__(self, *args: Any, themes: Iterable[Theme] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        named = [(theme.slug, pick(theme.name, language)) for theme in themes]
        self.fields["wishes"].choices = named
        if not named:
            del self.fields["wishes"]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields behind “Tell more, if you like”."""
        return [self[name] for name in self.MORE if name in self.fields]

    @property
    def has_more_errors(self) -> bool:
        return any(field.errors for field in self.more)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("consent"):
            self.add_error("consent", _("Tick the box if we may contact you, or go on without."))
        if not data.get("is_16_or_older"):
            self.add_error(
                "is_16_or_older", _("Joining in is possible from 16. Your answer counts all the same.")
            )
        if len(data.get("motives") or []) > MOST_MOTIVES:
            self.add_error("motives", _("Choose at most two reasons."))
        return data

    @property
    def hands(self) -> Hands:
        data = self.cleaned_data
        return Hands(
            way=data["way"],
            time=data["time"],
            skills=data["skills"],
            motives=data["motives"],
            languages=data["languages"],
            moments=data["moments"],
            rather_together=data["rather_together"],
            is_adult=data["is_adult"],
            wishes=data.get("wishes", []),
            words=data["words"],
        )


class PublicJoinForm(JoinForm):
    """For people who took no survey: the error about age mentions no answer."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "is_16_or_older" in self.errors:
            del self._errors["is_16_or_older"]
            self.add_error("is_16_or_older", _("Joining in is possible from 16."))
        return data


class GiftForm(ContactForm):
    """A party offers something, from a phone, within a minute: what it is, and how to reach them."""

    kind = forms.ChoiceField(
        label=_("What do you have to offer?"),
        choices=GIFT_KIND_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    place = place_field()
    address = address_field()
    words = words_field(
        _("In a few words: what is it?"),
        required=True,
        error_messages={"required": _("Write in a few words what it is.")},
    )
    party_name = forms.CharField(
        label=_("Who are you?"),
        help_text=_("Your organisation, company or group."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
        error_messages={"required": _("Write who offers it.")},
    )
    party_kind = forms.ChoiceField(
        label=_("What are you?"),
        choices=PartyKind,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you are.")},
    )
    moments = moments_field(_("When is it there?"))
    conditions = words_field(_("Under which conditions?"), longest=300)
    until = until_field()
    consent = forms.BooleanField(
        label=_("The municipality may contact me about this offer. I am 16 or older."),
        error_messages={"required": _("Tick the box, or we can't get in touch.")},
    )

    MORE = ("moments", "conditions", "until")

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = places_of(area)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        _check_place(self, data, data.get("kind"))
        return data

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    @property
    def has_more_errors(self) -> bool:
        return any(field.errors for field in self.more)

    @property
    def gift(self) -> Gift:
        return _gift(self.cleaned_data)


def _gift(data: dict[str, Any]) -> Gift:
    return Gift(
        kind=data["kind"],
        words=data["words"],
        party_kind=data["party_kind"],
        party_name=data["party_name"],
        moments=data["moments"],
        conditions=data["conditions"],
        until=data["until"],
        place=data["place"],
        address=data["address"],
    )


class CardChoice(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=ExpectationCard.objects.none(), **kwargs)


class NotedOfferForm(ContactForm):
    """An offer made in a talk, noted by a colleague. Consent was given orally, to a sentence read to them."""

    area = forms.ModelChoiceField(
        label=_("Where?"),
        queryset=Area.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose where.")},
    )
    theme = ThemeChoiceField(label=_("What is it about?"), required=False, empty_label=_("anything"))
    kind = forms.ChoiceField(
        label=_("What do they offer?"), choices=OfferKind, initial=OfferKind.HANDS, widget=forms.RadioSelect
    )
    card = CardChoice(
        label=_("Which card did you go through with them?"),
        required=False,
        empty_label=_("Choose"),
        help_text=_("For hands: what they may expect. Read it to them first."),
    )
    way = forms.ChoiceField(
        label=_("What suits them?"), choices=Involvement, required=False, widget=forms.RadioSelect
    )
    skills = skills_field()
    time = time_field()
    moments = moments_field(_("When?"))
    languages = languages_field()
    rather_together = rather_together_field()
    is_adult = forms.BooleanField(label=_("They are 18 or older."), required=False)
    words = words_field(_("In their own words"), help_text=_("Why, or what it is. No names, no addresses."))
    party_name = forms.CharField(label=_("Which organisation or group?"), max_length=120, required=False)
    party_kind = forms.ChoiceField(
        label=_("What are they?"),
        choices=[("", _("somebody by themselves")), *PartyKind.choices],
        required=False,
    )
    place = place_field()
    address = address_field()
    conditions = words_field(_("Under which conditions?"), longest=300)
    until = until_field()
    language = LanguageChoiceField(label=_("Which language do we write to them in?"))
    said_yes = forms.BooleanField(
        label=_(
            "I read this to them, and they said yes: “The municipality may contact me about it. I am 16 or older.”"
        ),
        error_messages={"required": _("Read the sentence to them, and tick the box when they say yes.")},
    )

    FOR_HANDS = ("card", "way", "skills", "time", "languages", "rather_together", "is_adult")
    FOR_PARTIES = ("party_name", "party_kind", "conditions")

    def __init__(self, *args: Any, areas: Any, cards: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas
        self.fields["email"].label, self.fields["phone"].label = (
            _("Their e‑mail address"),
            _("Their phone number"),
        )
        self.fields["skills"].label, self.fields["time"].label = (
            _("What are they good at?"),
            _("How much time?"),
        )
        self.fields["languages"].label = _("Which languages do they speak?")
        self.fields["card"].queryset = cards
        self.fields["place"].queryset = Place.objects.active().filter(area__in=areas).select_related("area")
        self.fields["place"].empty_label = _("another place, or none")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") == OfferKind.HANDS:
            if not data.get("way"):
                self.add_error("way", _("Choose what suits them."))
            if not data.get("card") and "card" not in self.errors:
                self.add_error(
                    "card", _("Nobody is asked to join in without a card that says what to expect.")
                )
        elif not data.get("words") and "words" not in self.errors:
            self.add_error("words", _("Write in a few words what it is."))
        _check_place(self, data, data.get("kind"))
        return data

    @property
    def consent_sentence(self) -> str:
        return str(
            _("Said out loud in a talk: “The municipality may contact me about it. I am 16 or older.”")
        )

    @property
    def details(self) -> Hands | Gift:
        data = self.cleaned_data
        if data["kind"] == OfferKind.HANDS:
            return Hands(
                way=data["way"],
                time=data["time"],
                skills=data["skills"],
                languages=data["languages"],
                moments=data["moments"],
                rather_together=data["rather_together"],
                is_adult=data["is_adult"],
                words=data["words"],
                until=data["until"],
            )
        return _gift(data)


# --- on the private page ----------------------------------------------------------------------


class OwnOfferForm(forms.Form):
    """The fields of an offer that its holder may change."""

    time = time_field()
    skills = skills_field()
    moments = moments_field()
    languages = languages_field()
    rather_together = rather_together_field()
    words = words_field(_("In your own words"))
    place = place_field()
    address = address_field()
    conditions = words_field(_("Under which conditions?"), longest=300)
    until = until_field()

    OF_HANDS = ("time", "skills", "languages", "rather_together")
    OF_SPACES = ("place", "address")
    FIELDS = (*OF_HANDS, *OF_SPACES, "moments", "words", "conditions", "until")

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        together = {True: "yes", False: "no", None: ""}[offer.rather_together]
        initial = {name: getattr(offer, name) for name in self.FIELDS} | {"rather_together": together}
        super().__init__(*args, initial=initial, **kwargs)
        self.use_required_attribute = False
        if offer.is_hands:
            del self.fields["conditions"]
        else:
            for name in self.OF_HANDS:
                del self.fields[name]
            self.fields["moments"].label = _("When is it there?")
        if offer.kind == OfferKind.SPACE:
            self.fields["place"].queryset = places_of(offer.area) | Place.objects.filter(pk=offer.place_id)
        else:
            for name in self.OF_SPACES:
                del self.fields[name]
        self.kind = offer.kind

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        _check_place(self, data, self.kind)
        return data

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(FUTURE_DAY_ERROR)
        return day

    @property
    def saved_answers(self) -> SavedAnswers:
        return SavedAnswers(**self.cleaned_data)


class PauseForm(forms.Form):
    """A break until a day, at most LONGEST_PAUSE ahead."""

    pause_until = DateField(
        label=_("Until when do you want a break?"),
        error_messages={"required": FUTURE_DAY_ERROR, "invalid": FUTURE_DAY_ERROR},
    )

    def clean_pause_until(self) -> Any:
        day = self.cleaned_data["pause_until"]
        if not timezone.localdate() < day <= timezone.localdate() + LONGEST_PAUSE:
            raise forms.ValidationError(_("Choose a day that is still to come, within a year."))
        return day

    @staticmethod
    def suggested() -> dict[str, Any]:
        return {"pause_until": timezone.localdate() + timedelta(days=30)}
