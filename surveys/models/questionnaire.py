"""What residents see: frozen versions, channels, dated public tables and the outcome page."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models import Area, Backing
from surveys.models.builder import Survey
from surveys.states import PUBLIC_CHANNEL_KINDS, ChannelKind, VersionKind


class SurveyVersion(models.Model):
    """One publication: a document in all languages. Immutable; a respondent stays on the version they began with."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    epoch = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=VersionKind, default=VersionKind.FIRST)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    # The draft's revision when this was frozen, and the version whose spelling this one corrects.
    revision = models.PositiveIntegerField(default=0)
    mends = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    backing = models.ForeignKey(Backing, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"version {self.number} of survey {self.survey_id}"

    @property
    def subject(self) -> str:
        """Key of what a backer signs."""
        return f"survey:{self.survey_id}:v{self.number}"

    def corrected_versions(self) -> list["SurveyVersion"]:
        """This version and those whose spelling it corrects: a signature under one holds for all."""
        chain = [self]
        while mends := chain[-1].mends:
            chain.append(mends)
        return chain


class ChannelQuerySet(models.QuerySet["Channel"]):
    def open_to_all(self) -> Self:
        """Working channels for everybody, the open link first."""
        is_link = models.Case(models.When(kind=ChannelKind.LINK, then=0), default=1)
        return self.filter(invited=False, closed_on=None, kind__in=PUBLIC_CHANNEL_KINDS).order_by(
            is_link, "pk"
        )


class Channel(models.Model):
    """One channel with its own short address, so that reach per channel is known."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind, default=ChannelKind.LINK)
    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(max_length=12, unique=True)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    invited = models.BooleanField(_("only for people who were invited"), default=False)
    created_on = models.DateField(default=timezone.localdate)
    closed_on = models.DateField(null=True, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="a_channel_has_a_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def asks_code(self) -> bool:
        """Entry needs the single-use code of a letter."""
        return self.invited and self.kind == ChannelKind.LETTER

    @property
    def asks_link(self) -> bool:
        """Entry needs a personal link from a mail."""
        return self.invited and self.kind == ChannelKind.EMAIL


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def last_of_each(self) -> Self:
        newest = Snapshot.objects.order_by().values("survey").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest"))

    def times_taken_part(self) -> int:
        """Number of participations, rounded per survey: somebody who answered two surveys counts twice."""
        return sum(
            int(count or 0) for count in self.last_of_each().values_list("tables__responses", flat=True)
        )


class Snapshot(models.Model):
    """Public tables of one day: rounded, small cells suppressed. Never changed afterwards."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="snapshots")
    taken_on = models.DateField(default=timezone.localdate)
    responses = models.PositiveIntegerField(help_text="Exact, to know when ten new ones came; never shown.")
    tables = models.JSONField(default=dict)
    parts = models.JSONField(
        default=dict, help_text="By neighbourhood and kind; for the public when it is final."
    )
    exact = models.JSONField(
        default=dict, help_text="Exact counts, for the next one to compare; never shown."
    )
    is_final = models.BooleanField(default=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["survey"], condition=Q(is_final=True), name="one_final_snapshot")
        ]

    def __str__(self) -> str:
        return f"survey {self.survey_id} on {self.taken_on}"

    @property
    def rounded_responses(self) -> int:
        total: Any = self.tables.get("responses", 0)
        return int(total)

    @property
    def public_parts(self) -> dict[str, Any]:
        """Tables by neighbourhood and kind of respondent; public only for the final snapshot."""
        return dict(self.parts) if self.is_final else {}


class PublicationQuerySet(models.QuerySet["Publication"]):
    def with_title(self) -> Self:
        """Annotates the published title; later draft changes are not public yet."""
        return self.annotate(title=models.F("survey__current__document__title"))


class Publication(models.Model):
    """The outcome page, once somebody published it; `words` are the publisher's, per language."""

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="publication")
    words = models.JSONField(_("what stands out"), default=dict, blank=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = PublicationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"outcome of survey {self.survey_id}"
