"""Pages for a backer: what they are asked to sign. Made for a phone."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from neighbourhoods.access import staff
from neighbourhoods.backing import services
from neighbourhoods.backing.forms import DeclineForm, WithdrawForm
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState, Role

_DECIDED_SHOWN = 50


@staff(Role.BACKER)
@require_safe
def backings(request: HttpRequest) -> HttpResponse:
    """Requests for the user, undecided ones first."""
    mine = Backing.objects.filter(backer=request.user).select_related("area")
    return render(
        request,
        "neighbourhoods/backings.html",
        {
            "asked": mine.filter(state=BackingState.REQUESTED),
            "decided": mine.exclude(state=BackingState.REQUESTED)[:_DECIDED_SHOWN],
        },
    )


def _backing_of(request: HttpRequest, pk: int, *, mine: bool = False) -> Backing:
    """404 if it is not visible to the user; with `mine` 403 for everybody but the backer."""
    visible = Backing.objects.visible_to(request.user).select_related("area", "requested_by", "backer")
    backing = get_object_or_404(visible, pk=pk)
    if mine and (backing.backer != request.user or not services.may_back(request.user, backing.area)):
        raise PermissionDenied
    return backing


@staff(Role.VIEWER)
@require_safe
def backing(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _backing_of(request, pk))


def _show(request: HttpRequest, backing: Backing, **forms) -> HttpResponse:
    context = {
        "backing": backing,
        "is_mine": backing.backer == request.user,
        "may_decide": backing.backer == request.user and services.may_back(request.user, backing.area),
        "decline_form": DeclineForm(),
        "withdraw_form": WithdrawForm(),
    }
    return render(request, "neighbourhoods/backing.html", context | forms, status=422 if forms else 200)


@staff(Role.BACKER)
@require_POST
def backing_sign(request: HttpRequest, pk: int) -> HttpResponse:
    backing = _backing_of(request, pk, mine=True)
    try:
        services.sign(backing=backing, by=request.user, digest=request.POST.get("digest", ""))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. Residents now see that you stand behind it."))
    return redirect("backing", pk=pk)


@staff(Role.BACKER)
@require_POST
def backing_decline(request: HttpRequest, pk: int) -> HttpResponse:
    backing = _backing_of(request, pk, mine=True)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, backing, decline_form=form)
    try:
        services.decline(backing=backing, by=request.user, reason=form.cleaned_data["reason"])
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your answer is on its way to your colleague."))
    return redirect("backing", pk=pk)


@staff(Role.VIEWER)
@require_POST
def backing_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """For a backer who changed their mind, and for the editor who asked."""
    backing = _backing_of(request, pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _show(request, backing, withdraw_form=form)
    try:
        services.withdraw_backing(backing=backing, by=request.user, reason=form.cleaned_data["reason"])
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("backing", pk=pk)
