"""The rules of participation of this municipality: names, terms and thresholds."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.i18n import Texts, pick
from neighbourhoods import rules
from neighbourhoods.defaults import EMPTY_JSON_OBJECT
from neighbourhoods.rules import Thresholds


class ParticipationRules(models.Model):
    """The one set of rules of this installation. Empty fields fall back to neighbourhoods.rules.

    Laws and ordinances differ per municipality and change, so none of this is a constant.
    """

    CACHE_KEY = "participation-rules"

    ladder = models.JSONField(default=dict, blank=True, help_text="Influence -> language -> name.")
    plain_ladder = models.JSONField(
        default=dict, blank=True, help_text="Influence -> language -> what it means to a resident."
    )
    roles = models.JSONField(default=dict, blank=True, help_text="GovernmentRole -> language -> name.")
    grounds = models.JSONField(
        default=list, blank=True, help_text="Grounds to waive participation: [{slug, name per language}]."
    )
    terms = models.JSONField(default=dict, blank=True, help_text="Name of a term -> days.")
    report_sections = models.JSONField(
        default=list, blank=True, help_text="Sections of the final report: [{slug, title per language}]."
    )
    thresholds = models.JSONField(default=dict, blank=True, help_text="Thresholds of the advice.")
    second_reader = models.BooleanField(
        _("a second colleague reads every answer before it goes"), default=False, db_default=False
    )
    desk_hours = models.JSONField(
        _("when colleagues can be reached"),
        default=dict,
        db_default=EMPTY_JSON_OBJECT,
        blank=True,
        help_text="Language -> words.",
    )
    silent_from = models.DateField(_("no political sponsor shown from"), null=True, blank=True)
    silent_until = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_set_of_rules"),
            models.CheckConstraint(
                condition=Q(silent_from__isnull=True, silent_until__isnull=True)
                # Written in full: a comparison with NULL is not false, so a check constraint would pass.
                | Q(
                    silent_from__isnull=False,
                    silent_until__isnull=False,
                    silent_until__gte=F("silent_from"),
                ),
                name="silence_has_two_days",
            ),
        ]

    def __str__(self) -> str:
        return "participation-rules"

    @classmethod
    def uncached(cls) -> "ParticipationRules":
        """The uncached rules, for changing them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def current(cls) -> "ParticipationRules":
        """The rules, cached for a minute, so that resident pages don't query them."""
        found: Any = cache.get(cls.CACHE_KEY)
        if found is None:
            found = cls.uncached()
            cache.set(cls.CACHE_KEY, found, 60)
        return found

    def forget_cached(self) -> None:
        cache.delete(self.CACHE_KEY)

    def is_silent(self, on: date) -> bool:
        """Whether backers are hidden on this day, before elections."""
        return bool(self.silent_from and self.silent_until and self.silent_from <= on <= self.silent_until)

    # --- effective values: the municipality's own, else the default

    def level(self, level: str) -> str:
        return _own(self.ladder, rules.LADDER, level)

    def plain_level(self, level: str) -> str:
        return _own(self.plain_ladder, rules.PLAIN_LADDER, level)

    def levels(self) -> list[tuple[str, str]]:
        """The ladder as form choices, each with the sentence for residents."""
        return [(level, f"{self.level(level)}: {self.plain_level(level)}") for level in rules.LADDER]

    def role(self, role: str) -> str:
        return _own(self.roles, rules.GOVERNMENT_ROLES, role)

    def waiver_grounds(self) -> dict[str, dict[str, str]]:
        """Grounds on which participation may be waived: texts by slug."""
        return _list_or_default(self.grounds, "name", rules.GROUNDS)

    def sections(self) -> dict[str, dict[str, str]]:
        """Sections of the final report: texts by slug."""
        return _list_or_default(self.report_sections, "title", rules.REPORT_SECTIONS)

    def days(self, term: str) -> int:
        return int(self.terms.get(term, rules.DEFAULT_TERM_DAYS[term]))

    def limits(self) -> Thresholds:
        return Thresholds.of(self.thresholds)


def _own(own: Mapping[str, Mapping[str, str]], default: Mapping[str, Texts], key: str) -> str:
    return pick({**default.get(key, {}), **own.get(key, {})}, get_language() or "")


def _list_or_default(
    own: list[dict[str, Any]], text: str, default: Mapping[str, Texts]
) -> dict[str, dict[str, str]]:
    if own:
        return {each["slug"]: each[text] for each in own}
    return {slug: dict(texts) for slug, texts in default.items()}
