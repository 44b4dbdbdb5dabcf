"""Hands over everything of one kind that a colleague owns, when they leave."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from initiatives.matching.services.owners import reassign
from neighbourhoods.colleagues.forms import ColleagueForm
from neighbourhoods.models import Area
from neighbourhoods.states import Role


def everything_form(
    request: HttpRequest, owner: User, in_hand: QuerySet[Any], data: Any = None
) -> ColleagueForm | None:
    """For the owner or an administrator of all areas concerned, else None; of `in_hand` it covers what is theirs."""
    theirs = in_hand.filter(owner=owner).order_by().values("area")
    areas = list(Area.objects.filter(pk__in=theirs))
    if not areas or not (owner == request.user or request.desk.can(Role.ADMINISTRATOR, areas)):
        return None
    return ColleagueForm(data, areas=[area.pk for area in areas], without=owner)


def hand_over_all_view(
    request: HttpRequest,
    pk: int,
    *,
    in_hand: QuerySet[Any],
    said: Callable[[int], str],
    back: str,
) -> HttpResponse:
    """`in_hand` is everything of the kind that is not over, `said` words the count, and `back` is the name of the page
    it was pressed on."""
    seen = in_hand.model.objects.visible_to(request.user).filter(owner=pk)
    owner = get_object_or_404(User, pk=pk, pk__in=seen.order_by().values("owner"))
    form = everything_form(request, owner, in_hand, request.POST)
    if form is None:
        if in_hand.filter(owner=owner).exists():
            raise PermissionDenied
        messages.error(request, _("They look after nothing any more."))
    elif not form.is_valid():
        messages.error(request, _("Choose who takes over."))
        return redirect(f"{reverse(back)}?owner={pk}")
    else:
        try:
            count = reassign(in_hand.filter(owner=owner), to=form.cleaned_data["to"], by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(f"{reverse(back)}?owner={pk}")
        messages.success(request, said(count))
    return redirect(back)
