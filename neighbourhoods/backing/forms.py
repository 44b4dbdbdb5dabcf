"""What a backer fills in: nothing when they agree, one sentence when they don't."""

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
