"""Who wants to hear what happens in a neighbourhood, without having answered anything."""

from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Receipt
from neighbourhoods.models import Area


class FollowingQuerySet(models.QuerySet["Following"]):
    def reachable(self) -> Self:
        """Confirmed, and not unsubscribed."""
        return self.filter(
            receipt__contact__confirmed_at__isnull=False, receipt__contact__unsubscribed_at__isnull=True
        )

    def hearing_of(self, areas: list[int]) -> Self:
        """Those who follow one of these areas, or an area around one."""
        return self.filter(
            models.Q(area__in=areas)
            | models.Q(area__children__in=areas)
            | models.Q(area__children__children__in=areas)
        ).distinct()


class Following(models.Model):
    """A neighbourhood that the holder of a receipt follows. How to reach them stands in their contact."""

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="following")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="followings")
    since = models.DateField(default=timezone.localdate)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"following {self.area_id} since {self.since}"
