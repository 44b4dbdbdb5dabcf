"""What residents answered: responses and statements."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Self

from django.db import connections, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.state_model import StateModel, StateQuerySet
from feedback.models import Contribution
from feedback.states import Reading
from neighbourhoods.models import Area
from neighbourhoods.states import Power
from surveys.models.builder import Question, Survey
from surveys.models.questionnaire import Channel, SurveyVersion
from surveys.states import STATEMENT_TRANSITIONS, Respondent, StatementState, Suspicion

# Responses and counters: ids and counts, never words, never a time of day.


class ResponseQuerySet(models.QuerySet["Response"]):
    def with_survey(self) -> Self:
        return self.select_related("survey", "version", "channel").defer("version__document")

    def under_way(self, ids: Collection[uuid.UUID], code: str, *, lock: bool = False) -> "Response":
        """The one of these that came in through channel `code`, with the related columns that answering
        needs.

        Raises DoesNotExist. Raw SQL, because every question and every answer begins here: Django takes 0.4 ms
        to build these joins, the database 0.02 ms to run them.
        """
        db, connection = self.db, connections[self.db]
        keys = [self.model._meta.pk.get_db_prep_value(id, connection) for id in ids]
        sql = _UNDER_WAY.format(keys=", ".join(["%s"] * len(keys)))
        if lock and connection.features.has_select_for_update:
            sql += " FOR UPDATE OF response"
        found: Any = next(iter(self.raw(sql, [code.lower(), *keys])), None) if keys else None
        if found is None:
            raise self.model.DoesNotExist
        found.survey = _partial_instance(
            Survey, db, id=found.survey_id, state=found.state, area_id=found.survey_area
        )
        found.version = _partial_instance(SurveyVersion, db, id=found.version_id, digest=found.digest)
        found.channel = _partial_instance(
            Channel, db, id=found.channel_id, code=found.code, area_id=found.channel_area
        )
        return found


_UNDER_WAY = """
    SELECT response.*, survey.state, survey.area_id AS survey_area, version.digest,
        channel.code, channel.area_id AS channel_area
    FROM surveys_response response
    JOIN surveys_survey survey ON survey.id = response.survey_id
    JOIN surveys_surveyversion version ON version.id = response.version_id
    JOIN surveys_channel channel ON channel.id = response.channel_id
    WHERE channel.code = %s AND response.id IN ({keys})
"""


def _partial_instance(model: type[models.Model], db: str, **read: Any) -> Any:
    """An instance with only these fields loaded; Django fetches the others on access."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in read]
    return model.from_db(db, names, [read[name] for name in names])


class Response(models.Model):
    """One resident's answers, as ids.

    answers  {"9": "31", "10": {"32": true}, "11": {"text": contribution uuid}, "12": null for skipped}
    shown    {"9": true}: questions displayed to the respondent, recorded by the POST that redirected to them
    counted  the tally rows currently counted for this response: [[question, option], ...]; finishing a layer
             applies the difference
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
    # Suspect responses are excluded from every number until a colleague decides. The reason stays when they
    # count again.
    is_suspect = models.BooleanField(default=False)
    suspect_reason = models.CharField(max_length=60, blank=True, choices=Suspicion)
    # The colleague who entered it, at the door or on the phone.
    helped_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(respondent__in=Respondent.values), name="respondent_is_known"),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(counted=[]), name="withdrawn_counts_for_nothing"
            ),
            models.CheckConstraint(
                condition=Q(is_suspect=False) | ~Q(suspect_reason=""), name="suspect_for_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["survey", "day"])]

    def __str__(self) -> str:
        return f"response to {self.survey_id}"

    @property
    def counts(self) -> bool:
        """Counts from the first finished layer on, unless withdrawn."""
        return bool(self.layers_done) and self.withdrawn_on is None


class CountQuerySet(models.QuerySet[Any]):
    def trusted(self) -> Self:
        return self.filter(suspect=False)

    def add(self, changes: Sequence[tuple[tuple, int]]) -> None:
        """Add 1 or -1 to each counter, inserting missing ones: one statement per sign.

        `changes` holds values of the columns `KEY`, sorted. Unsorted updates of the same rows by many transactions
        deadlock; sorted ones queue. The same SQL runs on SQLite and PostgreSQL.
        """
        # Table and column names are our own; every value is a parameter.
        table, key, database = self.model._meta.db_table, self.model.KEY_FIELDS, connections[self.db]
        more = [row for row, n in changes if n > 0]
        less = [row for row, n in changes if n < 0]
        with database.cursor() as cursor:
            if less and database.features.has_select_for_update:
                # Two statements follow, so lock all rows first, in the common sort order.
                every = _values([row for row, _n in changes])
                cursor.execute(
                    f"SELECT 1 FROM {table} WHERE ({key}) IN ({every}) ORDER BY {key} FOR UPDATE",  # noqa: S608
                    [value for row, _n in changes for value in row],
                )
            if more:
                cursor.execute(
                    f"INSERT INTO {table} ({key}, n) {_values([(*row, 1) for row in more])} "
                    f"ON CONFLICT ({key}) DO UPDATE SET n = {table}.n + excluded.n",
                    [value for row in more for value in (*row, 1)],
                )
            if less:
                cursor.execute(
                    f"UPDATE {table} SET n = n - 1 WHERE ({key}) IN ({_values(less)})",  # noqa: S608
                    [value for row in less for value in row],
                )


def _values(rows: list[tuple]) -> str:
    return "VALUES " + ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))


class Tally(models.Model):
    """A counter. Only `services.answer.count` writes it."""

    KEY_FIELDS = "survey_id, epoch, question, option, area_id, channel_id, respondent, suspect"

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="tallies")
    epoch = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=20)
    option = models.CharField(max_length=40)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    respondent = models.CharField(max_length=14)
    suspect = models.BooleanField(default=False)
    n = models.IntegerField(default=0)

    objects = CountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "epoch", "question", "option", "area", "channel", "respondent", "suspect"],
                name="one_counter_per_key",
            ),
            models.CheckConstraint(condition=Q(n__gte=0), name="counters_are_never_negative"),
        ]


class DayCount(models.Model):
    """Responses per day, channel and area; suspect ones separately."""

    KEY_FIELDS = "survey_id, day, channel_id, area_id, suspect"

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    suspect = models.BooleanField(default=False, db_default=False)
    n = models.IntegerField(default=0)

    objects = CountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "day", "channel", "area", "suspect"], name="one_count_per_day"
            )
        ]


class StopCount(models.Model):
    """How many stopped at this question as of last night: they saw it and did not finish its layer.

    Tallies hold finished layers only, so this cannot be derived from them.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="stops")
    question = models.CharField(max_length=20)
    n = models.PositiveIntegerField()
    # Of these, how many had their answers erased: they cannot be counted again.
    erased = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "question"], name="one_stop_per_question")]


# A neighbour's statement: shown to others only after a colleague read it and let it through.


class StatementQuerySet(StateQuerySet["Statement"]):
    def through(self) -> Self:
        """Statements that neighbours may read: not withdrawn by the writer, nor found sensitive since."""
        return (
            self.filter(state=StatementState.THROUGH, contribution__withdrawn_on=None)
            .exclude(contribution__reading=Reading.SENSITIVE)
            .exclude(contribution__masked_text="")
        )

    def to_decide(self) -> Self:
        """Waiting statements, oldest first."""
        return self.filter(state=StatementState.WAITING, contribution__withdrawn_on=None).order_by(
            "contribution__said_on", "pk"
        )

    def decidable_by(self, user: User) -> Self:
        """Statements in areas where this user may read what people wrote."""
        return self.filter(contribution__topic__area__in=Area.objects.where(user, least=Power.COORDINATOR))


class Statement(StateModel):
    """A contribution offered to neighbours as a statement. The words stay in the contribution and are erased
    with it.
    """

    TRANSITIONS = STATEMENT_TRANSITIONS
    TOO_LATE = _("A colleague decided on this meanwhile. Have another look.")

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="statements")
    contribution = models.OneToOneField(Contribution, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=StatementState, default=StatementState.WAITING)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_on = models.DateField(null=True, blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=StatementState.WAITING, decided_on__isnull=True)
                | (~Q(state=StatementState.WAITING) & Q(decided_on__isnull=False)),
                name="a_statement_is_decided_when_decided",
            ),
        ]
        indexes = [models.Index(fields=["question", "state"])]

    def __str__(self) -> str:
        return f"statement {self.pk}"

    @property
    def key(self) -> str:
        """Its id among a question's statements; "n" sets it apart from the author's own."""
        return f"n{self.pk}"

    def read_anew(self, moved: bool) -> None:
        """Does not re-read the row: many are decided at once, and none is used afterwards."""
