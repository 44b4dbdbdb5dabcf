"""Where and with whom: the municipality, its areas, themes, who may do what, and who backs what."""

from datetime import date, datetime
from typing import Any, Self

from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.errors import InvalidTransition
from neighbourhoods.states import BACKING_TRANSITIONS, AreaKind, BackingState, Power, Role, power


class Municipality(models.Model):
    """The one municipality of this installation, and what it decided about how to work."""

    CACHE_KEY = "municipality"

    name = models.CharField(
        _("name"), max_length=80, help_text=_("As residents say it: “Gemeente Waterdam”.")
    )
    phone = models.CharField(_("phone"), max_length=20, default="14 0")
    email = models.EmailField(_("e-mail address that is read"), blank=True)
    languages = models.JSONField(
        _("languages"), default=list, help_text=_("Codes, the first is the main one.")
    )
    theme = models.SlugField(_("colours"), blank=True)
    smallest_cell = models.PositiveSmallIntegerField(_("smallest number to publish"), default=10)
    backup_days = models.PositiveSmallIntegerField(_("days that backups are kept"), default=30)
    roles_with_mfa = models.JSONField(_("roles that need a second factor"), default=list, blank=True)
    danger_text = models.JSONField(
        _("what a resident reads when a text names danger"), default=dict, blank=True
    )
    danger_email = models.EmailField(_("who is warned of danger"), blank=True)
    defects_email = models.EmailField(_("reporting desk for street defects"), blank=True)
    accessibility_note = models.JSONField(_("accessibility statement"), default=dict, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_municipality")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Municipality":
        """The municipality, kept for a minute so that pages for residents need not ask for it."""
        found = cache.get(cls.CACHE_KEY)
        if found is None:
            found = cls.objects.filter(pk=1).first() or cls(pk=1, name="Nabij", languages=["nl", "en"])
            cache.set(cls.CACHE_KEY, found, 60)
        return found


class AreaQuerySet(models.QuerySet["Area"]):
    def inside(self, areas: "models.QuerySet[Any, Any] | list[int]") -> Self:
        """These areas and everything below them. The tree has three levels."""
        return self.filter(Q(pk__in=areas) | Q(parent__in=areas) | Q(parent__parent__in=areas))

    def where(self, user: User, *, least: Power = Power.VIEWER, on: date | None = None) -> Self:
        """Areas in which `user` has a role of at least this power."""
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.current(on=on).filter(
            user=user, role__in=[r for r in Role if power(r) >= least]
        )
        return self.inside(mine.values("area"))

    def visible_to(self, user: User) -> Self:
        return self.where(user)

    def leaves(self) -> Self:
        """Where people live: neighbourhoods."""
        return self.filter(kind=AreaKind.NEIGHBOURHOOD)


class Area(models.Model):
    """A place that stays the same place. What its border and code were in a year stands in AreaVersion."""

    kind = models.CharField(max_length=16, choices=AreaKind)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    ended_on = models.DateField(null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=AreaKind.MUNICIPALITY, parent__isnull=True)
                | (~Q(kind=AreaKind.MUNICIPALITY) & Q(parent__isnull=False)),
                name="only_the_municipality_has_no_parent",
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="municipality"), name="one_root_area"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def root(cls) -> "Area":
        """The whole municipality: also where somebody lives who did not say in which neighbourhood."""
        return cls.objects.get(kind=AreaKind.MUNICIPALITY)


class AreaVersion(models.Model):
    """The border and statistical code of an area in one year."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="versions")
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=120)
    boundary = models.JSONField(help_text="GeoJSON Polygon or MultiPolygon, WGS84, as it was given.")
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["area", "year"], name="one_version_per_year"),
            models.UniqueConstraint(
                fields=["year", "code"], condition=~Q(code=""), name="one_area_per_code_and_year"
            ),
            models.CheckConstraint(
                condition=Q(west__lte=models.F("east")) & Q(south__lte=models.F("north")), name="box_is_a_box"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code or self.name} {self.year}"


class Theme(models.Model):
    """A subject people speak about. The list is the municipality's own."""

    slug = models.SlugField(unique=True)
    name = models.JSONField(_("name"), default=dict)
    order = models.PositiveSmallIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name.get("en") or self.name.get("nl") or self.slug


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, *, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), user__is_active=True)


class Membership(models.Model):
    """What somebody may do, and where. It can end by itself."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="memberships")
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


class Invitation(models.Model):
    """A colleague who was asked in. Accepted from the mailbox it was sent to, within its term."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    area = models.ForeignKey(Area, on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=Role)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.role} in {self.area_id}"


class BackingQuerySet(models.QuerySet["Backing"]):
    def visible_to(self, user: User) -> Self:
        """A backer sees what they were asked; an editor what is asked in their areas."""
        return self.filter(Q(backer=user) | Q(area__in=Area.objects.where(user, least=Power.EDITOR)))

    def valid(self, *, on: date | None = None) -> Self:
        return self.filter(state=BackingState.SIGNED, until__gte=on or timezone.localdate())


class Backing(models.Model):
    """A political backer stands behind one frozen text, until a date. Residents see by role who that is.

    `subject` names what is backed in the words of the app above ("survey:12:v3") and `digest` is the hash of
    the exact text that was signed: another text needs another signature.
    """

    subject = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    url = models.CharField(max_length=200, help_text="Where the backer reads what they sign.")
    title = models.JSONField(default=dict)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="backings")
    backer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="backings")
    backer_title = models.CharField(max_length=80, blank=True)
    statement = models.JSONField(default=dict, help_text="What they stand for, per language.")
    until = models.DateField()
    state = models.CharField(max_length=12, choices=BackingState, default=BackingState.REQUESTED)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = BackingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=BackingState.REQUESTED, decided_at__isnull=True)
                | (~Q(state=BackingState.REQUESTED) & Q(decided_at__isnull=False)),
                name="backing_decided_when_decided",
            ),
            models.UniqueConstraint(
                fields=["subject", "backer"],
                condition=Q(state__in=["requested", "signed"]),
                name="one_open_backing_per_backer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.state}"

    def move(self, to: str, *, now: datetime | None = None, **fields: Any) -> None:
        """Take the backing to another state, or raise InvalidTransition when somebody was first."""
        sources = [state for state, targets in BACKING_TRANSITIONS.items() if to in targets]
        fields |= {"state": to, "decided_at": now or timezone.now()}
        if not Backing.objects.filter(pk=self.pk, state__in=sources).update(**fields):
            raise InvalidTransition(_("This was decided already."))
        self.refresh_from_db()
