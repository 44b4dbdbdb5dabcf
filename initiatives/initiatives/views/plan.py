"""The plan of an initiative at the desk: on a page of its own, and as a part of the initiative's page."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actions import dispatch, domain_errors_in, typed_words
from core.forms import atomic_on_post, locked_on_post
from initiatives.initiatives.forms.begin import LineForm
from initiatives.initiatives.services import running as services
from initiatives.models import Initiative, Task
from initiatives.states import InitiativeState
from neighbourhoods.access import require, staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role


def plan_part(
    request: HttpRequest, initiative: Initiative, form: LineForm | None = None, *, here: str = ""
) -> Mapping[str, Any]:
    """Context of initiatives/parts/plan.html; `back` is the page it is on, given as `here` if that is not the
    request's path."""
    return {
        "initiative": initiative,
        "lines": services.tasks_in_order(initiative),
        "may": initiative.state != InitiativeState.ENDED
        and request.desk.can(Role.COORDINATOR, [initiative.area]),  # type: ignore[attr-defined]
        "form": form or LineForm(languages=Municipality.current().languages),
        "back": here or request.path,
    }


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of the plan, and a form to add one."""
    initiative = _initiative(request, pk)
    form = None
    if request.method == "POST":
        require(request, Role.COORDINATOR, initiative.area)
        form = LineForm(request.POST, languages=Municipality.current().languages)
        if form.is_valid():
            with domain_errors_in(form):
                services.add_task(initiative=initiative, by=request.user, **form.fields_of_task)  # type: ignore[arg-type]
                messages.success(request, _("Added to the plan."))
                return redirect(_return_url(request, initiative))
    part = plan_part(request, initiative, form)
    context = {
        "plan": part,
        "initiative": initiative,
        "form": form,
        "typed": [] if part["may"] else typed_words(request),
    }
    return render(request, "initiatives/plan.html", context, status=422 if form else 200)


def _initiative(request: HttpRequest, pk: int) -> Initiative:
    return get_object_or_404(
        Initiative.objects.visible_to(request.user).select_related("area", "theme"),  # type: ignore[arg-type]
        pk=pk,
    )


def _task(request: HttpRequest, pk: int, line: int) -> Task:
    mine = Initiative.objects.visible_to(request.user)  # type: ignore[arg-type]
    tasks = Task.objects.filter(initiative__id=pk, initiative__in=mine).select_related("initiative__area")
    task = get_object_or_404(tasks, pk=line)
    require(request, Role.COORDINATOR, task.initiative.area)
    return task


def _return_url(request: HttpRequest, initiative: Initiative) -> str:
    """The page it was pressed on, if that is a page of this initiative."""
    whole = f"/desk/initiatives/{initiative.pk}/"
    back = request.POST.get("back", "")
    here = back if back == whole or back.startswith(whole) else reverse("plan_lines", args=[initiative.pk])
    return here.partition("?")[0].partition("#")[0] + "#plan"


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    task = _task(request, pk, line)
    with atomic_on_post(request):
        locked = get_object_or_404(locked_on_post(request, Task.objects.all()), pk=task.pk)
        data = request.POST if request.method == "POST" else None
        form = LineForm(data, languages=Municipality.current().languages, task=locked)
        if form.is_valid() and not form.has_conflicts():
            services.change(task=locked, by=request.user, **form.fields_of_task)  # type: ignore[arg-type]
            messages.success(request, _("Saved."))
            return redirect(_return_url(request, task.initiative))
    context = {"form": form, "task": task, "initiative": task.initiative}
    return render(request, "initiatives/plan_line.html", context, status=form.status)


@staff(Role.COORDINATOR)
@require_POST
def plan_do(request: HttpRequest, pk: int, line: int, verb: str) -> HttpResponseBase:
    task = _task(request, pk, line)
    named = {
        "done": services.finish_task,
        "undo": services.undo,
        "free": services.free,
        "remove": services.remove_task,
    }
    actions = {name: partial(action, task=task, by=request.user) for name, action in named.items()}
    return dispatch(request, actions, verb, back=_return_url(request, task.initiative), said=_("Noted."))
