"""What residents fill in on their own page. Forms never write."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.codes import normalise
from feedback.forms.hearing_back import WRONG_ADDRESS
from feedback.models import FollowUpItem

UNKNOWN_CODE = _("We don't know this code. Mind the O and the 0.")
LETTER_CODE = _(
    "This looks like the code in a letter. Type it at the address in that letter; after you answered you get a "
    "code for this page."
)
_LETTER = re.compile(r"(?=.*\d)[0-9a-z]{4}[\s-]*[0-9a-z]{4}", re.IGNORECASE)
"""The look of a code in a letter: eight signs in two fours. Whether it is one, only its survey knows."""


class CodeForm(forms.Form):
    """A private code, as it was shown or nearly so."""

    code = forms.CharField(
        label=_("Your code"),
        max_length=2000,  # also a whole message that was pasted
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
        if normalise(typed) is None:
            raise forms.ValidationError(LETTER_CODE if _LETTER.fullmatch(typed.strip()) else UNKNOWN_CODE)
        return typed


class LostForm(forms.Form):
    """The address that was left, for a link by mail."""

    email = forms.EmailField(
        label=_("Your e‑mail address"),
        max_length=254,
        error_messages={"required": WRONG_ADDRESS, "invalid": WRONG_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class ReactionForm(forms.Form):
    """Does this answer you? A no may say what is missing."""

    answer = forms.ChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        error_messages={"required": _("Choose yes or no."), "invalid_choice": _("Choose yes or no.")},
    )
    reason = forms.CharField(
        label=_("What is missing?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("A few words will do. Better leave out names and phone numbers."),
    )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        too_many = len(reason) - FollowUpItem.LONGEST_REASON
        if too_many > 0:
            raise forms.ValidationError(
                _("Your text is %(count)d characters too long. We kept all of it; shorten it a little.")
                % {"count": too_many}
            )
        return reason

    @property
    def answers_me(self) -> bool:
        return self.cleaned_data["answer"] == "yes"
