"""Places: areas that stay the same place, and their border and code per year."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models.membership import Membership
from neighbourhoods.states import AreaKind, ImportState, Power, Role, power


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

    def get_or_create_root(self, name: str) -> "Area":
        root, _created = self.get_or_create(
            kind=AreaKind.MUNICIPALITY, defaults={"name": name, "slug": slugify(name) or "municipality"}
        )
        return root

    def leaves(self) -> Self:
        """Where people live: neighbourhoods."""
        return self.filter(kind=AreaKind.NEIGHBOURHOOD)

    def existing(self, *, on: date | None = None) -> Self:
        """Those that did not end."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on or timezone.localdate()))


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

    def get_absolute_url(self) -> str:
        return reverse("area", args=[self.slug])

    @property
    def is_ended(self) -> bool:
        return self.ended_on is not None and self.ended_on <= timezone.localdate()

    @classmethod
    def root(cls) -> "Area":
        """The whole municipality: also where somebody lives who did not say in which neighbourhood."""
        return cls.objects.get(kind=AreaKind.MUNICIPALITY)


class AreaVersionQuerySet(models.QuerySet["AreaVersion"]):
    def newest(self) -> Self:
        """Of every area the version of its last year."""
        newest = AreaVersion.objects.filter(area=OuterRef("area")).order_by("-year")[:1]
        return self.filter(pk=Subquery(newest.values("pk")))

    def touching(self, west: float, south: float, east: float, north: float) -> Self:
        """Those whose box shares a point with this one."""
        return self.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)


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

    objects = AreaVersionQuerySet.as_manager()

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

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west, self.south, self.east, self.north


class AreaImportQuerySet(models.QuerySet["AreaImport"]):
    def waiting(self) -> Self:
        return self.filter(state=ImportState.PREVIEWED)


class AreaImport(models.Model):
    """A file with borders that was read and previewed; kept until somebody decides, at most a day."""

    file_name = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200, blank=True)
    content = models.TextField(help_text="The file itself; emptied once it is carried out or dropped.")
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.PREVIEWED)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AreaImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ImportState.PREVIEWED, decided_at__isnull=True)
                | (~Q(state=ImportState.PREVIEWED) & Q(decided_at__isnull=False, content="")),
                name="import_is_emptied_when_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.year})"
