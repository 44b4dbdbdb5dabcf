"""Roles per area, and invitations."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.states import Power, Role, power

if TYPE_CHECKING:
    from neighbourhoods.models.areas import Area


def _administered_by(user: User) -> "models.QuerySet[Area]":
    # Imported here because place.py imports this module.
    from neighbourhoods.models.areas import Area

    return Area.objects.where(user, least=Power.ADMINISTRATOR)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, *, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), user__is_active=True)

    def covering(self, area: "Area") -> Self:
        """Memberships that apply in this area: given there, or in an area around it."""
        return self.filter(
            Q(area=area) | Q(area__children=area) | Q(area__children__children=area)
        ).distinct()

    def visible_to(self, user: User) -> Self:
        """Memberships are visible to administrators of their area."""
        return self.filter(area__in=_administered_by(user))


def colleagues_in(areas: list[int], *, least: Power = Power.COORDINATOR) -> "models.QuerySet[User]":
    """Colleagues with at least this power in one of these areas, to hand something over to."""
    here = Q(area__in=areas) | Q(area__children__in=areas) | Q(area__children__children__in=areas)
    roles = [role for role in Role if power(role) >= least]
    members = Membership.objects.current().filter(here, role__in=roles)
    return User.objects.filter(pk__in=members.order_by().values("user"))


def colleagues_in_each(areas: "models.QuerySet[Area]", *, least: Power) -> "models.QuerySet[User]":
    """Colleagues with at least this power in every one of these areas, in a fixed number of queries."""
    lines = [set(line) for line in areas.order_by().values_list("pk", "parent", "parent__parent")]
    roles = [role for role in Role if power(role) >= least]
    members = Membership.objects.current().filter(role__in=roles).order_by().values_list("user", "area")
    held: dict[int, set[int | None]] = defaultdict(set)
    for user, area in members:
        held[user].add(area)
    return User.objects.filter(
        pk__in=[user for user, own in held.items() if all(own & line for line in lines)]
    )


class Membership(models.Model):
    """A role of one person in one area. It can have a last day."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    area = models.ForeignKey("neighbourhoods.Area", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    until = models.DateField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["user__email", "area__name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "area", "role"], name="one_membership_each"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.area_id}"

    @property
    def is_over(self) -> bool:
        """Whether the last day has passed: it gives no permissions any more, but its holder's duties remain."""
        return self.until is not None and self.until < timezone.localdate()


def memberships_of(user: User) -> list[Membership]:
    """The current memberships of a user. Cached on the user object, which lives as long as a request."""
    if not user.is_authenticated:
        return []
    if not hasattr(user, "held"):
        held = Membership.objects.current().filter(user=user).select_related("area").order_by()
        user.held = list(held)  # type: ignore[attr-defined]
    return user.held  # type: ignore[attr-defined]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Neither accepted nor withdrawn; may be expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=_administered_by(user))


class Invitation(models.Model):
    """An invitation for a colleague, accepted from the mailbox it was sent to, within its term."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    area = models.ForeignKey("neighbourhoods.Area", on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=Role)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    until = models.DateField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_has_one_end",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_is_known"),
            models.UniqueConstraint(
                fields=["user", "area", "role"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.area_id}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
