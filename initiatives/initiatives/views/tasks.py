"""Open tasks: taken on by anybody with one tap, and done or given back on the private page."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from core import limits
from core.errors import DomainError
from core.ids import is_id
from feedback.private.services.ways_in import receipt_of
from feedback.private.views.holder import holder
from feedback.private.views.leaving import leave
from initiatives.initiatives.forms.plan import TaskAddressForm
from initiatives.initiatives.services import plan as services
from initiatives.matching.views.shown_once import carried, carry
from initiatives.models import Initiative, Task
from initiatives.states import PUBLIC_INITIATIVES
from neighbourhoods.access import public, resident

BOTH = ["GET", "HEAD", "POST"]

# A family stays below `each`; `about` keeps anybody from emptying the list of one initiative.
TAKES = limits.Limit("tasks", each=10, about=30, together=500, pressed=2, most=2_000)


def open_tasks_part(initiative: Initiative) -> dict[str, Any]:
    """Context of initiatives/parts/open_tasks.html."""
    return {"tasks": services.open_tasks(initiative), "key": secrets.token_urlsafe(24)}


def _task(pk: int) -> Task:
    tasks = Task.objects.filter(initiative__state__in=PUBLIC_INITIATIVES, is_open=True)
    return get_object_or_404(tasks.select_related("initiative__area", "initiative__theme"), pk=pk)


@public
@require_http_methods(BOTH)
def task_take(request: HttpRequest, pk: int) -> HttpResponse:
    """The task; one tap takes it on. Latecomers see the other open tasks."""
    task = _task(pk)
    problem, status = "", 200
    about = f"initiative {task.initiative_id}"
    if request.method == "POST" and limits.is_spent(request, TAKES, about=about):
        problem, status = _("From here much was taken on already. Try again in an hour."), 429
    elif request.method == "POST":
        try:
            _receipt, code = services.take_task(
                task=task, submit_key=_browser_key(request), language=get_language() or "nl"
            )
        except DomainError as error:
            problem, status = str(error), 409
            try:
                task.refresh_from_db()
            except Task.DoesNotExist as gone:
                raise Http404 from gone
        else:
            limits.spend(request, TAKES, about=about)
            return carry(request, redirect("task_yours", pk=task.pk), code)
    context = {
        "task": task,
        "initiative": task.initiative,
        "problem": problem,
        "key": secrets.token_urlsafe(24),
        "others": [other for other in services.open_tasks(task.initiative) if other.pk != task.pk],
    }
    response = render(request, "initiatives/task.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _browser_key(request: HttpRequest) -> str:
    """A seed that only this browser knows: the key alone could be in a copy of the page."""
    return f"{request.POST.get('key', '')[:64]} {request.META.get('CSRF_COOKIE', '')}"


@resident
@require_http_methods(BOTH)
def task_yours(request: HttpRequest, pk: int) -> HttpResponse:
    """Thanks, the code, and a form to leave an address."""
    task = _task(pk)
    code = carried(request)
    receipt = receipt_of(code) if code else None
    if receipt is None or task.taken_by_id != receipt.pk:
        return redirect("private_code")
    form = TaskAddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and leave(request, receipt, form):
        return redirect("task_yours", pk=pk)
    context = {
        "task": task,
        "initiative": task.initiative,
        "code": code,
        "private_link": reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)]),
        "contact": Contact.objects.filter(receipt=receipt).first(),
        "form": form,
    }
    return render(request, "initiatives/task_yours.html", context, status=422 if form.is_bound else 200)


@resident
@require_POST
@holder(LinkPurpose.PAGE)
def task_mine(
    request: HttpRequest, *, receipt: Receipt, key: str, token: str, pk: int, verb: str
) -> HttpResponse:
    """Done or given back, from the private page."""
    task = Task.objects.of_who_took(receipt).filter(pk=pk).first()
    if verb not in ("done", "back"):
        raise Http404
    if task and verb == "done":
        services.say_done(task=task, receipt=receipt)
        messages.success(request, _("Thank you. It is noted as done."))
    elif task:
        services.give_back_task(task=task, receipt=receipt)
        messages.success(request, _("Good that you say so. Somebody else can take it on now."))
    return redirect("private_page", token=token)


@resident
@require_http_methods(BOTH)
@holder(LinkPurpose.TASK)
def task_mailed(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """From the reminder: this task with its two buttons. The link opens nothing else of the holder."""
    mine = Task.objects.of_who_took(receipt).select_related("initiative__area")
    task = mine.filter(pk=key).first() if is_id(key) else None
    if request.method == "POST" and task and task.done_on is None:
        if request.POST.get("action") == "done":
            services.say_done(task=task, receipt=receipt)
        elif request.POST.get("action") == "back":
            services.give_back_task(task=task, receipt=receipt)
        return redirect("task_mailed", token=token)
    return render(request, "initiatives/task_mailed.html", {"task": task})
