"""Form to begin with the code of a letter."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LetterCodeForm(forms.Form):
    """The typed text is passed on unchanged: the service normalises it."""

    code = forms.CharField(
        label=_("The code in your letter"),
        max_length=60,
        help_text=_("Eight letters and figures. Capitals, spaces and dashes don't matter."),
        error_messages={
            "required": _("Type the code that is in your letter."),
            "max_length": _("Type only the code, of eight letters and figures."),
        },
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "nabij-code-field",
                "dir": "ltr",
            }
        ),
    )
