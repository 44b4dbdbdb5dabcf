"""The parts of a follow-up's sum, as the bar that always adds up shows them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from feedback.answers.services.reckoning import Sum
from feedback.models import FollowUp, Promise, Topic

# part of the sum -> (how the bar draws it, what it is called, what to do about it)
KINDS = {
    "sent": ("sent", _("sent"), ""),
    "delivered": ("sent", _("arrived"), ""),
    "page_only": ("page", _("on their own page only"), ""),
    "on_hold": ("pending", _("on hold"), ""),
    "pending": ("pending", _("on their way"), ""),
    "in_hand": ("pending", _("being sent"), ""),
    "suppressed": ("suppressed", _("unsubscribed, but on their page"), ""),
    "cancelled": ("suppressed", _("withdrew what they said"), ""),
    "bounced": ("failed", _("bounced"), _("call or write")),
    "failed": ("failed", _("failed"), _("call or write")),
    "uncertain": ("uncertain", _("uncertain"), _("find out")),
    "erased": ("page", _("erased themselves"), ""),
}


def told_apart(promises: Iterable[Promise]) -> dict[str, str]:
    """Per survey what tells it from another with the same title: where people wait, and the promised day."""
    return {source: apart for source, (_title, apart) in surveys_of(p.subject for p in promises).items()}


def surveys_of(sources: Iterable[str]) -> dict[str, tuple[dict[str, str], str]]:
    """Per survey its title, and what tells it from another with the same: where people wait, and the promised day."""
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


def sum_parts(follow_up: FollowUp, total: Sum) -> list[dict[str, Any]]:
    """Every part that has people, with the way to them: a list of numbers, never of addresses."""
    counts = total.parts
    return [
        {
            "kind": kind,
            "label": label,
            "count": counts[part],
            "url": reverse("followup_people", args=[follow_up.pk, part]) if part != "erased" else "",
            "action": action or _("who"),
        }
        for part, (kind, label, action) in KINDS.items()
        if counts[part]
    ]
