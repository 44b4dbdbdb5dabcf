"""Volunteer roles and their matches."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.deadlines import is_late
from core.state_model import StateModel, StateQuerySet
from initiatives.models.initiatives import Initiative, Meeting
from initiatives.models.offers import ExpectationCard, Offer
from initiatives.states import (
    ACCEPTED_MATCH_STATES,
    ASKED_MATCHES,
    BOUND_MATCHES,
    MATCH_TRANSITIONS,
    PUBLIC_INITIATIVES,
    ROLE_TRANSITIONS,
    STANDING_MATCHES,
    Decline,
    HowWasIt,
    MatchState,
    MatchStep,
    Rhythm,
    RoleState,
    Side,
)
from neighbourhoods.models import Area
from neighbourhoods.states import Power


class VolunteerRoleQuerySet(StateQuerySet["VolunteerRole"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(initiative__area__in=Area.objects.visible_to(user))

    def open(self) -> Self:
        """Roles that look for volunteers now."""
        return self.filter(state=RoleState.OPEN, initiative__state__in=PUBLIC_INITIATIVES)

    def with_places_taken(self) -> Self:
        """Annotate `bound`: the number of places taken."""
        bound = models.Count("matches", filter=Q(matches__state__in=BOUND_MATCHES))
        return self.annotate(bound=bound)


class VolunteerRole(StateModel):
    """What a volunteer does in an initiative. Can be open only with an expectation card."""

    TRANSITIONS = ROLE_TRANSITIONS
    TOO_LATE = _("Somebody was first. Have another look.")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="roles")
    name = models.JSONField(default=dict)
    about = models.JSONField(default=dict, blank=True)
    card = models.ForeignKey(
        ExpectationCard, null=True, blank=True, on_delete=models.PROTECT, related_name="roles"
    )
    people = models.PositiveSmallIntegerField(default=1, help_text="How many are looked for.")
    skills = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    moments = models.JSONField(default=list, blank=True, help_text="Parts of the week: see states.MOMENTS.")
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.REGULAR)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    adults_only = models.BooleanField(default=False)
    needs_clearance = models.BooleanField(
        default=False, help_text="Vulnerable people in a risky situation, for example one to one at home."
    )
    support = models.JSONField(default=dict, blank=True, help_text="What support is given, and by whom.")
    state = models.CharField(max_length=8, choices=RoleState, default=RoleState.DRAFT)

    objects = VolunteerRoleQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RoleState.OPEN) | Q(card__isnull=False), name="no_role_without_a_card"
            ),
            models.CheckConstraint(condition=Q(people__gte=1), name="a_role_is_for_somebody"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="a_role_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(state__in=RoleState.values), name="role_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.name.get("en") or self.name.get("nl") or f"role {self.pk}"


class MatchQuerySet(StateQuerySet["Match"]):
    def visible_to(self, user: User) -> Self:
        mine = Area.objects.where(user, least=Power.COORDINATOR)
        return self.filter(
            Q(offer__area__in=mine)
            | Q(offer__owner=user)
            | Q(role__initiative__area__in=mine)
            | Q(role__initiative__owner=user)
        )

    def of_holder(self, receipt: Receipt) -> Self:
        """Matches of the holder's offer or of their initiative."""
        theirs = Q(offer__receipt=receipt) | Q(role__initiative__receipt=receipt)
        return self.filter(theirs).select_related("offer", "role__initiative")

    def after_match(self, last: "Match") -> Self:
        """Matches after `last` in the default order (keyset pagination)."""
        return self.filter(
            Q(proposed_at__lt=last.proposed_at) | Q(proposed_at=last.proposed_at, pk__lt=last.pk)
        )

    def bound(self) -> Self:
        return self.filter(state__in=BOUND_MATCHES)

    def asked(self) -> Self:
        return self.filter(state__in=ASKED_MATCHES)

    def both_yes(self) -> Self:
        """Both said yes, not yet introduced."""
        said = self.filter(volunteer_yes_at__isnull=False, initiative_yes_at__isnull=False)
        return said.filter(state=MatchState.PROPOSED)

    def standing(self) -> Self:
        return self.filter(state__in=STANDING_MATCHES)


class Match(StateModel):
    """One offer of hands and one volunteer role. Neither side learns who the other is before both said yes."""

    TRANSITIONS = MATCH_TRANSITIONS
    TOO_LATE = _("Something happened to this in the meantime. Have another look.")
    MOVED_AT = "state_at"

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="matches")
    role = models.ForeignKey(VolunteerRole, on_delete=models.CASCADE, related_name="matches")
    state = models.CharField(max_length=10, choices=MatchState, default=MatchState.PROPOSED)
    # Why it was proposed, as both sides read it: marks of initiatives.matching with their points.
    reasons = models.JSONField(default=list, blank=True)
    score = models.PositiveSmallIntegerField(default=0)
    proposed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    # Raised with each new proposal, so that each sends its own mail.
    round = models.PositiveSmallIntegerField(default=1)
    answer_before = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    volunteer_yes_at = models.DateTimeField(null=True, blank=True)
    initiative_yes_at = models.DateTimeField(null=True, blank=True)
    # The card the volunteer said yes to; the role may have a newer one.
    card = models.ForeignKey(
        ExpectationCard, null=True, blank=True, on_delete=models.PROTECT, related_name="matches"
    )
    declined_by = models.CharField(max_length=10, choices=Side, blank=True)
    declined_because = models.CharField(max_length=10, choices=Decline, blank=True)
    introduced_at = models.DateTimeField(null=True, blank=True)
    first_at = models.DateTimeField(null=True, blank=True, help_text="The first time they meet.")
    meeting = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # How often `meeting` had moved when both were last told, and when that was.
    first_moved = models.PositiveSmallIntegerField(default=0, db_default=0)
    first_told_on = models.DateField(null=True, blank=True)
    # What a colleague does next for it, and before when.
    step = models.CharField(max_length=10, choices=MatchStep, blank=True, db_default="")
    step_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    after_2 = models.CharField(max_length=6, choices=HowWasIt, blank=True)
    after_30 = models.CharField(max_length=6, choices=HowWasIt, blank=True)
    state_at = models.DateTimeField(default=timezone.now)

    objects = MatchQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "role"], name="one_match_per_offer_and_role"),
            models.CheckConstraint(condition=Q(state__in=MatchState.values), name="match_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(ACCEPTED_MATCH_STATES))
                | Q(volunteer_yes_at__isnull=False, initiative_yes_at__isnull=False),
                name="together_when_both_said_yes",
            ),
            models.CheckConstraint(
                condition=Q(volunteer_yes_at=None, card=None)
                | Q(volunteer_yes_at__isnull=False, card__isnull=False),
                name="a_volunteer_says_yes_to_a_card",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["introduced", "active", "ended"], introduced_at__isnull=False)
                | (~Q(state__in=["introduced", "active", "ended"]) & Q(introduced_at=None)),
                name="introduced_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=MatchState.DECLINED) & ~Q(declined_by="") & ~Q(declined_because="")
                | ~Q(state=MatchState.DECLINED) & Q(declined_by="", declined_because=""),
                name="declined_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=MatchState.ENDED, ended_on__isnull=False)
                | ~Q(state=MatchState.ENDED) & Q(ended_on=None),
                name="ended_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=MatchState.PROPOSED) | Q(answer_before__isnull=False),
                name="a_proposal_waits_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(STANDING_MATCHES), step_on__isnull=False) & ~Q(step="")
                | ~Q(state__in=sorted(STANDING_MATCHES)) & Q(step="", step_on=None),
                name="what_stands_has_a_next_step",
            ),
            models.CheckConstraint(
                condition=Q(meeting=None) | Q(first_at__isnull=False), name="a_first_meeting_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["role", "state"]),
            models.Index(fields=["state", "answer_before"]),
            models.Index(fields=["step_on"], condition=~Q(step=""), name="matches_due"),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}: {self.state}"

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {} if to in STANDING_MATCHES else {"step": "", "step_on": None}

    @property
    def can_answer_in_time(self) -> bool:
        """Whether the day before which both sides are asked to answer is still to come."""
        return self.answer_before is not None and self.answer_before > timezone.localdate()

    def is_late(self, on: date | None = None) -> bool:
        return is_late(self.step_on, on)
