"""Which proposals of a round go out."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class RoundForm(forms.Form):
    """Ticks of a plan that was looked at. What is not in the plan as it is now is refused by name: it changed."""

    pair = forms.MultipleChoiceField(
        label=_("Proposals"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one proposal."),
            "invalid_choice": _(
                "Something changed since you looked: somebody was asked, said no, or a place was taken. "
                "Nothing was sent. Have another look below."
            ),
        },
    )

    def __init__(self, data: Any = None, *, pairs: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["pair"].choices = [(pair, pair) for pair in pairs]

    @property
    def is_stale(self) -> bool:
        return self.has_error("pair", "invalid_choice")
