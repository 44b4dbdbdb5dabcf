"""How long the answers of one survey are kept, on what legal basis, and who else sees them."""

from django.db import models
from django.db.models import Q

from surveys.models.draft import Survey
from surveys.states import LegalBasis

ABANDONED_DAYS = 30
"""Days during which an unfinished response can be resumed."""


class KeepingNotes(models.Model):
    """For the privacy officer: legal basis, note for the impact assessment, and who else sees the answers."""

    basis = models.CharField(max_length=12, choices=LegalBasis, default=LegalBasis.PUBLIC_TASK)
    basis_in = models.CharField(max_length=300, blank=True)
    impact_note = models.TextField(blank=True)
    processors = models.TextField(blank=True)

    class Meta:
        abstract = True


class KeepingDefault(KeepingNotes):
    """Notes that every new survey of this municipality starts with. Edited in the settings; at most one row."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_keeping_default"),
            models.CheckConstraint(
                condition=Q(basis__in=LegalBasis.values), name="default_legal_basis_is_known"
            ),
        ]

    def __str__(self) -> str:
        return "what surveys begin with"


class DataProcessingRecord(KeepingNotes):
    """Processing record for the privacy officer (GDPR articles 5, 6, 28 and 35), with retention terms.

    Finished answers are erased on the survey's `erase_on`. These may go sooner: answers to layer 1 alone on
    `first_layer_on`, words that were answered on `words_on`, unfinished responses after `abandoned_days`, an
    address `address_days` after the last message. After publication a term can only become shorter: people
    were told.
    """

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="keeping")
    first_layer_on = models.DateField(null=True, blank=True)
    words_on = models.DateField(null=True, blank=True)
    abandoned_days = models.PositiveSmallIntegerField(default=ABANDONED_DAYS)
    # None: the general term on the privacy page. A survey can only be stricter.
    address_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=LegalBasis.values), name="legal_basis_is_known"),
            models.CheckConstraint(
                condition=Q(abandoned_days__gte=1) & (Q(address_days=None) | Q(address_days__gte=1)),
                name="terms_are_at_least_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"keeping of survey {self.survey_id}"
