"""Political backing of frozen texts."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.state_model import StateModel, StateQuerySet
from neighbourhoods.models.areas import Area
from neighbourhoods.models.trajectories import Trajectory
from neighbourhoods.states import BACKING_TRANSITIONS, BackingState, Power


class BackingQuerySet(StateQuerySet["Backing"]):
    def visible_to(self, user: User) -> Self:
        """Requests to the user as backer, and those in areas where the user is an editor."""
        return self.filter(Q(backer=user) | Q(area__in=Area.objects.where(user, least=Power.EDITOR)))

    def valid(self, *, on: date | None = None) -> Self:
        return self.filter(state=BackingState.SIGNED, until__gte=on or timezone.localdate())


class Backing(StateModel):
    """A backer stands behind one frozen text until a date. Residents see the backer's title.

    `subject` names the text in terms of the app above ("survey:12:v3"); `digest` is the hash of the exact text that
    was signed: a changed text needs a new signature.
    """

    TRANSITIONS = BACKING_TRANSITIONS
    TOO_LATE = _("This was decided already.")
    MOVED_AT = "decided_at"

    subject = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    url = models.CharField(max_length=200, help_text="Where the backer reads what they sign.")
    title = models.JSONField(default=dict)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="backings")
    backer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="backings")
    backer_title = models.CharField(max_length=80, blank=True)
    statement = models.JSONField(default=dict, help_text="What they stand for, per language.")
    until = models.DateField()
    state = models.CharField(max_length=12, choices=BackingState, default=BackingState.REQUESTED)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = BackingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BackingState.values), name="backing_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=BackingState.REQUESTED, decided_at__isnull=True)
                | (~Q(state=BackingState.REQUESTED) & Q(decided_at__isnull=False)),
                name="backing_decided_when_decided",
            ),
            models.UniqueConstraint(
                fields=["subject", "backer"],
                condition=Q(state__in=["requested", "signed"]),
                name="one_open_backing_per_backer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.state}"


# The means of an area, and the approach chosen there, stored with the advice of that day.


class AreaResources(models.Model):
    """The means for an area and everything inside it. None means not known yet."""

    area = models.OneToOneField(Area, on_delete=models.CASCADE, related_name="means")
    mandate = models.BooleanField(_("somebody in charge stands behind working here"), null=True, blank=True)
    mandate_of = models.CharField(_("who, by role"), max_length=80, blank=True)
    budget = models.PositiveIntegerField(_("budget in euros"), null=True, blank=True)
    hours = models.PositiveSmallIntegerField(_("hours of colleagues a week"), null=True, blank=True)
    changed_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name_plural = "means"

    def __str__(self) -> str:
        return f"means for {self.area_id}"


class ApproachDecisionQuerySet(models.QuerySet["ApproachDecision"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))


class ApproachDecision(models.Model):
    """A chosen approach. `advice` is the advice at that moment (neighbourhoods.advice.advice), with inputs and
    thresholds.

    It is only advice: another approach may be chosen, with a reason that is stored.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="approach_decisions")
    trajectory = models.ForeignKey(
        Trajectory, null=True, blank=True, on_delete=models.SET_NULL, related_name="approach_decisions"
    )
    advised = models.CharField(max_length=20)
    chosen = models.CharField(_("approach"), max_length=20)
    reason = models.CharField(_("why another approach than was advised"), max_length=500, blank=True)
    advice = models.JSONField(default=dict)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    objects = ApproachDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen=F("advised")) | ~Q(reason=""), name="deviating_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chosen} in {self.area_id}"
