"""What came in: ids and counts, never words, never a time of day."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Receipt
from neighbourhoods.models import Area
from surveys.models.draft import Survey
from surveys.models.published import Channel, SurveyVersion
from surveys.states import Respondent


class ResponseQuerySet(models.QuerySet["Response"]):
    def to_show(self) -> Self:
        """With what showing a question reads and no more: building a wide query is most of what it costs."""
        return self.select_related("survey", "version", "channel").only(*_SHOWING)

    def to_answer(self) -> Self:
        """With what keeping an answer reads and no more."""
        return self.select_related("survey", "version", "channel").only(*_ANSWERING)


class Response(models.Model):
    """One resident's answers, as ids.

    answers  {"9": "31", "10": {"32": true}, "11": {"text": contribution uuid}, "12": null for skipped}
    shown    {"9": true}: questions that were put before them, noted by the POST that led there
    counted  the tally lines this response stands for now: [[question, option], ...]; the next finish of a layer
             books the difference
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="responses")
    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="response")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="responses")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="responses")
    area_was_asked = models.BooleanField(default=False)
    respondent = models.CharField(max_length=14, choices=Respondent, default=Respondent.RESIDENT)
    language = models.CharField(max_length=12)
    submit_key = models.CharField(max_length=64, unique=True)
    day = models.DateField(default=timezone.localdate)
    answers = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)
    layers_shown = models.JSONField(default=list)
    layers_done = models.JSONField(default=list)
    durations = models.JSONField(default=dict)
    counted = models.JSONField(default=list)
    is_suspect = models.BooleanField(default=False)
    suspect_reason = models.CharField(max_length=60, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(respondent__in=Respondent.values), name="respondent_is_known"),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(counted=[]), name="withdrawn_counts_for_nothing"
            ),
        ]
        indexes = [models.Index(fields=["survey", "day"])]

    def __str__(self) -> str:
        return f"response to {self.survey_id}"

    @property
    def counts(self) -> bool:
        """It counts from the first finished layer on."""
        return bool(self.layers_done) and self.withdrawn_on is None


_SHOWING = (
    *("receipt", "area", "respondent", "answers", "layers_shown", "layers_done", "withdrawn_on"),
    *("survey__state", "survey__area", "version__digest", "channel__code"),
)
_ANSWERING = (
    *(*_SHOWING, "area_was_asked", "language", "day", "shown", "durations", "counted", "is_suspect"),
    "channel__area",
)


class Tally(models.Model):
    """A counter. Only services.tally writes it, one statement per finished layer, in sorted order."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="tallies")
    epoch = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=20)
    option = models.CharField(max_length=40)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    respondent = models.CharField(max_length=14)
    suspect = models.BooleanField(default=False)
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "epoch", "question", "option", "area", "channel", "respondent", "suspect"],
                name="one_counter_per_key",
            ),
            models.CheckConstraint(condition=Q(n__gte=0), name="counters_are_never_negative"),
        ]


class DayCount(models.Model):
    """Responses per day, channel and area."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "day", "channel", "area"], name="one_count_per_day")
        ]


class StopCount(models.Model):
    """How many went no further than this question, as counted last night: they saw it and their layer never ended.

    Tallies hold finished layers only, so this can't be had from them.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="stops")
    question = models.CharField(max_length=20)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "question"], name="one_stop_per_question")]
