"""Forms for retention terms and legal basis of a survey."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import TogetherForm
from surveys.builder.services.keeping import RETENTION_TERMS, notes_of
from surveys.models import DataProcessingRecord
from surveys.models.keeping import KeepingNotes
from surveys.states import LegalBasis


class NotesForm(TogetherForm):
    """Legal basis, note for the impact assessment, and who else sees the answers."""

    basis = forms.ChoiceField(
        label=gettext_lazy("Legal basis"),
        help_text=gettext_lazy(
            "For a survey this nearly always is the task of the municipality. Ask your privacy officer."
        ),
        choices=LegalBasis.choices,
    )
    basis_in = forms.CharField(
        label=gettext_lazy("In which law or decision"),
        help_text=gettext_lazy("For example: our participation ordinance, article 3."),
        required=False,
        max_length=300,
    )
    impact_note = forms.CharField(
        label=gettext_lazy("Note for the impact assessment (DPIA)"),
        help_text=gettext_lazy(
            "What could go wrong for people who answer, and what you do about it. Or where the assessment is kept."
        ),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    processors = forms.CharField(
        label=gettext_lazy("Who processes the answers for you"),
        help_text=gettext_lazy("Each with the date of the processing agreement. Nobody? Then say so."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, notes: KeepingNotes | None = None, **options: Any) -> None:
        super().__init__(data, initial=notes_of(notes) if notes else {}, **options)


class KeepingForm(NotesForm):
    first_layer_on = forms.DateField(
        label=gettext_lazy("Answers to layer 1 only: erased on"),
        help_text=gettext_lazy(
            "Empty: with all the others. The answers of people who still wait for ours are "
            "kept until they have it."
        ),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    words_on = forms.DateField(
        label=gettext_lazy("What people wrote: erased on"),
        help_text=gettext_lazy("Empty: with the answers. What nobody answered yet is kept until it is."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    abandoned_days = forms.IntegerField(
        label=gettext_lazy("Begun but never finished: erased after (days)"),
        min_value=1,
        max_value=365,
    )
    address_days = forms.IntegerField(
        label=gettext_lazy("E‑mail addresses: erased after our last message (days)"),
        help_text=gettext_lazy("Empty: as the privacy page says. You can only be stricter."),
        required=False,
        min_value=1,
        max_value=365,
    )

    as_default = forms.BooleanField(
        label=gettext_lazy("Keep these as the default for all surveys"),
        help_text=gettext_lazy(
            "Every new survey then begins with the legal basis, the note and the processors as they stand here."
        ),
        required=False,
    )

    def __init__(self, data: Any = None, *, keeping: DataProcessingRecord, may_set_default: bool) -> None:
        super().__init__(data, notes=keeping)
        for name in RETENTION_TERMS:
            self.initial[name] = getattr(keeping, name)
        if not may_set_default:
            del self.fields["as_default"]
