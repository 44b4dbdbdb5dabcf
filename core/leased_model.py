"""Rows that a job takes in hand under a lease, which ends by itself when its process dies (services/in_hand.py)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.state_model import StateModel

LeasedRow = TypeVar("LeasedRow", bound="LeasedModel")


class LeasedQuerySet(models.QuerySet[LeasedRow]):
    def to_do(self) -> Self:
        """What a job has to work on, oldest first."""
        return self.filter(state__in=self.model.TO_DO).order_by("id")

    def free(self, now: datetime) -> Self:
        """That nobody works on."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))


class LeasedModel(StateModel):
    """Somebody asked for it, a job does it. The model adds its `state`, and how far it is."""

    TO_DO: ClassVar[frozenset[str]]

    lease_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_busy(self) -> bool:
        """A job works on it, or will in a moment."""
        return self.state in self.TO_DO

    @property
    def language(self) -> str:
        """Of who asked for it: what a job says of it is said in that."""
        return self.created_by.language if self.created_by else settings.LANGUAGE_CODE

    def comes_with(self, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The lease ends too."""
        return {"lease_until": None}

    def read_anew(self, moved: bool) -> None:
        """Also when somebody was first: what they made of it is worked with, and DoesNotExist says that it is gone."""
        self.refresh_from_db()
