"""Form for a channel."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from neighbourhoods.models import Area
from surveys.models import Channel, Survey
from surveys.states import ChannelKind

# Letters and mail start from an address list; the rehearsal makes its own channel.
ELSEWHERE = (ChannelKind.LETTER, ChannelKind.EMAIL, ChannelKind.REHEARSAL)
CHANNEL_KINDS_TO_ADD = [kind for kind in ChannelKind if kind not in ELSEWHERE]


class ChannelForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind.value, kind.label) for kind in CHANNEL_KINDS_TO_ADD]
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("So that you recognise it in the results: “Poster at the school”."),
    )
    code = forms.CharField(
        label=gettext_lazy("Short address"),
        required=False,
        max_length=12,
        help_text=gettext_lazy(
            "Letters and figures that people can type from a poster. Empty: we choose one."
        ),
    )
    area = forms.ModelChoiceField(
        label=gettext_lazy("Where it hangs"),
        queryset=Area.objects.none(),
        required=False,
        empty_label=gettext_lazy("several places: ask where people live"),
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data)
        self.fields["area"].queryset = survey.areas.all()  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().lower()
        if code and not re.fullmatch(r"[a-z0-9]{3,12}", code):
            raise forms.ValidationError(_("Use 3 to 12 letters and figures, without spaces."))
        if code and Channel.objects.filter(code__iexact=code).exists():
            raise forms.ValidationError(_("This short address is taken. Choose another."))
        return code
