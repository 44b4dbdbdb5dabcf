"""The inventory of initiatives: a list, a form, and the list as CSV."""

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core.actions import dispatch, domain_errors_in, refused
from core.files import csv_response
from core.forms import searched
from core.i18n import pick
from core.ids import is_id
from initiatives.initiatives.services import inventory
from initiatives.initiatives.views.tabs import initiative_tabs
from initiatives.matching.views.handing_over import everything_form
from initiatives.models import Initiative
from initiatives.offers.forms.inventory import InitiativeForm
from initiatives.states import InitiativeState
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area, Municipality, Party, Theme
from neighbourhoods.profile.services.inventory import STALE_DAYS
from neighbourhoods.states import Power, Role

INITIATIVES_PAGE_SIZE = 100


@staff(Role.VIEWER)
@require_safe
def initiatives(request: HttpRequest) -> HttpResponse:
    found, chosen = _chosen(request)
    if is_id(after := request.GET.get("after", "")):
        found = found.filter(pk__gt=after)
    page = list(found[: INITIATIVES_PAGE_SIZE + 1])
    query = urlencode({name: value for name, value in chosen.items() if value})
    here = chosen["area"]
    mine = set(Area.objects.where(request.user, least=Power.COORDINATOR).values_list("pk", flat=True))
    context = {
        "initiatives": page[:INITIATIVES_PAGE_SIZE],
        "chosen": chosen,
        "query": query,
        "areas": Area.objects.visible_to(request.user).existing(),
        "themes": Theme.objects.in_use(),
        "mine": mine,
        "may_add": bool(mine),
        "add_url": reverse("initiative_new") + (f"?area={here}" if here else ""),
        "next_url": f"?{query}&after={page[INITIATIVES_PAGE_SIZE - 1].pk}"
        if len(page) > INITIATIVES_PAGE_SIZE
        else "",
        "first_url": f"?{query}" if after else "",
        "stale_before": timezone.localdate() - timedelta(days=STALE_DAYS),
        "states": [state for state in InitiativeState if state != InitiativeState.ENDED],
    } | _of_whom(request, chosen["owner"])
    context["tabs"] = initiative_tabs(request, "initiatives")
    return render(request, "initiatives/inventory.html", context)


def _of_whom(request: HttpRequest, owner: str) -> dict[str, Any]:
    """The owner that the list is filtered by, and the form to hand over all of theirs."""
    found = User.objects.filter(pk=owner).first() if is_id(owner) else None
    form = everything_form(request, found, Initiative.objects.going_on()) if found else None
    return {"owner": found, "form": form}


def _chosen(request: HttpRequest) -> tuple[QuerySet[Initiative], dict[str, str]]:
    """The initiatives the URL asks for, within what the user may see, and the filters applied."""
    found = Initiative.objects.visible_to(request.user).select_related("area", "theme", "party", "owner")
    asked = ("area", "theme", "state", "owner", "due")
    chosen = {name: request.GET.get(name, "")[:140].replace("\0", "") for name in asked}
    chosen["q"] = searched(request)
    if chosen["area"]:
        area = get_object_or_404(Area.objects.visible_to(request.user), slug=chosen["area"])
        found = found.inside(area)
    if chosen["theme"]:
        found = found.filter(theme=get_object_or_404(Theme, slug=chosen["theme"]))
    if chosen["state"] == "stopped":
        found = found.filter(state=InitiativeState.ENDED)
    elif chosen["state"] in InitiativeState.values:
        found = found.filter(state=chosen["state"])
    elif chosen["state"] != "all":
        found = found.exclude(state=InitiativeState.ENDED)
    if chosen["due"]:
        found = found.due(timezone.localdate())
    if is_id(chosen["owner"]):
        found = found.filter(owner=chosen["owner"])
    if chosen["q"]:
        found = found.naming(chosen["q"], Municipality.current().languages)
    return found, chosen


@staff(Role.VIEWER)
@require_safe
def initiatives_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as CSV, without pages, in the reader's language."""
    found = _chosen(request)[0]
    language = get_language() or ""
    head = [
        _("Name"), _("When, where, for whom"), _("Theme"), _("Where"), _("Who does it"), _("Since"),
        _("running"), _("Looked at"), _("Website"),
    ]  # fmt: skip
    rows = (
        [
            one.label, pick(one.description, language), pick(one.theme.name, language), one.area.name,
            one.party.name if one.party else "", one.since or "", _("yes") if one.is_running else _("no"),
            one.checked_on, one.url,
        ]
        for one in found.iterator()
    )  # fmt: skip
    return csv_response(_("initiatives"), head, rows)


# --- one initiative ---------------------------------------------------------------------------


def _form(request: HttpRequest, **more: Any) -> InitiativeForm:
    return InitiativeForm(
        request.POST if request.method == "POST" else None,
        languages=Municipality.current().languages,
        areas=Area.objects.where(request.user, least=Power.COORDINATOR).existing(),
        parties=Party.objects.visible_to(request.user).active(),
        **more,
    )


def _page(request: HttpRequest, form: InitiativeForm, initiative: Initiative | None = None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            saved = inventory.save_initiative(by=request.user, initiative=initiative, **form.changes())
            messages.success(request, _("Saved."))
            return redirect("initiative", pk=saved.pk) if saved.owner_id else redirect(_list_of(saved.area))
    return render(
        request,
        "initiatives/inventory_form.html",
        {"form": form, "initiative": initiative},
        status=refused(form),
    )


def _list_of(area: Area) -> str:
    return f"{reverse('initiatives')}?{urlencode({'area': area.slug})}"


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_new(request: HttpRequest) -> HttpResponse:
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    here = mine.filter(slug=request.GET.get("area", "")[:140].replace("\0", "")).first()
    return _page(request, _form(request, here=here))


def _initiative(request: HttpRequest, pk: int) -> Initiative:
    found = Initiative.objects.visible_to(request.user).select_related("area", "theme")
    initiative = get_object_or_404(found, pk=pk)
    require(request, Role.COORDINATOR, initiative.area)
    return initiative


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_change(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = _initiative(request, pk)
    return _page(request, _form(request, initiative=initiative), initiative)


@staff(Role.COORDINATOR)
@require_POST
def initiative_do(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    initiative = _initiative(request, pk)
    services = {
        "still-true": inventory.confirm_initiative,
        "stop": inventory.stop_initiative,
        "again": inventory.reopen_initiative,
    }
    actions = {
        name: partial(action, initiative=initiative, by=request.user) for name, action in services.items()
    }
    return dispatch(request, actions, verb, back=_list_of(initiative.area), said=_("Noted."))
