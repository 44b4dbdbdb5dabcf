"""Form to publish again: spelling or meaning?"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from surveys.states import VersionKind


class RepublishForm(forms.Form):
    """`seen` is the revision whose changes were read: later edits by a colleague are not published with it."""

    kind = forms.ChoiceField(widget=forms.RadioSelect)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, revision: int, must_be_meaning: bool, was_open: bool) -> None:
        super().__init__(
            data, initial={"seen": revision, "kind": VersionKind.MEANING if must_be_meaning else ""}
        )
        meaning = (
            _(
                "Another meaning: what reads otherwise becomes a new question or answer, so that numbers don't mix. "
                "Somebody signs the new version before it goes live"
            )
            if was_open
            else _("Another meaning: somebody signs the new text before it opens")
        )
        spelling = _("Spelling: it means the same. The signature stays, and residents read it at once")
        choices = [(VersionKind.MEANING.value, meaning)]
        if not must_be_meaning:
            choices.insert(0, (VersionKind.COSMETIC.value, spelling))
        self.fields["kind"].label = _("Are these other words, or another question?")
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
