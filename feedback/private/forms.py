"""Forms of the private page. Forms never write."""

import re
from contextlib import suppress
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.codes import normalise_private_code
from core.phone_numbers import NotAMobileNumber, parse_mobile_number
from feedback.contacts.forms import WRONG_ADDRESS
from feedback.models import FollowUpItem
from feedback.states import Happened

UNKNOWN_CODE = _("We don't know this code. Mind the O and the 0.")
LETTER_CODE = _(
    "This looks like the code in a letter. Type it at the address in that letter; after you answered you get a "
    "code for this page."
)
_LETTER = re.compile(r"(?=.*\d)[0-9a-z]{4}[\s-]*[0-9a-z]{4}", re.IGNORECASE)
"""The pattern of a letter's access code: eight characters in two groups. Only its survey can tell if it is one."""


class CodeForm(forms.Form):
    """A private code, with some tolerance in spelling."""

    code = forms.CharField(
        label=_("Your code"),
        max_length=2000,  # room for a whole pasted message
        help_text=_("Three words and three digits. Capitals and spaces don't matter."),
        error_messages={"required": UNKNOWN_CODE, "max_length": UNKNOWN_CODE},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]
        if normalise_private_code(typed) is None:
            raise forms.ValidationError(LETTER_CODE if _LETTER.fullmatch(typed.strip()) else UNKNOWN_CODE)
        return typed


WRONG_ADDRESS_OR_NUMBER = _(
    "Something is missing. An address looks like this: name@example.org; a number like this: 06 12345678."
)


class LostForm(forms.Form):
    """The address or number that was left, to send a link to."""

    email = forms.CharField(
        label=_("Your e‑mail address"),
        max_length=254,
        error_messages={"required": WRONG_ADDRESS, "invalid": WRONG_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )

    def __init__(self, *args: Any, by_text: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.unknown: Any = WRONG_ADDRESS
        if by_text:
            self.fields["email"].label = _("Your e‑mail address or mobile number")
            self.unknown = WRONG_ADDRESS_OR_NUMBER
            self.fields["email"].error_messages["required"] = WRONG_ADDRESS_OR_NUMBER
            self.fields["email"].widget = forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none"})

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        with suppress(NotAMobileNumber):
            return parse_mobile_number(typed)
        return forms.EmailField(error_messages={"invalid": self.unknown}).clean(typed)


class _WithRoom(BoundField):
    """A text whose limit is said below it (`components/room.html`)."""

    @property
    def aria_describedby(self) -> str:
        return f"{super().aria_describedby} {self.auto_id}-room"


class _ItemForm(forms.Form):
    """A form about one item, on a page with several."""

    item: int | None = None
    """The item of a returned form."""

    def __init__(self, data: Any = None, *, about: FollowUpItem, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"%s-{about.pk}", **kwargs)


class ReactionForm(_ItemForm):
    """“Does this answer you?” A no may say what is missing."""

    answer = forms.ChoiceField(
        label=_("Does this answer you?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect(attrs={"class": "nabij-options--two"}),
        error_messages={"required": _("Choose yes or no."), "invalid_choice": _("Choose yes or no.")},
    )
    reason = forms.CharField(
        label=_("What is missing?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A few words will do. Better leave out names and phone numbers."),
        bound_field_class=_WithRoom,
    )

    def clean_reason(self) -> str:
        return not_too_long(self.cleaned_data["reason"])

    @property
    def answers_me(self) -> bool:
        return self.cleaned_data["answer"] == "yes"


class HappenedForm(_ItemForm):
    """“Did what was promised happen?” With optional text."""

    happened = forms.ChoiceField(
        choices=Happened.choices,
        error_messages={
            "required": _("Choose yes, partly or no."),
            "invalid_choice": _("Choose yes, partly or no."),
        },
    )
    words = forms.CharField(
        label=_("What is not there?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A few words will do. Better leave out names and phone numbers."),
    )

    def __init__(self, data: Any = None, *, about: FollowUpItem) -> None:
        super().__init__(data, about=about)
        if about.look_back.happened == Happened.YES:
            self.fields["words"].label = _("Do you want to say something about it?")

    def clean_words(self) -> str:
        return not_too_long(self.cleaned_data["words"])


def not_too_long(words: str) -> str:
    too_many = len(words) - FollowUpItem.LONGEST_REASON
    if too_many > 0:
        raise forms.ValidationError(
            _("Your text is %(count)d characters too long. We kept all of it; shorten it a little.")
            % {"count": too_many}
        )
    return words
