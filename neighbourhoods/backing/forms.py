"""Forms of a backer: nothing to fill in to agree, one sentence to decline."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("No, because"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Your colleague reads this, residents don't."),
        error_messages={
            "required": _("Write in one sentence why not. Your colleague can do something with that.")
        },
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
