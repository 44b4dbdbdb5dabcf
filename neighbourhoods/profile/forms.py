"""Forms about an area: residents, indicators, parties, places and key persons."""

from datetime import timedelta
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import ConcurrentEditForm, ConcurrentEditTextsForm, DateField, helper
from neighbourhoods.imports.services.postcodes import areas_of_postcode
from neighbourhoods.models import Area, Indicator, KeyPerson, Party, Place, Source
from neighbourhoods.states import KeyPersonKind, PartyKind, PlaceKind

# --- indicators --------------------------------------------------------------------------------


class IndicatorForm(ConcurrentEditTextsForm):
    """The municipality's own texts and settings of an indicator."""

    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    decimals = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=4)
    is_key = forms.BooleanField(
        label=_("Shown on the profile of a neighbourhood"),
        help_text=_("Six to ten figures can be taken in at a glance."),
        required=False,
    )

    def __init__(self, *args: Any, indicator: Indicator, languages: list[str], **kwargs: Any) -> None:
        initial = {name: getattr(indicator, name) for name in ("unit", "decimals", "is_key")}
        super().__init__(*args, initial=initial, **kwargs)
        own = ["unit", "decimals", "is_key"]
        spoken = list(dict.fromkeys([*languages, *indicator.name]))
        self.add_texts("name", label=_("Name"), languages=spoken, value=indicator.name, max_length=60)
        self.add_texts(
            "explanation",
            label=_("In plain words"),
            languages=spoken,
            value=indicator.explanation,
            max_length=400,
            required=False,
            rows=2,
        )
        self.add_texts(
            "sentence",
            label=_("As residents read it"),
            help_text=_("A sentence with {n} in the place of the figure; of a share “of every 100”."),
            languages=spoken,
            value=indicator.sentence,
            max_length=200,
            required=False,
        )
        self.order_fields([name for name in self.fields if name not in own] + own)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name, words in list(data.items()):  # add_error removes items while iterating
            if name.startswith("sentence_") and words and "{n}" not in words:
                self.add_error(name, _("Put {n} where the figure comes."))
        return data

    @property
    def changes(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in ("unit", "decimals", "is_key")}
        return plain | {name: self.texts(name) for name in ("name", "explanation", "sentence")}


class SourceForm(ConcurrentEditForm, forms.ModelForm):
    url = forms.URLField(label=_("Where it can be found"), required=False, assume_scheme="https")

    class Meta:
        model = Source
        fields = ("name", "publisher", "licence", "url")
        labels = {"publisher": _("Who published it")}
        help_texts = {"licence": _("For example: CC BY 4.0.")}

    def validate_unique(self) -> None:
        """The service refuses a name that is taken, under its lock."""


# --- inventory ---------------------------------------------------------------------------------


LONGEST_REVIEW_DAYS = 2 * 365


def with_current_choice(choices: QuerySet[Any], now: int | None) -> QuerySet[Any]:
    """These choices and the current one, which must not be lost if it ended or lies elsewhere."""
    return choices.model._default_manager.filter(Q(pk__in=choices.values("pk")) | Q(pk=now))


class PartyForm(forms.ModelForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=PartyKind, widget=forms.RadioSelect)
    url = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Party
        fields = ("name", "kind", "areas", "about", "url")
        labels = {"about": _("What it does here")}
        widgets = {"areas": forms.CheckboxSelectMultiple, "about": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "name": {"required": _("Write how people call it.")},
            "areas": {"required": _("Choose at least one area.")},
        }

    def __init__(self, *args: Any, areas: QuerySet[Area], here: Area, **kwargs: Any) -> None:
        initial = {} if kwargs.get("instance") else {"kind": PartyKind.ORGANISATION, "areas": [here.pk]}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["areas"].queryset = areas
        self.helper = helper("name", "kind", "areas", "about", "url")


class AreaModelForm(forms.ModelForm):
    """A form for an entry of one area, perhaps of a party: it begins in the area of the page."""

    area = forms.ModelChoiceField(label=_("Where"), queryset=Area.objects.none(), empty_label=None)

    def __init__(
        self, *args: Any, areas: QuerySet[Area], parties: QuerySet[Party], here: Area, **kwargs: Any
    ) -> None:
        initial = {} if kwargs.get("instance") else {"area": here.pk}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["area"].queryset = with_current_choice(areas, self.instance.area_id)
        self.fields["party"].queryset = with_current_choice(parties, self.instance.party_id)


class PlaceForm(AreaModelForm):
    kind = forms.ChoiceField(label=_("What it is for"), choices=PlaceKind, initial=PlaceKind.MEETING)
    party = forms.ModelChoiceField(
        label=_("Whose"), queryset=Party.objects.none(), required=False, empty_label=_("not known")
    )

    class Meta:
        model = Place
        fields = ("name", "kind", "area", "address", "party", "free", "about")
        widgets = {"about": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"free": _("For example: Tuesdays and Thursdays, for thirty people.")}
        error_messages = {"name": {"required": _("Write how people call it.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("name", Row(Column("kind"), Column("area")), "free", "address", "party", "about")


class KeyPersonForm(AreaModelForm):
    """A role. A name, number or address only with permission, the notice, and a review date."""

    kind = forms.ChoiceField(
        label=_("Knows people from"),
        choices=[("", _("Choose")), *KeyPersonKind.choices],
        error_messages={"required": _("Choose where this person knows people from.")},
    )
    party = forms.ModelChoiceField(
        label=_("Speaks for"), queryset=Party.objects.none(), required=False, empty_label=_("nobody else")
    )

    class Meta:
        model = KeyPerson
        fields = (
            "kind",
            "role",
            "area",
            "party",
            "spoken_on",
            "name",
            "phone",
            "email",
            "permission_on",
            "notified_on",
            "review_on",
        )
        field_classes = dict.fromkeys(("spoken_on", "permission_on", "notified_on", "review_on"), DateField)
        labels = {
            "email": _("E‑mail address"),
            "notified_on": _("Was told what we keep on"),
            "review_on": _("Look again on"),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {
            "role": _(
                "As neighbours say it: “a hairdresser”, “the caretaker”. No name: everybody with a role reads it."
            ),
            "spoken_on": _("Empty: not spoken to yet."),
            "review_on": _(
                "On this day we ask again. Nobody asked for 30 days after it? Then the name is erased."
            ),
        }
        error_messages = {
            "role": {"required": _("Write what this person is in the neighbourhood.")},
            "email": {
                "invalid": _(
                    "Something is missing in the e-mail address. It looks like this: name@example.nl."
                )
            },
        }

    ABOUT_PERSON = ("name", "phone", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        if not self.instance.pk:
            self.initial |= {"kind": "", "spoken_on": today}
        for name in ("spoken_on", "permission_on", "notified_on"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        for name in ("spoken_on", "permission_on", "notified_on"):
            if data.get(name) and data[name] > today:
                self.add_error(name, _("This day is still to come."))
        if any(data.get(name) for name in self.ABOUT_PERSON):
            self._check_permission(data)
        else:
            # Without a name nothing is stored about the person, nor what they agreed to.
            data |= {"permission_on": None, "notified_on": None, "review_on": None}
        return data

    def _check_permission(self, data: dict[str, Any]) -> None:
        today = timezone.localdate()
        lacking = {
            "permission_on": _(
                "A name only with permission. On which day did they say yes? Else leave a role alone."
            ),
            "notified_on": _(
                "Tell them what we keep and why (GDPR, article 14). The text is ready; note the day here."
            ),
            "review_on": _("Choose the day on which we ask again whether this may stay."),
        }
        for name, why in lacking.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, why)
        review = data.get("review_on")
        if review and not today < review <= today + timedelta(days=LONGEST_REVIEW_DAYS):
            self.add_error("review_on", _("Choose a day after today and within two years."))


# --- residents ---------------------------------------------------------------------------------


class PostcodeForm(forms.Form):
    """A postcode, looked up and not stored. Posted, so that it appears in no URL and no log."""

    postcode = forms.CharField(
        label=_("Your postcode"),
        max_length=20,
        error_messages={"required": _("Type your postcode, like 1011 AB.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "postal-code", "autocapitalize": "characters", "dir": "ltr"}
        ),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def clean_postcode(self) -> list[Area]:
        found = areas_of_postcode(self.cleaned_data["postcode"])
        if not found:
            raise forms.ValidationError(
                _("We don't know this postcode here. Choose your neighbourhood below.")
            )
        return found
