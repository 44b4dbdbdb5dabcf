"""Approval of an answer by a second colleague before it is sent."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.state_model import StateModel
from feedback.models.follow_up import FollowUp
from feedback.states import APPROVAL_TRANSITIONS, ApprovalState


class Approval(StateModel):
    """A request to a colleague to approve one exact text of an answer.

    `digest` is that of the answer when approval was asked. An edited answer has another digest, so the
    approval no longer applies.
    """

    TRANSITIONS = APPROVAL_TRANSITIONS
    TOO_LATE = _("This was decided or taken back in the meantime. Have another look.")
    MOVED_AT = "decided_at"

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="approvals")
    digest = models.CharField(max_length=16)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_of = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.ASKED)
    remark = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up"], condition=Q(state=ApprovalState.ASKED), name="one_is_asked_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True) | ~Q(asked_by=F("asked_of")),
                name="nobody_approves_their_own",
            ),
            models.CheckConstraint(
                condition=Q(state=ApprovalState.ASKED, decided_at__isnull=True)
                | (~Q(state=ApprovalState.ASKED) & Q(decided_at__isnull=False)),
                name="an_approval_is_decided_when_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApprovalState.SENT_BACK) | ~Q(remark=""), name="sent_back_with_a_remark"
            ),
        ]

    def __str__(self) -> str:
        return f"approval of follow-up {self.follow_up_id}: {self.state}"
