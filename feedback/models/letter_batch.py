"""Letters with answers, printed and posted together."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.jobs import LeasedModel, LeasedQuerySet
from feedback.states import BATCH_TRANSITIONS, WITH_LETTERS, BatchState


class LetterBatchQuerySet(LeasedQuerySet["LetterBatch"]):
    def with_letters(self) -> "LetterBatchQuerySet":
        """Batches whose letters are, or will be, in a file."""
        return self.filter(state__in=WITH_LETTERS)


class LetterBatch(LeasedModel):
    """Letters in one PDF: made by a job, taken once by the colleague who prints it, then marked as posted.

    Its messages stay pending until it is marked as posted; the file exists from `made` until then.
    """

    TRANSITIONS = BATCH_TRANSITIONS
    TO_DO = frozenset({BatchState.MAKING})

    folder = models.UUIDField(default=uuid4, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=BatchState, default=BatchState.MAKING)
    letters = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    posted_on = models.DateField(null=True, blank=True)
    posted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = LetterBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=BatchState.POSTED, posted_on__isnull=False)
                | (~Q(state=BatchState.POSTED) & Q(posted_on__isnull=True)),
                name="letters_are_posted_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["taken", "posted", "lost"]) | Q(taken_at__isnull=False),
                name="letters_are_posted_by_who_took_them",
            ),
        ]
