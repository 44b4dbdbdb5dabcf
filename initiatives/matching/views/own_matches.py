"""On the private page: all matches of the holder, by page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.links import LinkPurpose
from accounts.models import Receipt
from core.ids import is_id
from feedback.private.views.holder import holder
from initiatives.matching.match_panels import SHOWN, match_lines
from initiatives.models import Match
from neighbourhoods.access import resident


@resident
@require_safe
@holder(LinkPurpose.PAGE)
def own_matches(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    theirs = Match.objects.of_holder(receipt)
    after = request.GET.get("after", "")
    last = theirs.filter(pk=after).first() if is_id(after) else None
    page = list((theirs.behind(last) if last else theirs)[: SHOWN + 1])
    shown = page[:SHOWN]
    context = {
        "rows": match_lines(receipt, shown),
        "token": token,
        "older_url": f"?after={shown[-1].pk}" if len(page) > SHOWN else "",
        "newest_url": request.path if last else "",
    }
    return render(request, "initiatives/own_matches.html", context)
