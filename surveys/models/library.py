"""What authors keep beside their drafts: reusable items, dismissed remarks, and imported form files."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from surveys.models.draft import Survey
from surveys.states import ItemKind


class LibraryItemQuerySet(models.QuerySet["LibraryItem"]):
    def offered(self) -> Self:
        return self.filter(retired=False)

    def search(self, words: str) -> Self:
        """Items that contain every word, in any order."""
        found = self
        for word in words.casefold().split()[:8]:
            found = found.filter(words__contains=word)
        return found


class LibraryItem(models.Model):
    """A reusable question, layer or survey of this municipality.

    `plan` holds the plain values of surveys/library/plan.py; `words` all its texts, for search.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=ItemKind)
    name = models.CharField(_("name"), max_length=80)
    about = models.CharField(_("what it is for"), max_length=200, blank=True)
    plan = models.JSONField()
    words = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kept_on = models.DateField(default=timezone.localdate)
    retired = models.BooleanField(default=False)

    objects = LibraryItemQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ItemKind.values), name="library_kind_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_library_item_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class DismissedLint(models.Model):
    """A remark on a draft that somebody dismissed, with the reason.

    Valid for the words that were read: `about` is their revision. Changed words bring the remark back.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="set_asides")
    remark = models.CharField(max_length=80)
    about = models.CharField(max_length=32)
    reason = models.CharField(_("why it may stay"), max_length=300)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "remark"], name="a_remark_is_set_aside_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="set_aside_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.remark} of survey {self.survey_id}"


class FormFile(models.Model):
    """The form file a draft was imported from, and what of it was not taken over."""

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="form_file")
    name = models.CharField(max_length=120)
    # [{"sheet": "survey", "row": 4, "column": "relevant", "said": ..., "found": ...}]: see
    # surveys/exchange/xlsform/report.py.
    report = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"file of survey {self.survey_id}"
