"""Ticks to confirm proposed texts."""

from collections.abc import Iterable

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.forms import TogetherForm

PREFIX = "confirm_"


class ProposedForm(TogetherForm):
    """A form with texts that may be proposals: each of those has a tick, never set beforehand.

    Saving alone confirms nothing: somebody who came for another field did not read this one. A tick is
    ignored if a colleague resolved its proposal meanwhile (by confirming it, or by writing something else).
    """

    def propose(self, names: Iterable[str]) -> None:
        for name in names:
            label = format_html(
                '{}<span class="visually-hidden">: {}</span>',
                _("Yes, this is right for this survey"),
                self.fields[name].label,
            )
            self.fields[PREFIX + name] = forms.BooleanField(label=label, required=False)

    @property
    def confirmed(self) -> list[str]:
        return [
            name.removeprefix(PREFIX)
            for name in self.fields
            if name.startswith(PREFIX) and self.cleaned_data.get(name)
        ]
