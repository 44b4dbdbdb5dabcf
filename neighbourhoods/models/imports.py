"""Imported files: read, previewed, written all at once, and undone if needed."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, Self

from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.jobs import LeasedModel, LeasedQuerySet
from neighbourhoods.models.areas import Area
from neighbourhoods.states import FILE_TRANSITIONS, SCORE_NATURES, FileState, Gap, ImportKind, Nature


class ImportQuerySet(LeasedQuerySet["Import"]):
    def under_way(self) -> Self:
        """Imports whose file is still stored."""
        return self.filter(state__in=[FileState.READING, FileState.PREVIEWED, FileState.WRITING])

    def waiting(self) -> Self:
        """Imports that wait for a decision."""
        return self.filter(state=FileState.PREVIEWED)

    def visible_to(self, user: User) -> Self:
        """A file is visible to the user who uploaded it; applied ones are visible to everybody who may import."""
        return self.filter(Q(created_by=user) | Q(state__in=[FileState.APPLIED, FileState.UNDONE]))


class Import(LeasedModel):
    """One import of a file. `options` holds the choices, `report` the preview.

    `undo` holds the data needed to undo it; `content` is the file, stored only until it is decided on. Both are
    compressed.
    """

    TRANSITIONS = FILE_TRANSITIONS
    TOO_LATE = _("This import was carried out or dropped already.")
    TO_DO = frozenset({FileState.READING, FileState.WRITING})

    kind = models.CharField(max_length=12, choices=ImportKind)
    file_name = models.CharField(max_length=120)
    content = models.BinaryField(default=b"")
    options = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    undo = models.BinaryField(default=b"")
    state = models.CharField(max_length=12, choices=FileState, default=FileState.READING)
    done = models.PositiveIntegerField(default=0, help_text="Rows or areas that were dealt with.")
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["reading", "previewed", "writing"], decided_at__isnull=True)
                | Q(
                    state__in=["applied", "refused", "dropped", "undone"],
                    decided_at__isnull=False,
                    content=b"",
                ),
                name="file_is_emptied_when_decided",
            ),
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="import_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(zlib.decompress(bytes(self.undo)))
        return found

    @property
    def percent(self) -> int:
        """Progress in percent; `done` itself is not meaningful, because some rows are read twice."""
        return min(100, round(100 * self.done / self.total)) if self.total else 0

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A decision also deletes the file."""
        is_decided = to in (FileState.APPLIED, FileState.REFUSED, FileState.DROPPED, FileState.UNDONE)
        emptied = {"decided_at": timezone.now(), "content": b""} if is_decided else {}
        return super().fields_of_move(to, fields) | emptied


# Figures about areas, their indicators and sources.


MIN_SHARE_IN_SENTENCE = 2
"""“Of every 100 people 1 are” is not a sentence, so smaller shares are shown with their label."""


class Source(models.Model):
    """The publisher and licence of figures."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    publisher = models.CharField(_("publisher"), max_length=120, blank=True)
    licence = models.CharField(_("licence"), max_length=80, blank=True)
    url = models.URLField(_("address"), blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def with_last_year(self) -> Self:
        return self.annotate(last_year=Max("figures__year")).order_by("order", "slug")


class Indicator(models.Model):
    """Something that is measured per area. `columns` are its names in files, without year suffix."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(_("name"), default=dict)
    explanation = models.JSONField(_("in plain words"), default=dict, blank=True)
    sentence = models.JSONField(_("as residents read it"), default=dict, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    nature = models.CharField(_("what it is"), max_length=12, choices=Nature)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0)
    columns = models.JSONField(_("names in files"), default=list, blank=True)
    order = models.PositiveSmallIntegerField(default=1000)
    is_key = models.BooleanField(_("shown on the profile"), default=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["order", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="nature_is_known"),
        ]

    def __str__(self) -> str:
        return self.name.get("en") or self.name.get("nl") or self.slug

    @property
    def has_own_scale(self) -> bool:
        """Whether it is a score: it has no unit, so its values mean nothing without the explanation."""
        return not self.unit and self.nature in SCORE_NATURES


class FigureQuerySet(models.QuerySet["Figure"]):
    def newest(self) -> Self:
        """Per area and indicator the last year that has a value."""
        latest = (
            Figure.objects.filter(area=OuterRef("area"), indicator=OuterRef("indicator"), value__isnull=False)
            .order_by("-year")
            .values("pk")[:1]
        )
        return self.filter(pk=Subquery(latest))

    def of_last_year(self) -> Self:
        """Per indicator the figures of the last year in which any area has a value, so that areas can be compared.

        Indicator and year are combined into one number, so that the last years are looked up once and not per row.
        """
        year = F("indicator") * 10_000 + F("year")
        last = (
            Figure.objects.filter(value__isnull=False)
            .order_by()
            .values("indicator")
            .annotate(last=F("indicator") * 10_000 + Max("year"))
        )
        return self.alias(of_year=year).filter(of_year__in=last.values("last"))


class Figure(models.Model):
    """One number about one area in one year, or the reason why there is none."""

    # No separate index where a composite index starts with the field: a country has 1.5 million figures.
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="figures", db_index=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="figures", db_index=False)
    year = models.PositiveSmallIntegerField()
    value = models.FloatField(null=True, blank=True)
    gap = models.CharField(max_length=8, choices=Gap, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="figures", db_index=False)
    imported = models.ForeignKey(Import, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = FigureQuerySet.as_manager()

    class Meta:
        ordering = ["indicator__order", "area", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["area", "indicator", "year"], name="one_figure_per_year"),
            models.CheckConstraint(
                condition=Q(value__isnull=True, gap__in=Gap.values) | Q(value__isnull=False, gap=""),
                name="a_figure_or_why_not",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "year", "area"])]

    def __str__(self) -> str:
        return f"{self.indicator_id} of {self.area_id} in {self.year}"

    @property
    def decimals(self) -> int:
        """Decimals to show: none if the value is a whole number."""
        return 0 if self.value is not None and self.value.is_integer() else self.indicator.decimals

    @property
    def sentence(self) -> str:
        """The sentence for residents in their language; "" if the indicator has none, or the share is under two in
        100.

        A share is rounded to whole people of every 100.
        """
        words = self.indicator.sentence.get(get_language() or "", "")
        if (
            not words
            or self.value is None
            or (self.indicator.unit == "%" and round(self.value) < MIN_SHARE_IN_SENTENCE)
        ):
            return ""
        decimals = 0 if self.indicator.unit == "%" else self.indicator.decimals
        n = number_format(round(self.value, decimals), decimals, use_l10n=True, force_grouping=True)
        return words.replace("{n}", n)


class ColumnMapping(models.Model):
    """What the columns of a file mean, stored for the next similar file.

    `columns` maps a column name without its year suffix to the slug of an indicator, or to "" to leave it out.
    """

    kind = models.CharField(max_length=12, choices=ImportKind, default=ImportKind.FIGURES)
    name = models.CharField(_("name"), max_length=80, unique=True)
    columns = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
