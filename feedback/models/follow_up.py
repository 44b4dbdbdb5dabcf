"""What we tell: a follow-up, which debts it names, and the item on each reader's page."""

import hashlib
import json
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from feedback.models.contribution import AnswerOwed, Contribution
from feedback.models.message import Message
from feedback.states import FOLLOW_UP_TRANSITIONS, FollowUpState, Outcome
from neighbourhoods.errors import InvalidTransition
from neighbourhoods.models import Area


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> Self:
        told = FollowUp.areas.through.objects.filter(
            followup=OuterRef("pk"), area__in=Area.objects.visible_to(user).values("pk")
        )
        return self.filter(Exists(told) | Q(owner=user))

    def hold_ended(self, now: datetime) -> Self:
        return self.filter(state=FollowUpState.HOLD, hold_until__lte=now)


class FollowUp(models.Model):
    """Our answer: what was decided, why, what comes next. Per language, to an audience, exactly once each.

    `audience` is {"source": "survey:12", "key": "option:31" or "" or a list of keys, "theme": id or null,
    "areas": [ids]}: what is left out is not narrowed.
    """

    title = models.JSONField(default=dict, help_text="“meeting”: what it is about, per language.")
    audience = models.JSONField(default=dict)
    areas = models.ManyToManyField(Area, related_name="follow_ups")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decided = models.JSONField(default=dict)
    why = models.JSONField(default=dict)
    next_step = models.JSONField(default=dict)
    signed_as = models.JSONField(default=dict, help_text="The role that writes, per language.")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="follow_ups")
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    state = models.CharField(max_length=10, choices=FollowUpState, default=FollowUpState.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    hold_until = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    # Everybody up to and including this receipt has their item.
    cursor = models.UUIDField(null=True, blank=True)
    fanned_out_at = models.DateTimeField(null=True, blank=True)
    # How many readers it named when release was pressed, and how many of those erased themselves since.
    addressed = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)

    # What is written per language.
    TEXTS = ("title", "decided", "why", "next_step", "signed_as")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=FollowUpState.DRAFT, hold_until__isnull=True)
                | (~Q(state=FollowUpState.DRAFT) & Q(hold_until__isnull=False)),
                name="a_hold_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "hold"], released_at__isnull=True)
                | (~Q(state__in=["draft", "hold"]) & Q(released_at__isnull=False)),
                name="released_when_released",
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}: {self.state}"

    @property
    def digest(self) -> str:
        """Sixteen hex digits of everything that can be written, to see that it is what stood on a screen."""
        said = [getattr(self, part) for part in (*self.TEXTS, "outcome", "audience")]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    def move(self, to: str, **fields: Any) -> None:
        """Take the follow-up to another state, or raise InvalidTransition when somebody was first."""
        sources = [state for state, targets in FOLLOW_UP_TRANSITIONS.items() if to in targets]
        if not FollowUp.objects.filter(pk=self.pk, state__in=sources).update(state=to, **fields):
            raise InvalidTransition(_("This answer is no longer in that state. Have another look."))
        self.refresh_from_db()


class NamedDebt(models.Model):
    """A debt that a follow-up names, frozen when release was pressed. It discharges these and no others."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="named")
    owed = models.ForeignKey(AnswerOwed, on_delete=models.CASCADE, related_name="named_by")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follow_up", "owed"], name="a_debt_is_named_once")]
        indexes = [models.Index(fields=["follow_up", "receipt"])]


class FollowUpItemQuerySet(models.QuerySet["FollowUpItem"]):
    def shown(self) -> Self:
        """What stands on readers' pages."""
        return self.filter(cancelled=False)


class FollowUpItem(models.Model):
    """One follow-up on one reader's own page: there from the moment it commits, exactly once.

    Without a message it is on the page only.
    """

    LONGEST_REASON = 2_000  # characters of what somebody misses in it

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="items")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="items")
    message = models.ForeignKey(
        # Deleting a message alone would change the sum of its follow-up.
        Message,
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="items",
    )
    created_at = models.DateTimeField(default=timezone.now)
    cancelled = models.BooleanField(
        default=False, help_text="Everything it answers was withdrawn before it was handed out."
    )

    objects = FollowUpItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follow_up", "receipt"], name="one_item_per_reader")]

    def __str__(self) -> str:
        return f"item {self.pk} of follow-up {self.follow_up_id}"


class Reaction(models.Model):
    """“Does this answer you?” The latest word counts; a no keeps what was missing as a contribution."""

    item = models.OneToOneField(FollowUpItem, on_delete=models.CASCADE, related_name="reaction")
    answers_me = models.BooleanField()
    reason = models.ForeignKey(
        Contribution, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"{self.item_id}: {'yes' if self.answers_me else 'no'}"
