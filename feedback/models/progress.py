"""What happened since an answer was given: begun, under way, done. Noted by the owner of the answer, public."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from feedback.models.follow_up import FollowUp
from feedback.states import ProgressKind


class ProgressQuerySet(models.QuerySet["Progress"]):
    def shown(self) -> Self:
        return self.filter(taken_back_on=None)


class Progress(models.Model):
    """A day and a short text per language beside a published answer. One taken back stays in the log."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="progress")
    kind = models.CharField(max_length=8, choices=ProgressKind)
    on = models.DateField()
    text = models.JSONField(default=dict, help_text="Per language.")
    noted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)
    taken_back_on = models.DateField(null=True, blank=True)
    told_in = models.OneToOneField(
        FollowUp,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tells",
        help_text="The answer that takes it to everybody concerned: it goes on, and corrects nothing.",
    )

    objects = ProgressQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ProgressKind.values), name="kind_of_progress_is_known"
            ),
            models.CheckConstraint(condition=~Q(text={}), name="progress_is_told_in_words"),
            models.UniqueConstraint(
                fields=["follow_up"],
                condition=Q(kind=ProgressKind.DONE, taken_back_on=None),
                name="an_answer_is_done_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.kind} on {self.on}"
