"""Paper forms and print runs."""

from typing import Self, TypeVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.jobs import LeasedModel, LeasedQuerySet
from surveys.models.questionnaire import Channel, SurveyVersion
from surveys.states import LETTER_TRANSITIONS, DoubleEntryShare, LetterState, PaperState

# Letters or forms that a job makes together, in their own folder, until they are destroyed.


Run = TypeVar("Run", bound="PrintRun")


class PrintRunQuerySet(LeasedQuerySet[Run]):
    def with_files(self) -> Self:
        """Runs that still have addresses or codes in their folder."""
        return self.exclude(state=LetterState.DESTROYED)


class PrintRun(LeasedModel):
    """Belongs to one channel; each subclass defines `channel`."""

    channel: Channel

    TRANSITIONS = LETTER_TRANSITIONS
    TO_DO = frozenset({LetterState.MAKING})
    DESTROYED_WHEN_DESTROYED = Q(state=LetterState.DESTROYED, destroyed_on__isnull=False) | (
        ~Q(state=LetterState.DESTROYED) & Q(destroyed_on__isnull=True)
    )

    folder = models.UUIDField(default=uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.MAKING)
    done = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    created_on = models.DateField(default=timezone.localdate)
    destroyed_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def pieces(self) -> int:
        raise NotImplementedError


# Paper forms: a number on the form, a private code on its strip, and the entries until they are settled.
#
# The code exists only in the PDF; the row has its receipt. When a form is counted, the link between its number and
# its answers is deleted.


class PaperRun(PrintRun):
    """Forms printed together: one version, one language, one place to hand them in."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="paper_runs")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=12)
    hand_in = models.CharField(_("where to hand it in"), max_length=200)
    checked = models.PositiveSmallIntegerField(_("entered a second time"), choices=DoubleEntryShare)
    first_number = models.PositiveIntegerField(unique=True)
    forms = models.PositiveIntegerField()
    # Number of answers entered by two colleagues, and how many of them were equal.
    compared = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)

    objects = PrintRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=PrintRun.DESTROYED_WHEN_DESTROYED, name="forms_destroyed_when_destroyed"
            ),
            models.CheckConstraint(condition=Q(agreed__lte=models.F("compared")), name="agreed_of_compared"),
        ]

    @property
    def pieces(self) -> int:
        return self.forms


class PaperFormQuerySet(models.QuerySet["PaperForm"]):
    def waiting(self) -> Self:
        """Entered once, or twice with differences: not counted yet."""
        return self.filter(state__in=(PaperState.ONCE, PaperState.DIFFERS))


class PaperForm(models.Model):
    """One form. It keeps its receipt until it counts; then only the fact that it counts."""

    number = models.PositiveIntegerField(primary_key=True)
    run = models.ForeignKey(PaperRun, on_delete=models.CASCADE, related_name="made")
    receipt = models.OneToOneField(Receipt, null=True, on_delete=models.CASCADE, related_name="paper_form")
    state = models.CharField(max_length=8, choices=PaperState, default=PaperState.OUT)
    # Keyed hash of the tap that entered it last: a second tap is no second entry.
    tap = models.CharField(max_length=64, blank=True)

    objects = PaperFormQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=PaperState.DONE, receipt__isnull=True)
                | (~Q(state=PaperState.DONE) & Q(receipt__isnull=False)),
                name="a_form_that_counts_leads_nowhere",
            )
        ]
        indexes = [models.Index(fields=["run", "state"], name="paper_forms_of_a_run")]

    def __str__(self) -> str:
        return "a form on paper"


class PaperEntry(models.Model):
    """What one colleague read on a form, until it is settled. For `values` see services.paper_entry."""

    form = models.ForeignKey(PaperForm, on_delete=models.CASCADE, related_name="entries")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    time = models.PositiveSmallIntegerField(help_text="1 or 2: the first or the second.")
    values = models.JSONField(default=dict)
    entered_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["time"]
        constraints = [
            models.UniqueConstraint(fields=["form", "time"], name="one_entry_each_time"),
            models.UniqueConstraint(fields=["form", "by"], name="two_entries_by_two_people"),
            models.CheckConstraint(condition=Q(time__in=[1, 2]), name="entered_twice_at_most"),
        ]

    def __str__(self) -> str:
        return "an entry of a form"
