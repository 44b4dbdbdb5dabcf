"""Form to dismiss a remark."""

from django import forms
from django.utils.translation import gettext_lazy


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why may it stay?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why it may stay: colleagues read it.")},
    )
