"""Titles of surveys, and what distinguishes those with the same title."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.models import Promise, Topic


def told_apart(promises: Iterable[Promise]) -> dict[str, str]:
    """Per survey what distinguishes it from one with the same title: areas and promised day."""
    return {source: apart for source, (_title, apart) in surveys_of(p.subject for p in promises).items()}


def surveys_of(sources: Iterable[str]) -> dict[str, tuple[dict[str, str], str]]:
    """(title, distinguishing areas and promised day) per survey."""
    promise = Promise.objects.filter(subject=OuterRef("source"))
    areas: dict[str, set[str]] = defaultdict(set)
    found: dict[str, tuple[dict[str, str], date]] = {}
    for source, area, title, day in (
        Topic.objects.filter(source__in=list(sources))
        .annotate(of=Subquery(promise.values("title")), day=Subquery(promise.values("due_on")))
        .values_list("source", "area__name", "of", "day")
        .distinct()
    ):
        areas[source].add(area)
        if day:
            found[source] = title, day
    return {
        source: (title, " · ".join(filter(None, [_few(areas[source]), _before(day)])))
        for source, (title, day) in found.items()
    }


def _few(names: set[str]) -> str:
    if len(names) <= 3:
        return ", ".join(sorted(names))
    return ngettext("%(count)d area", "%(count)d areas", len(names)) % {"count": len(names)}


def _before(day: date) -> str:
    return _("before %(day)s") % {"day": date_format(day, "j F Y")}
