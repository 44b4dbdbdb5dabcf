"""What residents fill in about hearing back. Forms never write."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

WRONG_ADDRESS = _("Something is missing in the e‑mail address. An address looks like this: name@example.org.")
NO_CONSENT = _("Tick the box if we may mail you, or go on without e‑mail.")
TOO_YOUNG = _(
    "Under 16? Your answer counts just the same. We just can't keep your address. "
    "Your code shows you everything."
)
CONSENT_TO_MAIL = _("Yes, the municipality may mail me about what happens with my answer.")


class HearBackForm(forms.Form):
    """An address, consent of its own that is never ticked beforehand, and “I am 16 or older”."""

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
        # Errors come from us, in one sentence at the field, and not from the browser.
        self.use_required_attribute = False

    @property
    def consent_sentence(self) -> str:
        """What was agreed to, as it was shown: kept beside the address."""
        return str(self.fields["consent"].label)


class FollowForm(HearBackForm):
    """The same, for news of a neighbourhood."""

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
