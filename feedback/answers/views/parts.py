"""The parts of a follow-up's sums, for the bar that always adds up."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from feedback.answers.services.reckoning import DeliveryCounts
from feedback.models import FollowUp

# part -> (kind of bar segment, label, action)
DELIVERY_PART_LABELS = {
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


def sum_parts(follow_up: FollowUp, total: DeliveryCounts) -> list[dict[str, Any]]:
    """Every non-empty part, with the URL of its readers: lists of debts, never of addresses."""
    counts = total.parts
    return [
        {
            "kind": kind,
            "label": label,
            "count": counts[part],
            "url": reverse("followup_people", args=[follow_up.pk, part]) if part != "erased" else "",
            "action": action or _("who"),
        }
        for part, (kind, label, action) in DELIVERY_PART_LABELS.items()
        if counts[part]
    ]
