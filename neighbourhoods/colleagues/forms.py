"""Forms for administrators: colleagues, handing over work, and the log."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from crispy_forms.layout import Column, Row
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from accounts.details import MODEL_LABELS
from accounts.models import Event, EventQuerySet, User
from core.forms import DateField, helper
from neighbourhoods.models import Area, colleagues_in
from neighbourhoods.states import Power, Role

# --- colleagues --------------------------------------------------------------------------------


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


class OwnProfileForm(forms.Form):
    title = forms.CharField(
        label=_("What are you to residents?"),
        max_length=80,
        help_text=_("A role, for example “neighbourhood manager”. Residents see this, never your name."),
        error_messages={
            "required": _("Write what residents may call you, for example “neighbourhood manager”.")
        },
    )
    language = forms.ChoiceField(label=_("Language of our mails to you"), choices=settings.LANGUAGES)


class WelcomeForm(OwnProfileForm):
    """Adds a password for a colleague who can't sign in yet."""

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


# --- handing over ------------------------------------------------------------------------------


class HandoverForm(forms.Form):
    """The colleague who takes over: anybody with at least this power in one of these areas."""

    to = forms.ModelChoiceField(
        label=_("Who takes over?"),
        queryset=User.objects.none(),
        empty_label=_("Choose a colleague"),
        error_messages={"required": _("Choose who takes over.")},
    )

    def __init__(
        self,
        *args: Any,
        areas: list[int],
        without: User | None = None,
        least: Power = Power.COORDINATOR,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues_in(areas, least=least).exclude(
            pk=without.pk if without else None
        )


# --- log ---------------------------------------------------------------------------------------


class LogForm(forms.Form):
    """Filters of the log: who, about what, and between which days; all optional."""

    who = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("everybody")
    )
    kind = forms.ChoiceField(label=_("About"), required=False)
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Until and including"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["class"] = "utrecht-textbox"
        self.fields["who"].queryset = User.objects.filter(events__isnull=False).distinct()
        kinds = Event.objects.order_by("kind").values_list("kind", flat=True).distinct()
        names = sorted((str(kind_name(kind)), kind) for kind in kinds)
        self.fields["kind"].choices = [("", _("everything")), *((kind, name) for name, kind in names)]

    def found(self) -> EventQuerySet:
        """The events that match; an invalid field is ignored and shows its error."""
        self.is_valid()
        asked = self.cleaned_data
        events = Event.objects.select_related("actor")
        if asked.get("who"):
            events = events.filter(actor=asked["who"])
        if asked.get("kind"):
            events = events.filter(kind=asked["kind"])
        return events.between(asked.get("since"), asked.get("until"))


def kind_name(kind: str) -> str:
    """“surveys.survey” as a label; a model without a label keeps its model name."""
    name = kind.partition(".")[2]
    return str(MODEL_LABELS.get(name, name))


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """Puts the password reset link after the button (login.html); before the field, it caught Tab and Enter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
