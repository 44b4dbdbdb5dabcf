"""The list of needs: urgent first, filtered by neighbourhood, theme, state, link, owner and due day."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from core.ids import is_id
from initiatives.matching.views.handing_over import everything_form, hand_over_all_view
from initiatives.models import Need
from initiatives.needs.services.named import named_lately
from initiatives.needs.services.need_suggestions import Suggestions
from initiatives.states import NeedState, Urgency
from neighbourhoods.access import staff
from neighbourhoods.models import Area, Theme
from neighbourhoods.states import Power, Role

NEEDS_PAGE_SIZE = 25
FILTERS = ("area", "theme", "state", "link", "owner", "due")


@staff(Role.VIEWER)
@require_safe
def needs_list(request: HttpRequest) -> HttpResponse:
    """Urgent first, then by number of people. With `?link=none` each comes with suggestions to link."""
    everything = Need.objects.visible_to(request.user)
    found, chosen = _chosen(request, everything)
    page = list(_after(found, request.GET.get("after", ""))[: NEEDS_PAGE_SIZE + 1])
    shown = page[:NEEDS_PAGE_SIZE]
    mine = set(Area.objects.where(request.user, least=Power.COORDINATOR).values_list("pk", flat=True))
    query = urlencode({name: value for name, value in chosen.items() if value})
    owner = User.objects.filter(pk=chosen["owner"]).first() if chosen["owner"] else None
    context = {
        "rows": _rows(request, shown, mine, with_suggestions=chosen["link"] == "none"),
        "chosen": chosen,
        "owner": owner,
        "form": everything_form(request, owner, Need.objects.open()) if owner else None,
        "areas": Area.objects.visible_to(request.user).existing(),
        "themes": Theme.objects.in_use(),
        "states": NeedState.choices,
        "figures": _figures(everything),
        "named": named_lately(
            Area.objects.visible_to(request.user).values_list("pk", flat=True), request.user
        ),
        "is_empty": not everything.exists(),
        "may_make": bool(mine),
        "next_url": f"?{query}&after={_key(shown[-1])}" if len(page) > NEEDS_PAGE_SIZE else "",
        "first_url": f"?{query}" if request.GET.get("after") else "",
    }
    return render(request, "initiatives/needs.html", context)


def _chosen(request: HttpRequest, everything: QuerySet[Need]) -> tuple[QuerySet[Need], dict[str, str]]:
    """The needs the URL asks for, within what the user may see, and the filters applied."""
    chosen = {name: request.GET.get(name, "")[:140].replace("\0", "") for name in FILTERS}
    found = everything.standing()
    if chosen["area"]:
        area = get_object_or_404(Area.objects.visible_to(request.user), slug=chosen["area"])
        found = found.inside(area)
    if chosen["theme"]:
        found = found.filter(theme=get_object_or_404(Theme, slug=chosen["theme"]))
    if chosen["state"] in NeedState.values:
        found = found.filter(state=chosen["state"])
    elif chosen["state"] != "all":
        chosen["state"], found = "", found.open()
    if chosen["link"] == "none":
        found = found.without_link()
    if chosen["due"]:
        found = found.due(timezone.localdate())
    if is_id(chosen["owner"]):
        found = found.filter(owner=chosen["owner"])
    else:
        chosen["owner"] = ""
    return found.select_related("area", "theme", "owner"), chosen


def _key(need: Need) -> str:
    return f"{need.urgency}~{need.people}~{need.pk}"


def _after(found: QuerySet[Need], key: str) -> QuerySet[Need]:
    """Keyset pagination: needs after the last one of the previous page."""
    parts = key.split("~")
    if len(parts) != 3 or not all(is_id(part) for part in parts):
        return found
    urgency, people, pk = map(int, parts)
    less = Q(people__lt=people) | Q(people=people, pk__gt=pk)
    return found.filter(Q(urgency__lt=urgency) | Q(urgency=urgency) & less)


def _rows(
    request: HttpRequest, page: list[Need], mine: set[int], *, with_suggestions: bool
) -> list[dict[str, Any]]:
    counts = dict(
        Need.objects.filter(pk__in=[need.pk for need in page])
        .annotate(n=Count("links"))
        .values_list("pk", "n")
        .order_by()
    )
    asked = [need for need in page if with_suggestions and need.area_id in mine]
    suggest = Suggestions(request.user, asked) if asked else None
    return [
        {
            "need": need,
            "links": counts[need.pk],
            "suggestions": suggest.for_need(need, ()) if suggest and need in asked else [],
        }
        for need in page
    ]


def _figures(everything: QuerySet[Need]) -> list[dict[str, Any]]:
    standing, year = everything.standing(), timezone.localdate().replace(month=1, day=1)
    without = reverse("needs") + "?link=none"
    return [
        {"value": standing.open().count(), "text": _("open needs")},
        {"value": standing.without_link().count(), "text": _("without a link"), "url": without},
        {"value": standing.open().filter(urgency=Urgency.NOW).count(), "text": _("of them now")},
        {
            "value": standing.filter(state=NeedState.MET, state_on__gte=year).count(),
            "text": _("met this year"),
        },
    ]


# --- handing over everything ------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_POST
def needs_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    return hand_over_all_view(
        request, pk, in_hand=Need.objects.open(), back="needs",
        said=lambda n: ngettext("%(count)d need handed over.", "%(count)d needs handed over.", n) % {"count": n},
    )  # fmt: skip
