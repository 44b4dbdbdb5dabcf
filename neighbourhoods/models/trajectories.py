"""A trajectory: its steps from mandate to look back, its plan, and its talk-backs."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.deadlines import is_late
from core.state_model import StateModel
from neighbourhoods.defaults import EMPTY_JSON_LIST, EMPTY_JSON_OBJECT
from neighbourhoods.models.areas import Area
from neighbourhoods.states import (
    REQUIRED_STEPS,
    STEP_TRANSITIONS,
    Influence,
    Phase,
    Power,
    Reopening,
    Step,
    StepState,
    TalkBackKind,
)


class TrajectoryQuerySet(models.QuerySet["Trajectory"]):
    def visible_to(self, user: User) -> Self:
        held = self._areas().filter(area__in=Area.objects.visible_to(user).values("pk"))
        return self.filter(Exists(held))

    def changeable_by(self, user: User) -> Self:
        """Trajectories of which the user may edit every area."""
        mine = Area.objects.where(user, least=Power.EDITOR).values("pk")
        return self.visible_to(user).exclude(Exists(self._areas().exclude(area__in=mine)))

    @staticmethod
    def _areas() -> models.QuerySet[Any, Any]:
        return Trajectory.areas.through.objects.filter(trajectory=OuterRef("pk"))

    def running(self) -> Self:
        return self.filter(closed_on__isnull=True)


class Trajectory(models.Model):
    """The path from a question to a decision and back, in one or more areas."""

    title = models.CharField(_("title"), max_length=120)
    areas = models.ManyToManyField(Area, related_name="trajectories", verbose_name=_("where"))
    phase = models.CharField(_("phase"), max_length=12, choices=Phase, default=Phase.PREPARATION)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="trajectories")
    started_on = models.DateField(default=timezone.localdate)
    closed_on = models.DateField(null=True, blank=True)
    opened_again = models.JSONField(
        default=list,
        db_default=EMPTY_JSON_LIST,
        blank=True,
        help_text="After it was closed: [{on, why per language}], newest last.",
    )

    objects = TrajectoryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="phase_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("trajectory", args=[self.pk])

    @property
    def subject(self) -> str:
        """Its name in a `subject` field, without a foreign key."""
        return f"trajectory:{self.pk}"

    @property
    def last_opened_again(self) -> Reopening | None:
        return Reopening.last_of(self.opened_again)

    def is_settled(self) -> bool:
        return not self.steps.exclude(state__in=[StepState.DONE, StepState.SKIPPED]).exists()


class TrajectoryStep(StateModel):
    """One of the twelve steps, numbered 0 to 11."""

    TRANSITIONS = STEP_TRANSITIONS
    TOO_LATE = _("Somebody was first. Have another look.")

    trajectory = models.ForeignKey(Trajectory, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(choices=Step)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("before"), null=True, blank=True)
    state = models.CharField(max_length=8, choices=StepState, default=StepState.TODO)
    done_on = models.DateField(null=True, blank=True)
    reason = models.CharField(_("why it is left out"), max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["trajectory", "number"], name="one_of_each_step"),
            models.CheckConstraint(condition=Q(number__lte=11), name="twelve_steps"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="step_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=StepState.DONE, done_on__isnull=False)
                | (~Q(state=StepState.DONE) & Q(done_on__isnull=True)),
                name="a_done_step_has_a_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=StepState.SKIPPED) | ~Q(reason=""), name="left_out_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trajectory_id}, step {self.number}: {self.state}"

    @property
    def needs(self) -> Step | None:
        """The step that must be done before this one begins."""
        return REQUIRED_STEPS.get(Step(self.number))

    @property
    def is_open(self) -> bool:
        return self.state in (StepState.TODO, StepState.DOING)

    def is_late(self, on: date | None = None) -> bool:
        return self.is_open and is_late(self.due_on, on)


class ParticipationPlanQuerySet(models.QuerySet["ParticipationPlan"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)


class ParticipationPlan(models.Model):
    """What is promised before the first invitation is sent. Texts per language."""

    trajectory = models.OneToOneField(Trajectory, on_delete=models.CASCADE, related_name="plan")
    goal = models.JSONField(_("goal"), default=dict, blank=True)
    fixed = models.JSONField(_("what is fixed already"), default=dict, blank=True)
    influence = models.CharField(_("level of influence"), max_length=10, choices=Influence, blank=True)
    influence_why = models.JSONField(_("why this level"), default=dict, blank=True)
    who = models.JSONField(_("who takes part"), default=dict, blank=True)
    activities = models.JSONField(
        _("activities"), default=list, blank=True, help_text="[{what per language, on: date or null}]"
    )
    input_use = models.JSONField(_("what happens with what people say"), default=dict, blank=True)
    reporting = models.JSONField(_("how it is reported"), default=dict, blank=True)
    is_waived = models.BooleanField(_("participation is waived"), default=False)
    waiver_ground = models.SlugField(_("on which ground"), blank=True)
    waiver_ground_name = models.JSONField(
        default=dict,
        db_default=EMPTY_JSON_OBJECT,
        blank=True,
        help_text="The ground in the words it was published with, per language.",
    )
    waiver_why = models.JSONField(_("why"), default=dict, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    changes = models.JSONField(
        default=list, blank=True, help_text="After publication: [{on, what per language}], newest last."
    )

    objects = ParticipationPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_waived=False) | ~Q(waiver_ground=""), name="waived_on_a_ground"
            ),
        ]

    def __str__(self) -> str:
        return f"plan of {self.trajectory_id}"

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.trajectory_id])

    TEXTS = ("goal", "fixed", "influence_why", "who", "input_use", "reporting")

    def lacking(self, language: str) -> list[str]:
        """Fields that must be filled in before the first invitation is sent, in page order."""
        if self.is_waived:
            return [] if self.waiver_why.get(language) else ["waiver_why"]
        filled = {name: bool(getattr(self, name).get(language)) for name in self.TEXTS}
        filled |= {"influence": bool(self.influence), "activities": bool(self.activities)}
        order = ("goal", "fixed", "influence", "influence_why", "who", "activities", "input_use", "reporting")
        return [name for name in order if not filled[name]]

    @property
    def dated_activities(self) -> list[tuple[dict[str, str], date | None]]:
        return [
            (one["what"], date.fromisoformat(one["on"]) if one["on"] else None) for one in self.activities
        ]

    @property
    def dated_changes(self) -> list[tuple[dict[str, str], date]]:
        return [(one["what"], date.fromisoformat(one["on"])) for one in self.changes]

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class TalkBackQuerySet(models.QuerySet["TalkBack"]):
    def public(self) -> Self:
        """Talk-backs that people were invited to, including those called off: everybody may read about them."""
        return self.filter(invited_at__isnull=False)

    def to_come(self, on: date | None = None) -> Self:
        """Talk-backs in which residents can still say whether they support the results, today or later."""
        day = on or timezone.localdate()
        return (
            self.public()
            .filter(called_off_on=None, trajectory__closed_on=None)
            .filter(Q(kind=TalkBackKind.MEETING, on__gte=day) | Q(kind=TalkBackKind.ROUND, until__gte=day))
        )


class TalkBack(models.Model):
    """Results put back to the neighbourhood before the decision: do residents support them?

    A meeting is counted by hand. A reaction round is a survey of an app above: `source` names it.
    """

    trajectory = models.ForeignKey(Trajectory, on_delete=models.CASCADE, related_name="talk_backs")
    kind = models.CharField(max_length=8, choices=TalkBackKind)
    on = models.DateField(_("on"))
    at = models.TimeField(_("at what time"), null=True, blank=True)
    until = models.DateField(_("open until"), null=True, blank=True, help_text="The last day of a round.")
    place = models.CharField(_("place"), max_length=120, blank=True)
    asks = models.JSONField(
        _("what you put forward"),
        default=dict,
        db_default=EMPTY_JSON_OBJECT,
        blank=True,
        help_text="Per language.",
    )
    source = models.CharField(max_length=40, blank=True)
    present = models.PositiveIntegerField(_("how many were there"), null=True, blank=True)
    support_yes = models.PositiveIntegerField(_("support it"), null=True, blank=True)
    support_partly = models.PositiveIntegerField(_("partly"), null=True, blank=True)
    support_no = models.PositiveIntegerField(_("don't support it"), null=True, blank=True)
    heard = models.JSONField(_("what was said"), default=dict, blank=True)
    # From then on it is public, and everybody who left an address is invited.
    invited_at = models.DateTimeField(null=True, blank=True)
    called_off_on = models.DateField(null=True, blank=True)
    called_off_why = models.JSONField(
        default=dict, db_default=EMPTY_JSON_OBJECT, blank=True, help_text="Per language."
    )

    objects = TalkBackQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(called_off_on=None) | ~Q(called_off_why={}), name="called_off_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(kind=TalkBackKind.ROUND, until__gte=models.F("on")),
                name="a_round_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(kind=TalkBackKind.MEETING, source="") | Q(kind=TalkBackKind.ROUND),
                name="a_meeting_is_no_poll",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"

    def get_absolute_url(self) -> str:
        """The public page, once people were invited."""
        return reverse("talk_back_page", args=[self.pk])

    @property
    def last_day(self) -> date:
        return self.until or self.on

    @property
    def is_upcoming(self) -> bool:
        """Neither over nor called off."""
        return self.called_off_on is None and self.last_day >= timezone.localdate()
