"""What residents meet: a frozen version, the ways in, the dated tables of the public and the page with them."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models import Area, Backing
from surveys.models.draft import Survey
from surveys.states import FOR_EVERYBODY, ChannelKind, VersionKind


class SurveyVersion(models.Model):
    """One publication: a document with all languages. Immutable; a respondent stays on the one begun with."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    epoch = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=VersionKind, default=VersionKind.FIRST)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    # The draft as it was when this was frozen, and the version of which this mends the spelling.
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
        """What a backer signs."""
        return f"survey:{self.survey_id}:v{self.number}"

    def mended(self) -> list["SurveyVersion"]:
        """This version and those of which it only mends the spelling: a signature under one holds for all."""
        chain = [self]
        while mends := chain[-1].mends:
            chain.append(mends)
        return chain


class ChannelQuerySet(models.QuerySet["Channel"]):
    def open_to_all(self) -> Self:
        """Ways in for everybody that still work, the open link first."""
        is_link = models.Case(models.When(kind=ChannelKind.LINK, then=0), default=1)
        return self.filter(invited=False, closed_on=None, kind__in=FOR_EVERYBODY).order_by(is_link, "pk")


class Channel(models.Model):
    """One way in, with a short address of its own, so that reach per way is known."""

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
        """Who comes in this way types the single-use code of their letter."""
        return self.invited and self.kind == ChannelKind.LETTER

    @property
    def asks_link(self) -> bool:
        """Who comes in this way has a link in a mail."""
        return self.invited and self.kind == ChannelKind.EMAIL


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def last_of_each(self) -> Self:
        """The last one of each survey."""
        newest = Snapshot.objects.order_by().values("survey").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest"))

    def times_taken_part(self) -> int:
        """How often people took part, rounded per survey: who answered two surveys counts twice."""
        return sum(
            int(count or 0) for count in self.last_of_each().values_list("tables__responses", flat=True)
        )


class Snapshot(models.Model):
    """What the public sees: tables of one day, rounded, no small cells. Never changed afterwards."""

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
        """Tables by neighbourhood and kind of respondent: of the last snapshot alone."""
        return dict(self.parts) if self.is_final else {}


class PublicationQuerySet(models.QuerySet["Publication"]):
    def with_title(self) -> Self:
        """Each with the title that residents read: what is written since is not published yet."""
        return self.annotate(title=models.F("survey__current__document__title"))


class Publication(models.Model):
    """The page with the outcome, once somebody decided that it may be read; `words` are theirs, per language."""

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="publication")
    words = models.JSONField(_("what stands out"), default=dict, blank=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = PublicationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"outcome of survey {self.survey_id}"
