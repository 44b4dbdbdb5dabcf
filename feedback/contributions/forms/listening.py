"""What a reader finds in a text."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.i18n import pick
from feedback.models import Contribution
from feedback.states import Handover, Reading
from neighbourhoods.models import Theme

MOST_WORDS = 20


class ThemesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, theme: Theme) -> str:
        return pick(theme.name, get_language() or "")


class ListenForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reading = forms.ChoiceField(
        label=_("May it be repeated?"),
        choices=[
            (Reading.CLEAR, _("Nothing sensitive. Our mail to this person may repeat it.")),
            (Reading.SENSITIVE, _("Sensitive. Nobody repeats it.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it may be repeated. Nothing is, until you say so.")},
    )
    themes = ThemesField(
        label=_("What is it about?"),
        help_text=_("Each theme gets an answer of its own."),
        queryset=Theme.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    handover = forms.ChoiceField(
        label=_("Must somebody know today?"),
        choices=[
            (Handover.NONE, _("No")),
            (Handover.DANGER, _("Yes: danger, a threat or abuse")),
            (Handover.DEFECT, _("Yes: something is broken in the street")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    hide = forms.CharField(
        label=_("Mask more words"),
        help_text=_("Names, house numbers, a number plate. One on each line, as they stand in the text."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        contribution: Contribution,
        themes: Sequence[Any],
        ticked: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        """`themes` are those to choose from, each with `given`; those that are `ticked` (slugs) are taken over."""
        super().__init__(*args, **kwargs)
        self.contribution = contribution
        self.to_decide = contribution.may_be_danger and contribution.reading == Reading.UNREAD
        field = self.fields["themes"]
        field.queryset = Theme.objects.filter(pk__in=[theme.pk for theme in themes])
        field.choices = [(theme.pk, field.label_from_instance(theme)) for theme in themes]
        self.initial = {
            "seen": contribution.revision,
            "reading": "" if contribution.reading == Reading.UNREAD else contribution.reading,
            "themes": [theme.pk for theme in themes if theme.given or theme.slug in ticked],
            "handover": "" if self.to_decide else contribution.handover,
        }

    def clean_handover(self) -> str:
        """Of what may be about danger nobody says no by not looking."""
        if self.to_decide and not self.cleaned_data["handover"]:
            raise forms.ValidationError(_("This may be about danger. Say whether somebody must know today."))
        return self.cleaned_data["handover"] or Handover.NONE

    def clean_hide(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["hide"].splitlines() if word.strip()]
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(_("Mask at most 20 words or phrases at once."))
        text = self.contribution.masked_text.casefold()
        if absent := [word for word in words if word.casefold() not in text]:
            raise forms.ValidationError(
                _("This does not stand in the text: %(words)s.") % {"words": ", ".join(absent)}
            )
        return words
