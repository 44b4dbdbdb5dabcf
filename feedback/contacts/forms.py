"""Forms for residents to be reached and to follow a neighbourhood. Forms never write."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.states import DeliveryChannel, HowOften
from core.phone_numbers import NotAMobileNumber, is_in_sms_country, parse_mobile_number

WRONG_ADDRESS = _("Something is missing in the e‑mail address. An address looks like this: name@example.org.")
WRONG_NUMBER = _("We can't send a text to this number. A number looks like this: 06 12345678.")
FOREIGN_NUMBER = _("We send no texts to numbers of that country. Leave an e‑mail address instead.")
WRONG_POSTCODE = _("This is not a Dutch postcode. One looks like 1234 AB.")
NO_CONSENT = _("Tick the box if we may mail you, or go on without e‑mail.")
TOO_YOUNG = _(
    "Under 16? Your answer counts just the same. We just can't keep your address. "
    "Your code shows you everything."
)
CONSENT_TO_MAIL = _("Yes, the municipality may mail me about what happens with my answer.")


class HearBackForm(forms.Form):
    """An address, explicit consent (never ticked by default), and “I am 16 or older”."""

    email = forms.EmailField(
        label=_("Your e‑mail address"),
        max_length=254,
        error_messages={"required": WRONG_ADDRESS, "invalid": WRONG_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    consent = forms.BooleanField(label=CONSENT_TO_MAIL, error_messages={"required": NO_CONSENT})
    is_16_or_older = forms.BooleanField(label=_("I am 16 or older."), error_messages={"required": TOO_YOUNG})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Use our own error messages at the field, not the browser's.
        self.use_required_attribute = False

    address_field = "email"
    """The field that shows why the address can't be kept."""

    @property
    def address(self) -> dict[str, str]:
        """The keyword arguments for `leave_address`."""
        if isinstance(self, PostalAddressForm):
            return {"postal": self.postal}
        return {self.address_field: self.cleaned_data[self.address_field]}

    @property
    def consent_sentence(self) -> str:
        """The consent as shown, stored beside the address."""
        return str(self.fields["consent"].label)


class _OtherCarrierForm(HearBackForm):
    """A carrier other than e-mail: the same consent and age, another address."""

    email = None  # type: ignore[assignment]


class MobileNumberForm(_OtherCarrierForm):
    """A mobile number for texts."""

    field_order = ("mobile", "consent", "is_16_or_older")
    address_field = "mobile"

    mobile = forms.CharField(
        label=_("Your mobile number"),
        max_length=40,
        help_text=_("You get a text with a link, never at night."),
        error_messages={"required": _("Your mobile number is missing.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )
    consent = forms.BooleanField(
        label=_("Yes, the municipality may text me about what happens with my answer."),
        error_messages={"required": _("Tick the box if we may text you.")},
    )

    def clean_mobile(self) -> str:
        try:
            number = parse_mobile_number(self.cleaned_data["mobile"])
        except NotAMobileNumber:
            raise forms.ValidationError(WRONG_NUMBER) from None
        if not is_in_sms_country(number):
            raise forms.ValidationError(FOREIGN_NUMBER)
        return number


class HouseForm(forms.Form):
    """A postal address without a name."""

    use_required_attribute = False

    street = forms.CharField(
        label=_("Street and number"),
        max_length=60,
        error_messages={"required": _("The street is missing.")},
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=10,
        error_messages={"required": WRONG_POSTCODE},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "dir": "ltr"}),
    )
    town = forms.CharField(
        label=_("Town"),
        max_length=40,
        error_messages={"required": _("The town is missing.")},
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )

    def clean_street(self) -> str:
        street = " ".join(self.cleaned_data["street"].split())
        if not any(sign.isdigit() for sign in street):
            raise forms.ValidationError(_("The house number is missing."))
        return street

    def clean_postcode(self) -> str:
        found = re.fullmatch(r"([1-9][0-9]{3})\s*([A-Z]{2})", self.cleaned_data["postcode"].strip().upper())
        if found is None:
            raise forms.ValidationError(WRONG_POSTCODE)
        return f"{found[1]} {found[2]}"

    @property
    def house(self) -> str:
        """The lines below the name on an envelope."""
        data = self.cleaned_data
        return f"{data['street']}\n{data['postcode']}  {' '.join(data['town'].split()).upper()}"


class PostalAddressForm(HouseForm, _OtherCarrierForm):
    """A postal address, for residents without e-mail or mobile."""

    field_order = ("name", "street", "postcode", "town", "consent", "is_16_or_older")
    address_field = "street"

    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        required=False,
        help_text=_("You can leave it out. Then the letter is for who lives there."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    consent = forms.BooleanField(
        label=_("Yes, the municipality may write me a letter about what happens with my answer."),
        error_messages={"required": _("Tick the box if we may write to you.")},
    )

    @property
    def postal(self) -> str:
        """All lines of an envelope."""
        return f"{' '.join(self.cleaned_data['name'].split())}\n{self.house}"


CONTACT_FORMS: dict[str, type[HearBackForm]] = {
    DeliveryChannel.MAIL: HearBackForm,
    DeliveryChannel.TEXT: MobileNumberForm,
    DeliveryChannel.LETTER: PostalAddressForm,
}


class HowOftenForm(forms.Form):
    """How often answers come by mail."""

    how_often = forms.ChoiceField(
        label=_("How often?"),
        choices=HowOften,
        widget=forms.RadioSelect,
        help_text=_(
            "Once a week is on Thursday, once a month on the first Thursday. The end result comes when everything you "
            "said is answered. On your own page you read each answer at once."
        ),
        error_messages={"required": _("Choose how often."), "invalid_choice": _("Choose how often.")},
    )


class FollowForm(HearBackForm):
    """The same fields, for news of a neighbourhood."""

    consent = forms.BooleanField(
        label=_("Yes, the municipality may mail me when something is asked or decided here."),
        error_messages={"required": _("Tick the box if we may mail you.")},
    )
    is_16_or_older = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={
            "required": _("Under 16? You can read everything here. We just can't keep your address.")
        },
    )
