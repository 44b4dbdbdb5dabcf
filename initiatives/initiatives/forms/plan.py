"""Forms of the plan: a line, and the address of somebody who takes on a task."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TogetherTextsForm
from feedback.contacts.forms import HearBackForm
from initiatives.models import Task


class LineForm(TogetherTextsForm):
    """Who, what, before when. The text is required in the first language only."""

    who = forms.CharField(
        label=_("Who"),
        help_text=_("A role, never a name: “the youth worker”. Empty when nobody does it yet."),
        max_length=80,
        required=False,
    )
    before = DateField(label=_("Before"), required=False, error_messages={"invalid": _("Choose a day.")})
    is_open = forms.BooleanField(
        label=_("Anybody may take this on"),
        help_text=_("It stands on the page of the initiative, for a small thing that somebody does once."),
        required=False,
    )

    def __init__(self, *args: Any, languages: list[str], task: Task | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(task, name) for name in ("who", "before", "is_open")} if task else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.use_required_attribute = False
        spoken = list(dict.fromkeys([*languages, *(task.what if task else {})]))
        names = self.add_texts(
            "what", label=_("What"), languages=spoken, value=task.what if task else None, max_length=160
        )
        self.order_fields([*names, "who", "before", "is_open"])

    @property
    def fields_of_task(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"what": self.texts("what"), **{name: data[name] for name in ("who", "before", "is_open")}}


class TaskAddressForm(HearBackForm):
    """HearBackForm with a consent text about this task only."""

    consent = forms.BooleanField(
        label=_("Yes, the municipality may mail me about what I took on."),
        error_messages={"required": _("Tick the box if we may mail you, or go on without e‑mail.")},
    )
    is_16_or_older = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={
            "required": _("Under 16? You can do this all the same. We just can't keep your address.")
        },
    )
