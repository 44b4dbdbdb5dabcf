"""Letters or forms that a job makes together, in their own folder, until they are destroyed."""

from typing import Self, TypeVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.jobs import LeasedModel, LeasedQuerySet
from surveys.models.published import Channel
from surveys.states import LETTER_TRANSITIONS, LetterState

Run = TypeVar("Run", bound="PrintRun")


class PrintRunQuerySet(LeasedQuerySet[Run]):
    def with_files(self) -> Self:
        """Runs that still have addresses or codes in their folder."""
        return self.exclude(state=LetterState.DESTROYED)


class PrintRun(LeasedModel):
    """Belongs to one channel; each subclass defines `channel`."""

    channel: Channel

    TRANSITIONS = LETTER_TRANSITIONS
    TO_DO = frozenset({LetterState.MAKING})
    DESTROYED_WHEN_DESTROYED = Q(state=LetterState.DESTROYED, destroyed_on__isnull=False) | (
        ~Q(state=LetterState.DESTROYED) & Q(destroyed_on__isnull=True)
    )

    folder = models.UUIDField(default=uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.MAKING)
    done = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    created_on = models.DateField(default=timezone.localdate)
    destroyed_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def pieces(self) -> int:
        raise NotImplementedError
