"""Row-level exports of answers: who may export, why, and the file until it is destroyed."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.jobs import LeasedModel, LeasedQuerySet
from surveys.models.builder import Survey
from surveys.models.questionnaire import SurveyVersion
from surveys.states import EXPORT_TRANSITIONS, ExportForm, ExportState


class MayExport(models.Model):
    """A named colleague who may export the answers of one survey."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="may_export")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    given_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["survey", "user"], name="named_once_per_survey")]

    def __str__(self) -> str:
        return f"{self.user} may export survey {self.survey_id}"


class ExportQuerySet(LeasedQuerySet["Export"]):
    def with_file(self) -> Self:
        return self.exclude(state=ExportState.DESTROYED)

    def over(self, now: datetime) -> Self:
        return self.with_file().filter(until__lte=now)


class Export(LeasedModel):
    """One export file; `version` None includes the fields of all versions.

    The encryption key is stored here, the file outside the database: when either is gone, the other is
    unreadable.
    """

    TRANSITIONS = EXPORT_TRANSITIONS
    TO_DO = frozenset({ExportState.MAKING})

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="exports")
    form = models.CharField(_("as"), max_length=4, choices=ExportForm)
    version = models.ForeignKey(
        SurveyVersion, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    with_words = models.BooleanField(default=False)
    # Language of the page on which it was requested; "" is the language of the user's mail.
    in_language = models.CharField(max_length=10, blank=True, db_default="")
    reason = models.CharField(_("what for"), max_length=300)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.MAKING)
    name = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.BinaryField(default=b"")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="export_for_a_reason"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.DESTROYED) | Q(key=b""), name="destroyed_means_without_a_key"
            ),
        ]

    @property
    def language(self) -> str:
        return self.in_language or super().language
