"""What a colleague decides about a mail that came in."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.i18n import pick
from feedback.answers.services.replies import ReplyTarget


class LinkForm(forms.Form):
    """What these words are about."""

    to = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what these words are about.")},
    )

    def __init__(self, *args: Any, places: list[ReplyTarget], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        self.fields["to"].choices = [
            (
                place.key,
                (_("Our answer: %(title)s") if place.item else _("Still waiting for an answer: %(title)s"))
                % {"title": pick(place.title, language)},
            )
            for place in places
        ]


class DiscardForm(forms.Form):
    note = forms.CharField(
        label=_("What did you do with it?"),
        help_text=_("Nothing for us, answered by phone. Without names."),
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": _("Write in a few words what you did with it.")},
    )
