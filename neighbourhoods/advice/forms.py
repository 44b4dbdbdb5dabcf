"""Forms for the means of an area and for choosing an approach."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from neighbourhoods.advice.advice import Advice, AreaApproach
from neighbourhoods.models import AreaResources
from neighbourhoods.wording import APPROACHES

_ANSWER_VALUES = {"": None, "yes": True, "no": False}


class ResourcesForm(forms.Form):
    """Empty means unknown; zero means there is none."""

    mandate = forms.ChoiceField(
        label=gettext_lazy("Does somebody in charge stand behind working here?"),
        choices=[
            ("", gettext_lazy("not known yet")),
            ("yes", gettext_lazy("yes")),
            ("no", gettext_lazy("no")),
        ],
        required=False,
    )
    mandate_of = forms.CharField(
        label=gettext_lazy("Who, by role"),
        help_text=gettext_lazy("For example: the alderman for housing, until the elections."),
        max_length=80,
        required=False,
    )
    budget = forms.IntegerField(
        label=gettext_lazy("Budget in euros"),
        help_text=gettext_lazy("0 when there is none. Empty when you don't know."),
        min_value=0,
        max_value=100_000_000,
        required=False,
    )
    hours = forms.IntegerField(
        label=gettext_lazy("Hours of colleagues a week"),
        help_text=gettext_lazy("0 when there are none. Empty when you don't know."),
        min_value=0,
        max_value=10_000,
        required=False,
    )

    def __init__(self, data: Any = None, *, means: AreaResources | None) -> None:
        said = next((key for key, value in _ANSWER_VALUES.items() if means and value is means.mandate), "")
        rest = ("mandate_of", "budget", "hours")
        super().__init__(
            data, initial={"mandate": said} | {name: getattr(means, name, None) for name in rest}
        )

    def clean_mandate(self) -> bool | None:
        return _ANSWER_VALUES[self.cleaned_data["mandate"]]


class ApproachDecisionForm(forms.Form):
    """Choose the advice, or another approach with a reason."""

    chosen = forms.ChoiceField(label=gettext_lazy("What do you choose?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("When you choose something else: why?"),
        help_text=gettext_lazy("Then we still know next year."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, advice: Advice) -> None:
        super().__init__(data, initial={"chosen": advice.approach, "seen": advice.approach})
        first = [(advice.approach, _("%s (the advice)") % APPROACHES[advice.approach])]
        others = [(one, APPROACHES[one]) for one in AreaApproach if one != advice.approach]
        self.fields["chosen"].choices = [*first, *others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("chosen") != data.get("seen") and not data.get("reason", "").strip():
            self.add_error("reason", _("You choose something else than was advised. Write down why."))
        return data
