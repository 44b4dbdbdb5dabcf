"""A running initiative and its roles."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Event
from core.actions import dispatch, domain_errors_in, typed_words
from core.errors import DomainError, InvalidTransition
from core.rows import is_id
from initiatives.initiatives.forms.running import (
    EXPECTATION_CARD_ROWS,
    CardForm,
    EndForm,
    InitiativeWordsForm,
    MoveForm,
    NextForm,
    RoleForm,
)
from initiatives.initiatives.services import library, running
from initiatives.initiatives.services.beginning import says_stop
from initiatives.initiatives.views.plan import plan_part
from initiatives.matching import moments
from initiatives.matching.services import roles
from initiatives.matching.services.owners import reassign
from initiatives.matching.views import suggestions
from initiatives.matching.views.matches import hand_over_all_view, match_page
from initiatives.models import ExpectationCard, Initiative, VolunteerRole
from initiatives.states import (
    ASKED_MATCHES,
    BOUND_MATCHES,
    INITIATIVE_TRANSITIONS,
    InitiativeState,
    Language,
    MatchState,
    Motive,
    RoleState,
    Skill,
)
from neighbourhoods.access import require, staff
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import ParticipationRules
from neighbourhoods.states import Role

# Tabs of the pages about initiatives.


def initiative_tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """The list, challenges (coordinators only), approaches and cards."""
    pages = [
        ("initiatives", _("Initiatives")),
        ("approaches", _("Proven approaches")),
        ("cards", _("Expectation cards")),
    ]
    if request.desk.has(Role.COORDINATOR):  # type: ignore[attr-defined]
        pages.insert(1, ("challenges", _("Requests to take over a task")))
    return [{"url": reverse(name), "label": label, "current": name == here} for name, label in pages]


# One initiative at the desk: texts, state, next step, and the content of its page.


LOG_ROWS_SHOWN = 20


def find_initiative(request: HttpRequest, pk: int, *, to: Role | None = None) -> Initiative:
    """404 if it is not visible, 403 for a role below `to` in its area."""
    found = Initiative.objects.visible_to(request.user).select_related(
        "area__parent__parent", "theme", "party", "owner", "receipt"
    )
    initiative = get_object_or_404(found, pk=pk)
    if to:
        require(request, to, initiative.area)
    return initiative


@staff(Role.VIEWER)
@require_safe
def initiative(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, find_initiative(request, pk))


def _page(
    request: HttpRequest, initiative: Initiative, status: int = 200, **bound: forms.Form
) -> HttpResponse:
    may = request.desk.can(Role.COORDINATOR, [initiative.area])
    ended = initiative.state == InitiativeState.ENDED
    of_ours = initiative.owner_id is not None
    context = {
        "initiative": initiative,
        "may": may,
        "may_answer": request.desk.can(Role.EDITOR, [initiative.area]),
        "ended": ended,
        "of_ours": of_ours,
        "motives": [Motive(motive).label for motive in initiative.motives if motive in Motive.values],
        "municipal_role": ParticipationRules.current().role(initiative.municipal_role)
        if initiative.municipal_role
        else "",
        "said": _beginner_texts(initiative) if may else [],
        "says_stop": may and says_stop(initiative),
        "needs": initiative.needs.select_related("need__theme").order_by("pk"),
        "roles": initiative.roles.annotate(
            bound=Count("matches", filter=Q(matches__state__in=BOUND_MATCHES)),
            asked=Count("matches", filter=Q(matches__state__in=ASKED_MATCHES)),
        ),
        "updates": initiative.updates.select_related("by", "read_by") if may else initiative.updates.shown(),
        "meetings": initiative.meetings.all() if may else initiative.meetings.shown(),
        "picture": getattr(initiative, "picture", None),
        "log": Event.objects.about(initiative).select_related("actor")[:LOG_ROWS_SHOWN] if may else [],
        "bound": next(iter(bound.values()), None),
        "typed": typed_words(request) if ended and bound else [],
        "approach": library.find_approach(initiative.approach) if initiative.approach else None,
        "plan": plan_part(request, initiative, here=reverse("initiative", args=[initiative.pk])),
        "show_again": ended and not initiative.withdrawn_from,
    }
    if may and of_ours:
        context |= _forms(initiative, bound)
    if may and not of_ours and not ended:
        context["take_up_form"] = bound.get("take_up_form") or NextForm()
    return render(request, "initiatives/initiative.html", context, status=status)


def _forms(initiative: Initiative, bound: dict[str, forms.Form]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if INITIATIVE_TRANSITIONS[initiative.state] and not initiative.withdrawn_from:
        found["move_form"] = bound.get("move_form") or MoveForm(initiative=initiative)
    if initiative.state != InitiativeState.ENDED:
        found["end_form"] = bound.get("end_form") or EndForm(initiative=initiative)
        found["hand_over_form"] = bound.get("hand_over_form") or HandoverForm(
            areas=[initiative.area_id], without=initiative.owner
        )
    return found


def _beginner_texts(initiative: Initiative) -> list[dict[str, Any]]:
    """What the beginner wrote, masked as everywhere on the desk, each with the answers owed for it."""
    if initiative.receipt is None:
        return []
    words = initiative.receipt.contributions.filter(withdrawn_on=None).exclude(text="")
    found = words.select_related("topic").prefetch_related("owed").order_by("said_on", "pk")
    order = {"why": 0, "what": 1, "who": 2}
    said = sorted(found, key=lambda one: order.get(one.slot, 9))
    return [{"said": one, "owed": list(one.owed.all())} for one in said]


# --- actions ----------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_words(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = InitiativeWordsForm(request.POST if request.method == "POST" else None, initiative=initiative)
    if form.is_valid():
        with domain_errors_in(form):
            running.save_words(
                initiative=initiative,
                by=request.user,
                motives=form.cleaned_data["motives"],
                municipal_role=form.cleaned_data["municipal_role"],
                **form.words,
            )
            messages.success(request, _("Saved."))
            return redirect("initiative", pk=pk)
    may_read = _beginner_texts(initiative)
    context = {"initiative": initiative, "form": form, "said": may_read}
    return render(request, "initiatives/words.html", context, status=422 if form.errors else 200)


@staff(Role.COORDINATOR)
@require_POST
def initiative_move(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = MoveForm(request.POST, initiative=initiative)
    return _run_form_action(
        request, initiative, form, "move_form",
        lambda: running.move(initiative=initiative, by=request.user, **form.cleaned_data),
        _("Kept, with a next step."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def initiative_end(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = EndForm(request.POST, initiative=initiative)
    return _run_form_action(
        request, initiative, form, "end_form",
        lambda: running.end_initiative(initiative=initiative, by=request.user, **form.words),
        _("Rounded off. Who had the idea reads your words on their own page.")
        if initiative.never_began
        else _("Ended. Your thanks and what was learned stand on its page."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def initiative_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = HandoverForm(request.POST, areas=[initiative.area_id], without=initiative.owner)
    return _run_form_action(
        request, initiative, form, "hand_over_form",
        lambda: reassign(Initiative.objects.with_owner().filter(pk=pk), to=form.cleaned_data["to"], by=request.user),
        _("Handed over."),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def initiative_take_up(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = NextForm(request.POST)
    return _run_form_action(
        request, initiative, form, "take_up_form",
        lambda: running.take_up_initiative(initiative=initiative, by=request.user, **form.cleaned_data),
        _("You look after it now."),
    )  # fmt: skip


def _run_form_action(
    request: HttpRequest,
    initiative: Initiative,
    form: forms.Form,
    name: str,
    action: Callable[[], Any],
    said: str,
) -> HttpResponse:
    status = 422
    if form.is_valid():
        try:
            action()
        except InvalidTransition as error:
            form.add_error(None, str(error))
            initiative.refresh_from_db(fields=["state", "state_on", "owner", "next_action", "next_action_on"])
            status = 409
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said)
            return redirect("initiative", pk=initiative.pk)
    return _page(request, initiative, status, **{name: form})


# --- handing over everything ------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_POST
def initiatives_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    return hand_over_all_view(
        request, pk, in_hand=Initiative.objects.not_ended(), back="initiatives",
        said=lambda n: ngettext("%(count)d initiative handed over.", "%(count)d initiatives handed over.", n)
        % {"count": n},
    )  # fmt: skip


# Volunteer roles of an initiative, and expectation cards.


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
        "skills": Skill.labels_of(found.skills),
        "when": moments.label(found.moments),
        "languages_needed": [Language(code).label for code in found.languages if code in Language.values],
        "states": [(state.label, counted[state]) for state in MatchState if counted.get(state)],
        "matches": match_page(request, found.matches.all()) if may or is_owner else None,
        "suggestions": suggestions.offer_suggestions(found, by=request.user, may=may)
        if may and found.state == RoleState.OPEN and found.initiative.is_public
        else None,
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
    return [(label, getattr(card, row)) for row, (label, _example) in EXPECTATION_CARD_ROWS.items()]


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
        "why_not": roles.card_change_refusal(found, request.user) if may else "",
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
                card=found, by=request.user, name=form.cleaned_data["name"], rows=form.row_texts
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
            made = roles.save_card(by=request.user, name=form.cleaned_data["name"], rows=form.row_texts)
            messages.success(request, _("Saved."))
            return redirect("card", pk=made.pk)
    return render(request, "initiatives/card_form.html", {"form": form}, status=422 if form.errors else 200)
