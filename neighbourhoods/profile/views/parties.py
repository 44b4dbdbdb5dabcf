"""Pages for parties of an area: a list, and forms to add, change and end one."""

from copy import copy

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch
from neighbourhoods.access import find_area, require, staff
from neighbourhoods.models import Area, Party
from neighbourhoods.profile.forms import PartyForm
from neighbourhoods.profile.services import inventory
from neighbourhoods.profile.views.inventory import actions_of, back_to, context_of, form_page, near, posted
from neighbourhoods.states import Role


@staff(Role.VIEWER)
@require_safe
def parties(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug)
    context = context_of(request, area, "parties", inventory.what_there_is(area))
    changeable = Party.objects.changeable_by(request.user)
    context["changeable"] = set(changeable.values_list("pk", flat=True))
    context["ended"] = changeable.filter(ended_on__isnull=False, areas=area)
    return render(request, "neighbourhoods/parties.html", context)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def party_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    form = PartyForm(posted(request), areas=near(request, area), here=area)
    return form_page(
        request,
        form,
        lambda data: inventory.save_party(by=request.user, **data),
        reverse("parties", args=[area.slug]),
        area=area,
        heading=_("Which party works here?"),
    )


def _party(request: HttpRequest, pk: int) -> tuple[Party, Area]:
    """The party and its first area; 403 unless the user is coordinator in all its areas."""
    found = Party.objects.visible_to(request.user).prefetch_related("areas")
    party = get_object_or_404(found, pk=pk)
    areas = list(party.areas.all())
    require(request, Role.COORDINATOR, *areas)
    return party, areas[0]


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def party_change(request: HttpRequest, pk: int) -> HttpResponse:
    party, area = _party(request, pk)
    form = PartyForm(posted(request), areas=near(request, area, party), here=area, instance=copy(party))
    return form_page(
        request,
        form,
        lambda data: inventory.save_party(by=request.user, party=party, **data),
        reverse("parties", args=[area.slug]),
        area=area,
        heading=party.name,
        thing=party,
        do="party_do",
    )


@staff(Role.COORDINATOR)
@require_POST
def party_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    party, area = _party(request, pk)
    return dispatch(
        request, actions_of(party, request), verb, back=back_to(request, "parties", area), said=_("Noted.")
    )
