"""Volunteer roles of an initiative, and expectation cards."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch, domain_errors_in
from core.ids import is_id
from initiatives.initiatives.forms.roles import ROWS, CardForm, RoleForm
from initiatives.initiatives.views.running import find_initiative
from initiatives.initiatives.views.tabs import initiative_tabs
from initiatives.matching import moments
from initiatives.matching.services import roles
from initiatives.matching.views import suggestions
from initiatives.matching.views.matches import match_page
from initiatives.models import ExpectationCard, Initiative, VolunteerRole
from initiatives.states import Decline, Language, MatchState, RoleState, Skill
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def role_new(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    return _form_page(request, initiative)


def _role(request: HttpRequest, pk: int, *, to: Role | None = None) -> VolunteerRole:
    found = VolunteerRole.objects.visible_to(request.user).select_related(
        "initiative__area", "initiative__theme", "card"
    )
    role = get_object_or_404(found, pk=pk)
    if to:
        require(request, to, role.initiative.area)
    return role


@staff(Role.VIEWER)
@require_safe
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """A role, with its matches and suggestions."""
    found = _role(request, pk)
    may = request.desk.can(Role.COORDINATOR, [found.initiative.area])
    is_owner = found.initiative.owner_id == request.user.pk
    counted = dict(found.matches.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "role": found,
        "initiative": found.initiative,
        "may": may,
        "skills": Skill.said(found.skills),
        "when": moments.label(found.moments),
        "languages_needed": [Language(code).label for code in found.languages if code in Language.values],
        "states": [(state.label, counted[state]) for state in MatchState if counted.get(state)],
        "matches": match_page(request, found.matches.all()) if may or is_owner else None,
        "suggestions": suggestions.for_role(found, by=request.user, may=may)
        if may and found.state == RoleState.OPEN and found.initiative.is_public
        else None,
        "declines": Decline.choices,
        "may_open": may and found.state != RoleState.OPEN,
        "may_close": may and found.state == RoleState.OPEN,
    }
    return render(request, "initiatives/role.html", context)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def role_change(request: HttpRequest, pk: int) -> HttpResponse:
    found = _role(request, pk, to=Role.COORDINATOR)
    return _form_page(request, found.initiative, found)


def _form_page(
    request: HttpRequest, initiative: Initiative, found: VolunteerRole | None = None
) -> HttpResponse:
    form = RoleForm(request.POST if request.method == "POST" else None, role=found)
    if form.is_valid():
        with domain_errors_in(form):
            saved = roles.save_role(initiative=initiative, role=found, by=request.user, **form.changes())
            messages.success(request, _("Saved."))
            return redirect("role", pk=saved.pk)
    context = {"initiative": initiative, "role": found, "form": form}
    return render(request, "initiatives/role_form.html", context, status=422 if form.errors else 200)


@staff(Role.COORDINATOR)
@require_POST
def role_do(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    found = _role(request, pk, to=Role.COORDINATOR)
    actions = {
        "open": partial(roles.open_role, role=found, by=request.user),
        "close": partial(roles.close_role, role=found, by=request.user),
    }
    said = {
        "open": _("Open. Neighbours read that somebody is looked for."),
        "close": _("Closed. Nobody is looked for any more."),
    }
    return dispatch(request, actions, verb, back=reverse("role", args=[pk]), said=said.get(verb, ""))


# --- expectation cards ------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    found = ExpectationCard.objects.newest().annotate(used=Count("roles", distinct=True))
    context = {"cards": found, "may": request.desk.has(Role.COORDINATOR)}
    context["tabs"] = initiative_tabs(request, "cards")
    return render(request, "initiatives/cards.html", context)


def _rows(card: ExpectationCard) -> list[tuple[Any, dict[str, str]]]:
    return [(label, getattr(card, row)) for row, (label, _example) in ROWS.items()]


@staff(Role.VIEWER)
@require_safe
def expectation_card(request: HttpRequest, pk: int) -> HttpResponse:
    """A card as neighbours read it, with a form for coordinators."""
    found = get_object_or_404(ExpectationCard, pk=pk)
    return _card_page(request, found, CardForm(card=found))


def _card_page(request: HttpRequest, found: ExpectationCard, form: CardForm) -> HttpResponse:
    may = request.desk.has(Role.COORDINATOR)
    context = {
        "card": found,
        "form": form,
        "may": may,
        "why_not": roles.why_not_changed_by(found, request.user) if may else "",
        "said_yes": found.said_yes(),
        "earlier": found.earlier.all(),
        "roles": found.roles.filter(pk__in=VolunteerRole.objects.visible_to(request.user)).select_related(
            "initiative__area", "initiative__theme"
        ),
    }
    return render(request, "initiatives/card.html", context, status=422 if form.errors else 200)


@staff(Role.COORDINATOR)
@require_POST
def card_change(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ExpectationCard, pk=pk)
    areas = [one.initiative.area for one in found.roles.select_related("initiative__area")]
    if areas:
        require(request, Role.COORDINATOR, *areas)
    form = CardForm(request.POST, card=found)
    if form.is_valid():
        with domain_errors_in(form):
            saved = roles.save_card(
                card=found, by=request.user, name=form.cleaned_data["name"], rows=form.rows
            )
            is_newer = saved.pk != pk
            messages.success(
                request,
                _("Saved, for who comes from now on. Who said yes before keeps what they read.")
                if is_newer
                else _("Saved."),
            )
            return redirect("card", pk=saved.pk)
    return _card_page(request, found, form)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def card_new(request: HttpRequest) -> HttpResponse:
    of = request.GET.get("of", "")
    copied = ExpectationCard.objects.filter(pk=of).first() if is_id(of) else None
    form = CardForm(request.POST if request.method == "POST" else None, card=copied, is_copy=True)
    if form.is_valid():
        with domain_errors_in(form):
            made = roles.save_card(by=request.user, name=form.cleaned_data["name"], rows=form.rows)
            messages.success(request, _("Saved."))
            return redirect("card", pk=made.pk)
    return render(request, "initiatives/card_form.html", {"form": form}, status=422 if form.errors else 200)
