"""Mail that residents wrote back, until it is a contribution or discarded."""

from collections.abc import Mapping
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.state_model import StateModel
from feedback.hints import names_danger
from feedback.masking import mask
from feedback.models.contribution import AnswerOwed, Contribution
from feedback.models.message import Message
from feedback.states import INCOMING_TRANSITIONS, IncomingState, WhyByHand
from neighbourhoods.models import has_everywhere
from neighbourhoods.states import Power


class IncomingQuerySet(models.QuerySet["Incoming"]):
    def waiting(self) -> Self:
        """Mail to be read by a person: possible danger first, then oldest first."""
        return self.filter(state=IncomingState.WAITING).order_by("-may_be_danger", "at", "pk")

    def visible_to(self, user: User) -> Self:
        """Mail from people with a debt where the user is at least coordinator. Mail from unknown senders is
        only for users with that power everywhere."""
        if has_everywhere(user, least=Power.COORDINATOR):
            return self.all()
        owed = AnswerOwed.objects.visible_to(user, least=Power.COORDINATOR).values("receipt")
        return self.filter(receipt__in=owed)


class Incoming(StateModel):
    """One mail from a person to us.

    Its text stays here only while it waits for a colleague. Once taken in it is a Contribution, and only
    `key` records that this mail was read."""

    TRANSITIONS = INCOMING_TRANSITIONS
    TOO_LATE = _("A colleague looked after this mail already.")
    MOVED_AT = "settled_at"

    key = models.CharField(max_length=64, unique=True, help_text="Fingerprint of its Message-ID and sender.")
    state = models.CharField(max_length=10, choices=IncomingState, default=IncomingState.WAITING)
    why = models.CharField(max_length=10, choices=WhyByHand, blank=True)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_with"
    )
    receipt = models.ForeignKey(
        Receipt, null=True, blank=True, on_delete=models.CASCADE, related_name="incoming"
    )
    contribution = models.OneToOneField(
        Contribution, null=True, blank=True, on_delete=models.SET_NULL, related_name="came_by_mail"
    )
    from_address = models.EmailField(blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    masked_text = models.TextField(blank=True)
    may_be_danger = models.BooleanField(default=False)
    had_attachments = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = IncomingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=IncomingState.WAITING)
                | Q(text="", masked_text="", subject="", from_address=""),
                name="only_waiting_mail_has_words",
            ),
            models.CheckConstraint(
                condition=Q(state=IncomingState.WAITING, settled_at__isnull=True) & ~Q(why="")
                | (~Q(state=IncomingState.WAITING) & Q(settled_at__isnull=False)),
                name="mail_waits_with_a_reason_or_is_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-may_be_danger", "at", "id"],
                condition=Q(state=IncomingState.WAITING),
                name="waiting_mail",
            )
        ]

    def __str__(self) -> str:
        return f"incoming {self.pk}: {self.state}"

    @staticmethod
    def words(text: str) -> dict[str, Any]:
        return {"text": text, "masked_text": mask(text), "may_be_danger": names_danger(text)}

    def comes_with(self, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Empties the text, whatever the new state."""
        return {"text": "", "masked_text": "", "subject": "", "from_address": ""}
