"""The municipality with its settings, and its list of themes."""

from typing import Self

from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Municipality(models.Model):
    """The one municipality of this installation, with its settings."""

    CACHE_KEY = "municipality"

    name = models.CharField(
        _("name"), max_length=80, help_text=_("As residents say it: “Gemeente Waterdam”.")
    )
    code = models.CharField(
        _("code of the municipality"),
        max_length=6,
        blank=True,
        help_text=_("As Statistics Netherlands writes it: GM0363."),
    )
    phone = models.CharField(_("phone"), max_length=20, blank=True)
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
    text_price = models.PositiveSmallIntegerField(
        _("price of a text message in cents"),
        null=True,
        blank=True,
        help_text=_("Empty: residents can't choose it."),
    )
    letter_price = models.PositiveSmallIntegerField(
        _("price of a letter in cents, with paper and postage"),
        null=True,
        blank=True,
        help_text=_("Empty: residents can't choose it."),
    )
    accessibility_note = models.JSONField(_("accessibility statement"), default=dict, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_municipality")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Municipality":
        """The municipality, cached for a minute, so that resident pages don't query it."""
        found = cache.get(cls.CACHE_KEY)
        if found is None:
            found = cls.objects.filter(pk=1).first() or cls(pk=1, name="Nabij", languages=["nl", "en"])
            cache.set(cls.CACHE_KEY, found, 60)
        return found

    def forget_cached(self) -> None:
        cache.delete(self.CACHE_KEY)


class ThemeQuerySet(models.QuerySet["Theme"]):
    def in_use(self) -> Self:
        return self.filter(retired_on__isnull=True)


class Theme(models.Model):
    """A subject that residents talk about. The list belongs to the municipality."""

    slug = models.SlugField(unique=True)
    name = models.JSONField(_("name"), default=dict)
    words = models.JSONField(
        default=dict, blank=True, help_text="Words that go with it, per language: where suggestions begin."
    )
    order = models.PositiveSmallIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name.get("en") or self.name.get("nl") or self.slug
