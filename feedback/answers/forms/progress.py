"""What happened since an answer: a day and a few words, in the languages of the answer."""

from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms.fields import DateField, helper
from core.forms.translations import TextsForm
from feedback.answers.services import compose
from feedback.models import FollowUp
from feedback.states import ProgressKind

_MAX_LENGTH = 500


class ProgressForm(TextsForm):
    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=ProgressKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened.")},
    )
    on = DateField(label=_("On"), error_messages={"required": _("Choose a day.")})

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        super().__init__(*args, initial={"kind": ProgressKind.UPDATE, "on": timezone.localdate()}, **kwargs)
        texts = self.add_texts(
            "text",
            label=str(_("In a few words")),
            languages=compose.follow_up_languages(follow_up, {}),
            max_length=_MAX_LENGTH,
            rows=3,
            help_text=str(_("Everybody reads it under “You said, we did”. Nobody by name.")),
        )
        self.helper = helper("kind", Row(Column("on")), *texts)
