"""What somebody fills in to take waiting people off the board, or to put them on another desk."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.languages import offered
from feedback.models import AnswerOwed, Promise
from neighbourhoods.colleagues.forms.handing_over import ColleagueForm
from neighbourhoods.models import Municipality


class WhoForm(forms.Form):
    """Which of the people on the page an action is about."""

    debt = forms.ModelMultipleChoiceField(queryset=AnswerOwed.objects.none(), required=False)
    who = forms.ChoiceField(
        label=_("For whom?"),
        choices=[("ticked", _("the people I ticked")), ("all", _("everybody who waits here"))],
        initial="ticked",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, owed: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owed = owed
        self.fields["debt"].queryset = owed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("who") == "ticked" and not data.get("debt") and "debt" not in self.errors:
            self.add_error("who", _("Tick who it is about, or choose everybody."))
        return data

    @property
    def chosen(self) -> Any:
        """The debts that were meant, as a queryset."""
        return self.owed if self.cleaned_data["who"] == "all" else self.cleaned_data["debt"]


class HandOverForm(ColleagueForm, WhoForm):
    """Which of them, and who takes over."""


class InPersonForm(WhoForm):
    note = forms.CharField(
        label=_("What were they told?"),
        help_text=_("They find this on their own page."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write in a few words what they were told.")},
    )


class WaiveForm(WhoForm):
    reason = forms.CharField(
        label=_("Why will there be no answer?"),
        help_text=_("They read this reason on their own page. It can't be sent by mail."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why: they read it on their own page.")},
    )


class MovePromiseForm(forms.Form):
    """Another date, and why, in every language of the municipality."""

    seen = forms.DateField(widget=forms.HiddenInput)
    due_on = forms.DateField(
        label=_("New date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the new date."),
            "invalid": _("Choose a date, like 2026-05-15."),
        },
    )

    def __init__(self, *args: Any, promise: Promise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = promise.due_on
        names = dict(settings.LANGUAGES)
        self.languages = offered(Municipality.current().languages) or ["nl"]
        for code in self.languages:
            self.fields[f"reason_{code}"] = forms.CharField(
                label=_("Why does it move? (%(language)s)") % {"language": names.get(code, code)},
                max_length=400,
                widget=forms.Textarea(attrs={"rows": 3, "lang": code}),
                error_messages={"required": _("Write why: the people who wait read it.")},
            )

    @property
    def reason(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"reason_{code}"] for code in self.languages}
