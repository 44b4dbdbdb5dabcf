"""The final report of a trajectory, the municipality's reaction to each theme, and the notice beforehand."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from feedback.states import Outcome
from neighbourhoods.models import Trajectory


class FinalReportQuerySet(models.QuerySet["FinalReport"]):
    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)


class FinalReport(models.Model):
    """One version of a final report. It is built from the data each time until it is finished; then it shows
    only `content`.

    `content` is {language: services.reports.Shown as plain data}. A correction is the next version, with a
    reason.
    """

    trajectory = models.ForeignKey(Trajectory, on_delete=models.CASCADE, related_name="reports")
    version = models.PositiveSmallIntegerField(default=1)
    introduction = models.JSONField(_("introduction"), default=dict, blank=True)
    closing = models.JSONField(_("closing word"), default=dict, blank=True)
    sentences = models.JSONField(default=dict, blank=True, help_text="Section -> language -> words.")
    happened = models.JSONField(
        default=dict, blank=True, help_text="Item of the plan -> language -> what came of it."
    )
    decision_number = models.CharField(_("number of the decision"), max_length=60, blank=True)
    decision_on = models.DateField(_("taken on"), null=True, blank=True)
    decision_by = models.JSONField(_("taken by"), default=dict, blank=True)
    decision_url = models.URLField(_("where it can be read"), blank=True)
    why_corrected = models.JSONField(_("what is corrected, and why"), default=dict, blank=True)
    content = models.JSONField(default=dict, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    # The fields that staff write by hand; all else comes from the data.
    WRITTEN = (
        "introduction", "closing", "sentences", "happened",
        "decision_number", "decision_on", "decision_by", "decision_url",
    )  # fmt: skip

    objects = FinalReportQuerySet.as_manager()

    class Meta:
        ordering = ["trajectory", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["trajectory", "version"], name="one_report_per_version"),
            models.UniqueConstraint(
                fields=["trajectory"], condition=Q(finished_at__isnull=True), name="one_report_under_way"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, content={})
                | (Q(finished_at__isnull=False) & ~Q(content={})),
                name="a_finished_report_is_frozen",
            ),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(why_corrected={}), name="a_correction_says_why"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(finished_at__isnull=False),
                name="published_when_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.version} of {self.trajectory_id}"

    def get_absolute_url(self) -> str:
        return reverse("final_report_version", args=[self.trajectory_id, self.version])

    @property
    def name(self) -> str:
        """The file name: “final-report-groen-in-molenhoek-1”."""
        parts = [_("final report"), self.trajectory.title, str(self.version)]
        if not self.is_finished:
            parts.append(_("draft"))
        return slugify(" ".join(map(str, parts)))[-100:]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class ThemeReaction(models.Model):
    """What the body decided on one theme that no answer to residents covers: with a reason, by whom, on a
    day.

    `subject` is the slug of a theme, or "other" for contributions without a theme.
    """

    trajectory = models.ForeignKey(Trajectory, on_delete=models.CASCADE, related_name="theme_reactions")
    subject = models.SlugField()
    outcome = models.CharField(_("what came of it"), max_length=10, choices=Outcome)
    decided = models.JSONField(_("what was decided"), default=dict)
    why = models.JSONField(_("why"), default=dict, blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("decided on"), default=timezone.localdate)

    class Meta:
        ordering = ["subject"]
        constraints = [
            models.UniqueConstraint(fields=["trajectory", "subject"], name="one_reaction_per_theme"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="reaction_is_known"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ADOPTED) | ~Q(why={}), name="what_is_not_adopted_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.outcome}"


class EnvironmentNotice(models.Model):
    """A trajectory under the Omgevingswet: what is announced beforehand about taking part. Texts per
    language.

    The fields follow what VNG answers about the notice (Ow 5.47(4), Ob 5.3); see docs/feedback.md.
    """

    trajectory = models.OneToOneField(Trajectory, on_delete=models.CASCADE, related_name="environment_notice")
    who = models.JSONField(_("who can take part"), default=dict, blank=True)
    about = models.JSONField(_("what about"), default=dict, blank=True)
    when = models.JSONField(_("when"), default=dict, blank=True)
    roles = models.JSONField(
        _("the role of the authority and of who takes the initiative"), default=dict, blank=True
    )
    more = models.JSONField(_("where to find out more"), default=dict, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    FIELDS = ("who", "about", "when", "roles", "more")

    def __str__(self) -> str:
        return f"notice of {self.trajectory_id}"

    def get_absolute_url(self) -> str:
        return reverse("environment_notice", args=[self.trajectory_id])

    def lacking(self, language: str) -> list[str]:
        """Fields still to be filled in before publication."""
        return [name for name in self.FIELDS if not getattr(self, name).get(language)]

    def sections(self) -> list[tuple[str, Any]]:
        """The filled-in fields as (heading, texts)."""
        named = [(str(self._meta.get_field(name).verbose_name), getattr(self, name)) for name in self.FIELDS]  # type: ignore[union-attr]
        return [(name, texts) for name, texts in named if texts]
