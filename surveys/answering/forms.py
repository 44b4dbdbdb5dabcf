"""Forms to begin with the code of a letter, and to say where one lives."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Area
from surveys.models import Response


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


class WhereForm(forms.Form):
    """The neighbourhood, where there are too many for buttons. A choice that is not offered counts as none."""

    area = forms.ModelChoiceField(
        label=_("Neighbourhood"), queryset=Area.objects.none(), required=False, empty_label=_("Choose")
    )

    def __init__(self, data: Any = None, *, response: Response) -> None:
        super().__init__(data, auto_id="%s", initial={"area": response.area_id})
        self.fields["area"].queryset = response.survey.areas.order_by("name")
