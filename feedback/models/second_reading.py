"""Double reading: two colleagues read the same texts without seeing each other's result."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import User
from feedback.models.contribution import Contribution
from feedback.states import Reading
from neighbourhoods.models import Theme


class DoubleReadingShare(models.Model):
    """The share of texts of one survey that a second colleague reads as well."""

    source = models.CharField(max_length=40, unique=True, help_text="In the words of the app above.")
    percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="a_share_is_at_most_all")]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.source}"

    @property
    def below(self) -> UUID:
        """The upper bound of the ids in the share. Ids are random, so this is a sample; a larger share
        includes the smaller."""
        return UUID(int=min(2**128 - 1, 2**128 * self.percent // 100))


class SecondReadingQuerySet(models.QuerySet["SecondReading"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(contribution__in=Contribution.objects.visible_to(user).texts())

    def to_settle(self) -> Self:
        return self.filter(self.left_to_settle())

    def left_to_settle(self) -> Q:
        return Q(agrees=False, settled_on=None)


class SecondReading(models.Model):
    """What two readers found in one text, independently, frozen when the second was done.

    ContributionTheme stays decisive: it holds what the first reader found, until a third look settles a
    disagreement.
    """

    contribution = models.OneToOneField(Contribution, on_delete=models.CASCADE, related_name="second_reading")
    first = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    second = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    first_themes = models.ManyToManyField(Theme, related_name="+")
    second_themes = models.ManyToManyField(Theme, related_name="+")
    agrees = models.BooleanField()
    read_on = models.DateField(default=timezone.localdate)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_on = models.DateField(null=True, blank=True)

    objects = SecondReadingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"second reading of {self.contribution_id}"


def to_read_again(
    user: User, looks: Iterable[DoubleReadingShare] | None = None
) -> models.QuerySet[Contribution]:
    """Texts read once, not by this user, in the share of their survey (of all surveys, or only of `looks`)."""
    shares = Q(pk__in=[])
    for look in DoubleReadingShare.objects.all() if looks is None else looks:
        shares |= Q(topic__source=look.source, pk__lt=look.below)
    return (
        Contribution.objects.visible_to(user)
        .texts()
        .exclude(Q(reading=Reading.UNREAD) | Q(read_by=user))
        .filter(shares, ~Exists(SecondReading.objects.filter(contribution=OuterRef("pk"))))
    )


def with_second_look(texts: models.QuerySet[Contribution]) -> models.QuerySet[Contribution]:
    """Annotate the fields that `is_for_second` needs, so that one text costs no extra query."""
    look = DoubleReadingShare.objects.filter(source=OuterRef("topic__source"))
    return texts.annotate(
        percent=Subquery(look.values("percent")),
        was_read_twice=Exists(SecondReading.objects.filter(contribution=OuterRef("pk"))),
    )


def is_for_second(text: Any, user: User) -> bool:
    """The same test as `to_read_again`, for one text visible to the user and annotated by `with_second_look`."""
    look = DoubleReadingShare(percent=text.percent or 0)
    is_theirs = text.reading != Reading.UNREAD and text.read_by_id != user.pk
    return is_theirs and not text.was_read_twice and bool(look.percent) and text.pk < look.below
