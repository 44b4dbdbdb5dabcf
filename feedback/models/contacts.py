"""People who follow the news of a neighbourhood, without having answered a survey."""

from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Receipt
from neighbourhoods.models import Area


class FollowingQuerySet(models.QuerySet["Following"]):
    def reachable(self) -> Self:
        return self.filter(
            receipt__contact__confirmed_at__isnull=False, receipt__contact__unsubscribed_at__isnull=True
        )

    def of_areas(self, areas: list[int]) -> Self:
        """Followers of one of these areas, or of its parent or grandparent."""
        return self.filter(
            models.Q(area__in=areas)
            | models.Q(area__children__in=areas)
            | models.Q(area__children__children__in=areas)
        ).distinct()


class Following(models.Model):
    """A neighbourhood that the holder of a receipt follows. Their address is in the receipt's contact."""

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="following")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="followings")
    since = models.DateField(default=timezone.localdate)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"following {self.area_id} since {self.since}"
