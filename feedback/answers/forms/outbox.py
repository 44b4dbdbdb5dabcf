"""What somebody fills in who looks after a message."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    """A few words for colleagues, kept with the message."""

    note = forms.CharField(
        label=_("What did you find out?"),
        max_length=300,
        required=False,
        widget=forms.TextInput,
    )


class TakeUpForm(forms.Form):
    """How somebody was told after all, or why that is not possible."""

    note = forms.CharField(
        label=_("How were they told?"),
        help_text=_("By phone, by letter, at the door. Or why it can't be done."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write in a few words how they were told, or why not.")},
    )


class ReasonForm(forms.Form):
    """Why the outbox is held, or may go again."""

    note = forms.CharField(
        label=_("Why?"),
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": _("Write why, for whoever looks at this later.")},
    )


class PostedForm(forms.Form):
    """Since when letters are in the post."""

    on = forms.DateField(
        label=_("Posted on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose the day.")},
    )


class RetakeLettersForm(forms.Form):
    """Why a file of letters is taken once more."""

    note = forms.CharField(
        label=_("What went wrong?"),
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": _("Write in a few words what went wrong.")},
    )
