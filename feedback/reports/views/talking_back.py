"""Talking back: invite residents, call it off, and the public page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actions import domain_errors_in, refused
from core.errors import DomainError
from feedback.answers.forms import CallOffForm
from feedback.answers.services import reckoning, talking_back
from feedback.reports.services.report_parts import talk_back as in_a_sentence
from neighbourhoods.access import public, require, staff
from neighbourhoods.models import TalkBack, Trajectory
from neighbourhoods.states import Role, Step
from neighbourhoods.trajectories import services as trajectories


def _find(request: HttpRequest, pk: int, back: int) -> TalkBack:
    one = get_object_or_404(Trajectory.objects.visible_to(request.user), pk=pk)
    require(request, Role.EDITOR, *one.areas.all())
    return get_object_or_404(TalkBack.objects.select_related("trajectory__owner"), pk=back, trajectory=one)


def _steps(back: TalkBack) -> str:
    return f"{back.trajectory.get_absolute_url()}#step-{Step.TALK_BACK}"


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def talk_back_invite(request: HttpRequest, pk: int, back: int) -> HttpResponse:
    """Preview of who is told and how, and the button; or what is missing."""
    one = _find(request, pk, back)
    if one.invited_at:
        return redirect(one)
    lacks = ""
    try:
        if request.method == "POST":
            talking_back.invite_to_talk_back(back=one, by=request.user)
            messages.success(request, _("Residents are asked. Everybody can read it now."))
            return redirect(_steps(one))
        talking_back.refuse(one)
    except DomainError as error:
        lacks = str(error)
    invited = talking_back.who(one)
    context = {
        "back": one,
        "lacks": lacks,
        "invited": invited,
        "untranslated": [
            code for code in trajectories.plan_languages() if not one.asks.get(code, "").strip()
        ],
        "costs": reckoning.costs_before(texts=invited.by_text, letters=invited.by_letter),
        "when": talking_back.when_and_where(one, get_language() or "nl"),
        "results": talking_back.results_of(one),
    }
    status = 422 if lacks and request.method == "POST" else 200
    return render(request, "feedback/talk_back_invite.html", context, status=status)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def talk_back_call_off(request: HttpRequest, pk: int, back: int) -> HttpResponse:
    one = _find(request, pk, back)
    if one.called_off_on:
        return redirect(_steps(one))
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with domain_errors_in(form):
            talking_back.call_off_talk_back(back=one, why=form.texts("why"), by=request.user)
            messages.success(
                request, _("It is off. Who was invited hears so.") if one.invited_at else _("It is off.")
            )
            return redirect(_steps(one))
    context = {"back": one, "form": form, "when": talking_back.when_and_where(one, get_language() or "nl")}
    return render(request, "feedback/talk_back_call_off.html", context, status=refused(form))


@public
@require_safe
def talk_back_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What is put forward, its results, when and where; afterwards what was heard."""
    found = TalkBack.objects.public().select_related("trajectory__owner", "trajectory__plan")
    back = get_object_or_404(found, pk=pk)
    context = {
        "back": back,
        "trajectory": back.trajectory,
        "areas": back.trajectory.areas.all(),
        "when": talking_back.when_and_where(back, get_language() or "nl"),
        "is_to_come": TalkBack.objects.to_come().filter(pk=pk).exists(),
        "asks_at": talking_back.asks_at(back),
        "results": talking_back.results_of(back),
        "heard": in_a_sentence(back),
    }
    return render(request, "feedback/talk_back_page.html", context)
