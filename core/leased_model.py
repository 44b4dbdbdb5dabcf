"""Rows that a job works on under a lease, which expires when its process dies (core/leased_job.py)."""

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
        """The rows a job has to work on, oldest first."""
        return self.filter(state__in=self.model.TO_DO).order_by("id")

    def free(self, now: datetime) -> Self:
        """The rows without a valid lease."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))


class LeasedModel(StateModel):
    """Work that a user requests and a job carries out. The subclass adds `state` and its progress fields."""

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
        """Whether a job works on it or will soon."""
        return self.state in self.TO_DO

    @property
    def language(self) -> str:
        """The language of the user who asked for it; messages of the job use it."""
        return self.created_by.language if self.created_by else settings.LANGUAGE_CODE

    def comes_with(self, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Every move also ends the lease."""
        return {"lease_until": None}

    def read_anew(self, moved: bool) -> None:
        """Reload even when another process moved the row first, to continue from its state.

        Raises DoesNotExist if the row was deleted.
        """
        self.refresh_from_db()
