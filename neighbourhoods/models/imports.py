"""Imported files: read, previewed, written all at once, and undone if needed."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.jobs import LeasedModel, LeasedQuerySet
from neighbourhoods.states import FILE_TRANSITIONS, FileState, ImportKind


class ImportQuerySet(LeasedQuerySet["Import"]):
    def under_way(self) -> Self:
        """Imports whose file is still stored."""
        return self.filter(state__in=[FileState.READING, FileState.PREVIEWED, FileState.WRITING])

    def waiting(self) -> Self:
        """Imports that wait for a decision."""
        return self.filter(state=FileState.PREVIEWED)

    def visible_to(self, user: User) -> Self:
        """A file is visible to the user who uploaded it; applied ones are visible to everybody who may import."""
        return self.filter(Q(created_by=user) | Q(state__in=[FileState.APPLIED, FileState.UNDONE]))


class Import(LeasedModel):
    """One import of a file. `options` holds the choices, `report` the preview.

    `undo` holds the data needed to undo it; `content` is the file, stored only until it is decided on. Both are
    compressed.
    """

    TRANSITIONS = FILE_TRANSITIONS
    TOO_LATE = _("This import was carried out or dropped already.")
    TO_DO = frozenset({FileState.READING, FileState.WRITING})

    kind = models.CharField(max_length=12, choices=ImportKind)
    file_name = models.CharField(max_length=120)
    content = models.BinaryField(default=b"")
    options = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    undo = models.BinaryField(default=b"")
    state = models.CharField(max_length=12, choices=FileState, default=FileState.READING)
    done = models.PositiveIntegerField(default=0, help_text="Rows or areas that were dealt with.")
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["reading", "previewed", "writing"], decided_at__isnull=True)
                | Q(
                    state__in=["applied", "refused", "dropped", "undone"],
                    decided_at__isnull=False,
                    content=b"",
                ),
                name="file_is_emptied_when_decided",
            ),
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="import_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(zlib.decompress(bytes(self.undo)))
        return found

    @property
    def percent(self) -> int:
        """Progress in percent; `done` itself is not meaningful, because some rows are read twice."""
        return min(100, round(100 * self.done / self.total)) if self.total else 0

    def comes_with(self, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A decision also deletes the file."""
        is_decided = to in (FileState.APPLIED, FileState.REFUSED, FileState.DROPPED, FileState.UNDONE)
        emptied = {"decided_at": timezone.now(), "content": b""} if is_decided else {}
        return super().comes_with(to, fields) | emptied
