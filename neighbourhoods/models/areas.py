"""Areas, which stay the same place, and their border and code per year."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self, cast

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models.colleagues import memberships_of
from neighbourhoods.states import AreaKind, Power, power

_Box = tuple[float, float, float, float]
BOX_FIELDS = ("west", "south", "east", "north")


def has_everywhere(user: User, *, least: Power = Power.VIEWER) -> bool:
    """Whether the user has a role of at least this power in the whole municipality."""
    return any(
        power(held.role) >= least and held.area.kind == AreaKind.MUNICIPALITY for held in memberships_of(user)
    )


def has_in_each(user: User, areas: "Iterable[Area]", *, least: Power) -> bool:
    """Whether the user has a role of at least this power in every one of these areas; False for no areas."""
    wanted = {area.pk for area in areas}
    held = Area.objects.where(user, least=least).filter(pk__in=wanted)
    return bool(wanted) and held.count() == len(wanted)


class AreaQuerySet(models.QuerySet["Area"]):
    def inside(self, areas: "models.QuerySet[Any, Any] | list[int]") -> Self:
        """These areas and everything below them. The tree has three levels."""
        return self.filter(Q(pk__in=areas) | Q(parent__in=areas) | Q(parent__parent__in=areas))

    def where(self, user: User, *, least: Power = Power.VIEWER) -> Self:
        if has_everywhere(user, least=least):
            return self.all()
        return self.inside([held.area_id for held in memberships_of(user) if power(held.role) >= least])

    def visible_to(self, user: User) -> Self:
        return self.where(user)

    def get_or_create_root(self, name: str) -> "Area":
        root, _created = self.get_or_create(
            kind=AreaKind.MUNICIPALITY, defaults={"name": name, "slug": slugify(name) or "municipality"}
        )
        return root

    def leaves(self) -> Self:
        """Neighbourhoods, where people live."""
        return self.filter(kind=AreaKind.NEIGHBOURHOOD)

    def existing(self, *, on: date | None = None) -> Self:
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on or timezone.localdate()))


class Area(models.Model):
    """A place that stays the same place. AreaVersion holds its border and code per year."""

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
            models.CheckConstraint(condition=Q(kind__in=AreaKind.values), name="area_kind_is_known"),
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

    @property
    def above(self) -> list["Area"]:
        """The areas around it, largest first; load with `parent__parent`."""
        found = (self.parent.parent if self.parent else None, self.parent)
        return [one for one in found if one]

    @classmethod
    def root(cls) -> "Area":
        """The whole municipality, also used for residents who named no neighbourhood."""
        return cls.objects.get(kind=AreaKind.MUNICIPALITY)


class AreaVersionQuerySet(models.QuerySet["AreaVersion"]):
    def newest(self) -> Self:
        """Per area the version of its last year."""
        newest = AreaVersion.objects.filter(area=OuterRef("area")).order_by("-year")[:1]
        return self.filter(pk=Subquery(newest.values("pk")))

    def drawn(self) -> Self:
        """Per area the last version with a border; files with figures add versions with a code but no border."""
        newest = AreaVersion.objects.filter(area=OuterRef("area"), boundary__isnull=False).order_by("-year")
        return self.filter(pk=Subquery(newest.values("pk")[:1]))

    def with_text(self) -> Self:
        """Adds `text`, the GeoJSON of the drawing, so that a map in the cache needs no parsing. Selects the area."""
        text = Cast(Coalesce("outline", "boundary"), models.TextField())
        return self.select_related("area").defer("boundary", "outline").annotate(text=text)

    def touching(self, west: float, south: float, east: float, north: float) -> Self:
        """Versions whose bounding box touches this one."""
        return self.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)


class AreaVersion(models.Model):
    """The border and statistical code of an area in one year."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="versions")
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=120)
    boundary = models.JSONField(
        null=True, blank=True, help_text="GeoJSON Polygon or MultiPolygon, WGS84, as it was given."
    )
    outline = models.JSONField(
        null=True, blank=True, help_text="The boundary for the screen: fewer points, borders still shared."
    )
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    is_recut = models.BooleanField(
        default=False, help_text="Its border was drawn anew that year, so no trend goes across it."
    )

    objects = AreaVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["area", "year"], name="one_version_per_year"),
            models.UniqueConstraint(
                fields=["year", "code"], condition=~Q(code=""), name="one_area_per_code_and_year"
            ),
            # Written in full: a comparison with NULL is not false, so a check constraint would pass.
            models.CheckConstraint(
                condition=Q(boundary__isnull=True, **{f"{side}__isnull": True for side in BOX_FIELDS})
                | Q(
                    boundary__isnull=False,
                    west__lte=models.F("east"),
                    south__lte=models.F("north"),
                    **{f"{side}__isnull": False for side in BOX_FIELDS},
                ),
                name="a_border_has_a_box",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code or self.name} {self.year}"

    @property
    def drawing(self) -> dict[str, Any] | None:
        """The GeoJSON to draw; the full border if there is no outline yet."""
        return self.outline or self.boundary

    @property
    def box(self) -> _Box:
        """West, south, east, north. Only for a version with a border."""
        return cast(_Box, (self.west, self.south, self.east, self.north))


class SuccessionQuerySet(models.QuerySet["Succession"]):
    def successors_of(self, area: Area) -> Self:
        """What became of the area, largest part first."""
        return self.filter(before=area).select_related("after").order_by("-share")


class Succession(models.Model):
    """An area that was merged or split: its successor, and how much of its surface lies there."""

    before = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="successions")
    after = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="origins")
    year = models.PositiveSmallIntegerField()
    share = models.FloatField(help_text="Of the surface of the area before, between 0 and 1.")

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "before", "-share"]
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], name="one_succession_each"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="share_is_a_part"),
            models.CheckConstraint(condition=~Q(before=models.F("after")), name="nobody_succeeds_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.before_id} became {self.after_id} in {self.year}"


class Postcode(models.Model):
    """A postcode of six characters and its area; rarely two, and then the resident chooses.

    Postcodes are only looked up. No response, contact or log stores one.
    """

    code = models.CharField(max_length=6)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="postcodes")

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code", "area"], name="one_postcode_per_area")]

    def __str__(self) -> str:
        return self.code
