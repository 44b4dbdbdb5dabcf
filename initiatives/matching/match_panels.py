"""Matches on the private page."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import TYPED_MARK, LinkPurpose, sign_link, typed_link_key
from accounts.models import Receipt
from initiatives.matching.services.endings import is_long_over
from initiatives.models import Match
from neighbourhoods.registries import Panel

MATCHES_SHOWN = 12


def your_matches(receipt: Receipt) -> Panel | None:
    """Panel on the private page: matches of the holder's offer or initiative; each links to its yes or no."""
    found = list(Match.objects.of_holder(receipt)[: MATCHES_SHOWN + 1])
    if not found:
        return None
    older = reverse("own_matches", args=[sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK)])
    return Panel(
        title=_("Brought together"),
        template="initiatives/panels/your_matches.html",
        context={
            "rows": match_lines(receipt, found[:MATCHES_SHOWN]),
            "older_url": f"{older}?after={found[MATCHES_SHOWN - 1].pk}" if len(found) > MATCHES_SHOWN else "",
        },
    )


def match_lines(receipt: Receipt, found: Iterable[Match]) -> list[dict[str, Any]]:
    """Context of initiatives/parts/match_lines.html."""
    return [
        {
            "match": match,
            "mine": match.offer.receipt_id == receipt.pk,
            "url": ""
            if is_long_over(match)
            else reverse(
                "match", args=[sign_link(receipt, LinkPurpose.MATCH, typed_link_key(str(match.pk)))]
            ),
        }
        for match in found
    ]
