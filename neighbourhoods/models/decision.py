"""The means of an area, and the approach chosen there, stored with the advice of that day."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models.place import Area
from neighbourhoods.models.trajectory import Trajectory


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
