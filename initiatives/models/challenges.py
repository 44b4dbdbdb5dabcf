"""Challenges (Dutch: uitdaagrecht): residents ask to take over a task of the municipality."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.deadlines import is_late
from core.state_model import StateModel, StateQuerySet
from initiatives.models.initiatives import Initiative
from initiatives.models.offers import with_owed_on
from initiatives.states import CHALLENGE_DECISIONS, CHALLENGE_TRANSITIONS, Applicant, ChallengeState
from neighbourhoods.models import Area, Party, Theme
from neighbourhoods.states import Power


class ChallengeQuerySet(StateQuerySet["Challenge"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.where(user, least=Power.COORDINATOR))

    def undecided(self) -> Self:
        return self.filter(state__in=[ChallengeState.ASKED, ChallengeState.TALKING])

    def owing(self) -> Self:
        """Requests whose applicant waits for an answer, annotated with `owed_on`."""
        return with_owed_on(self.filter(receipt__isnull=False), "challenge")

    def decided(self) -> Self:
        return self.filter(state__in=CHALLENGE_DECISIONS)

    def published(self) -> Self:
        """Requests on the public page. A withdrawn one leaves it."""
        return self.filter(published_on__isnull=False).exclude(state=ChallengeState.WITHDRAWN)


class Challenge(StateModel):
    """A request to take over a task. The applicant's words are contributions of its receipt, owed an answer
    before `decide_before`; the texts here are public, in words a colleague read."""

    TRANSITIONS = CHALLENGE_TRANSITIONS
    TOO_LATE = _("Somebody was first. Have another look.")

    receipt = models.OneToOneField(
        Receipt, null=True, blank=True, on_delete=models.SET_NULL, related_name="challenge"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="challenges")
    theme = models.ForeignKey(
        Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="challenges"
    )
    party = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.SET_NULL, related_name="challenges"
    )
    applicant = models.CharField(max_length=10, choices=Applicant, default=Applicant.RESIDENT)
    title = models.JSONField(default=dict)
    summary = models.JSONField(default=dict, blank=True)
    budget = models.PositiveIntegerField(null=True, blank=True, help_text="Asked, in euros a year.")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="challenges")
    asked_on = models.DateField(default=timezone.localdate)
    decide_before = models.DateField()
    first_decide_before = models.DateField()
    moved_reason = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ChallengeState, default=ChallengeState.ASKED)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(
        max_length=80, blank=True, help_text="The body that decided, as residents know it."
    )
    decision = models.JSONField(default=dict, blank=True, help_text="Why it was decided so.")
    next_step = models.JSONField(
        default=dict, blank=True, help_text="What happens now, or what who asked can do after a no."
    )
    published_on = models.DateField(null=True, blank=True)
    initiative = models.ForeignKey(
        Initiative, null=True, blank=True, on_delete=models.SET_NULL, related_name="challenges"
    )

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        ordering = ["decide_before", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ChallengeState.values), name="challenge_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CHALLENGE_DECISIONS), decided_on__isnull=False)
                & ~Q(decision={})
                & ~Q(decided_by="")
                | ~Q(state__in=sorted(CHALLENGE_DECISIONS)) & Q(decided_on=None),
                name="a_challenge_is_decided_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(applicant__in=Applicant.values), name="who_challenges_is_known"
            ),
            models.CheckConstraint(
                condition=Q(first_decide_before__gte=models.F("asked_on"))
                & (Q(decided_on=None) | Q(decided_on__gte=models.F("asked_on"))),
                name="a_request_is_decided_after_it_was_asked",
            ),
            models.CheckConstraint(
                condition=Q(published_on=None) | ~Q(title={}), name="a_published_challenge_has_a_title"
            ),
            models.CheckConstraint(
                condition=Q(decide_before=models.F("first_decide_before")) | ~Q(moved_reason={}),
                name="a_moved_decision_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"challenge {self.pk}: {self.state}"

    @property
    def source(self) -> str:
        """Key of the contributions and answers owed of this request."""
        return f"challenge:{self.pk}"

    @property
    def is_decided(self) -> bool:
        return self.state in CHALLENGE_DECISIONS

    @property
    def is_undecided(self) -> bool:
        return self.state in (ChallengeState.ASKED, ChallengeState.TALKING)

    def is_late(self, on: date | None = None) -> bool:
        return self.is_undecided and is_late(self.decide_before, on)
