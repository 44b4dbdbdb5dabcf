"""Challenges: asked by residents, decided by colleagues, public for everybody."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Event, User
from core import limits
from core.actions import dispatch, domain_errors_in
from core.deadlines import past_due
from core.errors import DomainError
from core.forms import atomic_on_post, locked_on_post
from core.rows import is_id
from feedback.contributions.forms import MovePromiseForm
from feedback.models import Promise
from feedback.private.services import receipt_of
from feedback.private.views.choices import save_address
from initiatives.challenges import services
from initiatives.challenges.forms import AskerAddressForm, AskForm, DecideForm, PublicForm
from initiatives.initiatives.views.running import initiative_tabs
from initiatives.matching.services.owners import reassign
from initiatives.matching.views.shown_once import code_from_cookie, set_code_cookie
from initiatives.models import Challenge
from initiatives.states import CHALLENGE_DECISIONS, ChallengeState
from neighbourhoods.access import public, require, resident, staff
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party
from neighbourhoods.states import Power, Role

# --- the list ----------------------------------------------------------------------------------


_PAGE_SIZE = 50


@staff(Role.COORDINATOR)
@require_safe
def challenges(request: HttpRequest) -> HttpResponse:
    """Undecided challenges, earliest deadline first; with `?show=decided` the others, newest decision first."""
    mine = Challenge.objects.visible_to(request.user)  # type: ignore[arg-type]
    decided = request.GET.get("show") == "decided"
    owner = None
    if is_id(pk := request.GET.get("owner", "")):
        owner = User.objects.filter(pk=pk).first()
    found = mine.exclude(pk__in=mine.undecided().values("pk")) if decided else mine.undecided()
    if owner:
        found = found.filter(owner=owner)
    found = found.order_by("-decided_on", "-pk") if decided else found.order_by("decide_before", "pk")
    page = list(found.select_related("area", "theme", "owner")[: _PAGE_SIZE + 1])
    context = {
        "challenges": [(one, one.is_late()) for one in page[:_PAGE_SIZE]],
        "more": len(page) > _PAGE_SIZE,
        "decided": decided,
        "owner": owner,
        "figures": _figures(mine),
    }
    context["tabs"] = initiative_tabs(request, "challenges")
    return render(request, "initiatives/challenges.html", context)


def _figures(mine: QuerySet[Challenge]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    undecided = Q(state__in=[ChallengeState.ASKED, ChallengeState.TALKING])
    found = mine.order_by().aggregate(
        late=Count("pk", filter=undecided & past_due("decide_before", today)),
        open=Count("pk", filter=undecided),
        new=Count("pk", filter=Q(state=ChallengeState.ASKED)),
        unseen=Count("pk", filter=Q(state__in=CHALLENGE_DECISIONS, published_on=None)),
    )
    return [
        {"value": found["late"], "text": _("too late"), "late": found["late"] > 0},
        {"value": found["open"], "text": _("waiting for a decision")},
        {"value": found["new"], "text": _("not spoken to yet")},
        {"value": found["unseen"], "text": _("decided, not public yet")},
    ]


# --- one challenge ------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_safe
def challenge(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _challenge(request, pk))


def _challenge(request: HttpRequest, pk: int, *, to: Role = Role.COORDINATOR) -> Challenge:
    found = Challenge.objects.visible_to(request.user)  # type: ignore[arg-type]
    one = get_object_or_404(
        found.select_related("area", "theme", "party", "owner", "receipt", "initiative"), pk=pk
    )
    require(request, to, one.area)
    return one


def _languages(one: Challenge) -> list[str]:
    """The languages of the municipality and the one in which it was asked."""
    asked_in = [one.receipt.language] if one.receipt else []
    return list(dict.fromkeys([*(Municipality.current().languages or ["nl"]), *asked_in]))


def _public_form(request: HttpRequest, one: Challenge) -> PublicForm:
    return PublicForm(
        request.POST if request.method == "POST" else None,
        challenge=one,
        languages=Municipality.current().languages,
        parties=Party.objects.visible_to(request.user).active(),  # type: ignore[arg-type]
    )


def _page(request: HttpRequest, one: Challenge, **bound: forms.Form) -> HttpResponse:
    promise = Promise.objects.filter(subject=one.source).first()
    is_editor = request.desk.can(Role.EDITOR, [one.area])  # type: ignore[attr-defined]
    open_still = one.is_undecided
    get = {**bound}
    form = next(iter(bound.values()), None)
    context = {
        "challenge": one,
        "late": one.is_late(),
        "promise": promise,
        "parts": services.parts_of(one),
        "answers": services.answers_to_challenge(one),
        "is_answered": services.is_answered(one),
        "is_editor": is_editor,
        "public_form": get.get("public_form") or _unbound(request, one),
        "move_form": get.get("move_form")
        or (MovePromiseForm(promise=promise) if promise and open_still else None),
        "decide_form": get.get("decide_form")
        or (DecideForm(languages=_languages(one)) if open_still and is_editor else None),
        "hand_over_form": get.get("hand_over_form") or _colleague_form(one),
        "bound": form,
        "log": Event.objects.about(one).select_related("actor")[:20],
    }
    return render(
        request, "initiatives/challenge.html", context, status=getattr(form, "status", 422) if form else 200
    )


def _colleague_form(one: Challenge, data: Any = None) -> HandoverForm:
    return HandoverForm(data, areas=[one.area_id], without=one.owner, least=Power.EDITOR)


def _unbound(request: HttpRequest, one: Challenge) -> PublicForm:
    return PublicForm(
        challenge=one,
        languages=Municipality.current().languages,
        parties=Party.objects.visible_to(request.user).active(),  # type: ignore[arg-type]
    )


@staff(Role.COORDINATOR)
@require_POST
def challenge_text(request: HttpRequest, pk: int) -> HttpResponse:
    one = _challenge(request, pk)
    with atomic_on_post(request):
        locked = get_object_or_404(locked_on_post(request, Challenge.objects.all()), pk=one.pk)
        form = _public_form(request, locked)
        if form.is_valid() and not form.has_conflicts():
            services.save_public_texts(challenge=locked, by=request.user, **form.changes)  # type: ignore[arg-type]
            messages.success(request, _("Saved."))
            return redirect("challenge", pk=pk)
    return _page(request, one, public_form=form)


@staff(Role.EDITOR)
@require_POST
def challenge_move(request: HttpRequest, pk: int) -> HttpResponse:
    one = _challenge(request, pk, to=Role.EDITOR)
    promise = get_object_or_404(Promise, subject=one.source)
    form = MovePromiseForm(request.POST, promise=promise)

    def action() -> None:
        services.move_date(
            challenge=one,
            to=form.cleaned_data["due_on"],
            reason=form.reason,
            seen=form.cleaned_data["seen"],
            by=request.user,  # type: ignore[arg-type]
        )

    return _run_form_action(
        request, one, "move_form", form, action, _("Moved. Who asked reads the new date and your reason.")
    )


@staff(Role.EDITOR)
@require_POST
def challenge_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the decision and continue to the drafted answer."""
    one = _challenge(request, pk, to=Role.EDITOR)
    form = DecideForm(request.POST, languages=_languages(one))
    if not form.is_valid():
        return _page(request, one, decide_form=form)
    try:
        answer = services.decide_challenge(challenge=one, decision=form.decision, by=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        one.refresh_from_db()
        form.add_error(None, str(error))
        return _page(request, one, decide_form=form)
    if answer is None:
        messages.success(request, _("Decided. Nobody waits for an answer any more."))
        return redirect("challenge", pk=pk)
    messages.success(request, _("Decided. Read the answer to who asked, and let it go out."))
    return redirect("followup", pk=answer.pk)


@staff(Role.COORDINATOR)
@require_POST
def challenge_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    one = _challenge(request, pk)
    form = _colleague_form(one, request.POST)

    def action() -> None:
        rows = Challenge.objects.filter(pk=pk).exclude(owner=form.cleaned_data["to"])
        reassign(rows, to=form.cleaned_data["to"], by=request.user, least=Power.EDITOR)  # type: ignore[arg-type]

    return _run_form_action(request, one, "hand_over_form", form, action, _("Handed over."))


def _run_form_action(
    request: HttpRequest, one: Challenge, name: str, form: forms.Form, action: Callable[[], Any], said: str
) -> HttpResponse:
    if form.is_valid():
        try:
            action()
        except DomainError as error:
            form.add_error(None, str(error))
            one.refresh_from_db()
        else:
            messages.success(request, said)
            return redirect("challenge", pk=one.pk)
    return _page(request, one, **{name: form})


@staff(Role.COORDINATOR)
@require_POST
def challenge_do(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    one = _challenge(request, pk)
    services_by_verb: dict[str, Callable[..., Any]] = {
        "talk": services.talk,
        "publish": services.publish_challenge,
        "unpublish": services.unpublish,
        "begin": services.begin_initiative,
    }
    actions = {
        name: partial(action, challenge=one, by=request.user) for name, action in services_by_verb.items()
    }
    return dispatch(request, actions, verb, back=reverse("challenge", args=[pk]), said=_("Noted."))


# --- challenging -------------------------------------------------------------------------------


GET_AND_POST = ["GET", "HEAD", "POST"]
PUBLIC_PAGE_SIZE, CHALLENGES_SHOWN = 30, 5

CHALLENGE_LIMIT = limits.Limit("challenges", each=5, together=100, pressed=1, most=300)


@public
@require_safe
def challenge_about(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain the right to challenge: what it is, what we ask, how long a decision takes."""
    area = get_object_or_404(Area.objects.existing().select_related("parent__parent"), slug=slug)
    published = Challenge.objects.published().filter(area__in=Area.objects.inside([area.pk]))
    context = {
        "area": area,
        "owner": services.challenge_decider(area),
        "published": published.select_related("area").order_by("-published_on", "-pk")[:CHALLENGES_SHOWN],
        "questions": len(AskForm().visible_fields()),
        **_term(),
    }
    return render(request, "initiatives/challenge_about.html", context)


def _term() -> dict[str, Any]:
    days = ParticipationRules.current().days("right_to_challenge")
    return {"days": days, "weeks": days // 7 if days % 7 == 0 else 0}


@public
@require_http_methods(GET_AND_POST)
def challenge_ask(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.existing().select_related("parent__parent"), slug=slug)
    form = AskForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid() and limits.is_limit_reached(request, CHALLENGE_LIMIT):
        form.add_error(
            None, _("This was asked for too often from here. Try again in an hour; keep this page.")
        )
        status = 429
    elif form.is_bound and form.is_valid():
        with domain_errors_in(form):
            challenge, code = services.submit_challenge(
                area=area,
                challenge_request=form.challenge_request,
                language=get_language() or "nl",
                submit_key=f"{form.cleaned_data['key']} {request.META.get('CSRF_COOKIE', '')}",
            )
            limits.record_attempt(request, CHALLENGE_LIMIT)
            return set_code_cookie(request, redirect("challenge_asked", pk=challenge.pk), code)
    if form.errors and status == 200:
        status = 422
    context = {"area": area, "form": form, "owner": services.challenge_decider(area), **_term()}
    response = render(request, "initiatives/challenge_ask.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@resident
@require_http_methods(GET_AND_POST)
def challenge_asked(request: HttpRequest, pk: int) -> HttpResponse:
    """Thanks: the deadline, the code, and a form to leave an address."""
    code = code_from_cookie(request)
    receipt = receipt_of(code) if code else None
    challenge = Challenge.objects.filter(pk=pk, receipt=receipt).select_related("area", "owner").first()
    if receipt is None or challenge is None:
        return redirect("private_code")
    form = AskerAddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and save_address(request, receipt, form):
        return redirect("challenge_asked", pk=pk)
    context = {
        "challenge": challenge,
        "code": code,
        "private_link": reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)]),
        "contact": Contact.objects.filter(receipt=receipt).first(),
        "form": form,
    }
    return render(request, "initiatives/challenge_asked.html", context, status=422 if form.is_bound else 200)


# --- public pages -------------------------------------------------------------------------------


@public
@require_safe
def challenges_public(request: HttpRequest) -> HttpResponse:
    """All public challenges, newest first."""
    found = Challenge.objects.published().select_related("area", "theme").order_by("-pk")
    if is_id(before := request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    page = list(found[: PUBLIC_PAGE_SIZE + 1])
    root = Area.objects.filter(parent=None).first()
    context = {
        "challenges": page[:PUBLIC_PAGE_SIZE],
        "next_url": f"?before={page[PUBLIC_PAGE_SIZE - 1].pk}" if len(page) > PUBLIC_PAGE_SIZE else "",
        "first_url": "?" if before else "",
        "root": root,
    }
    return render(request, "initiatives/challenges_public.html", context)


@public
@require_safe
def challenge_public(request: HttpRequest, pk: int) -> HttpResponse:
    """One public challenge, and the decision with its reasons."""
    found = Challenge.objects.published().select_related("area", "theme", "party", "initiative", "owner")
    challenge = get_object_or_404(found, pk=pk)
    return render(request, "initiatives/challenge_public.html", {"challenge": challenge})
