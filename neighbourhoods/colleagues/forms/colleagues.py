"""Asking a colleague in, changing what they may do, and their own welcome."""

from crispy_forms.layout import Column, Row
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms.fields import DateField, helper
from neighbourhoods.models import Area
from neighbourhoods.states import Role


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("E‑mail address at work"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Write the e-mail address. An address looks like this: name@example.nl."),
            "invalid": _("Something is missing in the e-mail address. It looks like this: name@example.nl."),
        },
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.EDITOR)
    area = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Area.objects.none(),
        empty_label=None,
        help_text=_("The role also holds in everything inside it."),
        error_messages={"invalid_choice": _("Choose an area of which you are an administrator.")},
    )
    until = DateField(label=_("Last day"), required=False, help_text=_("Empty: no end."))

    def __init__(self, *args, areas, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas
        self.helper = helper("email", Row(Column("role"), Column("area")), "until")


class MembershipForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    until = DateField(label=_("Last day"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(Row(Column("role"), Column("until")))


class MeForm(forms.Form):
    title = forms.CharField(
        label=_("What are you to residents?"),
        max_length=80,
        help_text=_("A role, for example “neighbourhood manager”. Residents see this, never your name."),
        error_messages={
            "required": _("Write what residents may call you, for example “neighbourhood manager”.")
        },
    )
    language = forms.ChoiceField(label=_("Language of our mails to you"), choices=settings.LANGUAGES)


class WelcomeForm(MeForm):
    """With a password for whoever can't sign in yet."""

    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.has_usable_password():
            del self.fields["password"]
        else:
            self.fields["password"].help_text = " ".join(password_validators_help_texts()[1:2])

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]
