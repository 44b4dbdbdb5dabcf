"""Tasks of an initiative that people take on, and telling people about it."""

import secrets
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from core import limits
from core.actions import dispatch, domain_errors_in
from core.errors import DomainError
from core.files import pdf_response
from core.paper import TypesettingError, qr_svg
from core.rows import is_id
from feedback.private.services import receipt_of
from feedback.private.views.choices import receipt_from_link, save_address
from feedback.words import find_warning_words
from initiatives.initiatives.forms.begin import TaskAddressForm
from initiatives.initiatives.forms.running import MeetingForm, PictureForm, UpdateForm
from initiatives.initiatives.services import running as services
from initiatives.initiatives.services import telling
from initiatives.initiatives.views.running import find_initiative
from initiatives.matching.views.shown_once import code_from_cookie, set_code_cookie
from initiatives.models import Initiative, Task
from initiatives.states import PUBLIC_INITIATIVES
from neighbourhoods.access import public, resident, staff
from neighbourhoods.imports.forms.imports import upload_form_kwargs
from neighbourhoods.states import Role

# Open tasks: taken on by anybody with one tap, and done or given back on the private page.


GET_AND_POST = ["GET", "HEAD", "POST"]

# A family stays below `each`; `about` keeps anybody from emptying the list of one initiative.
TASK_LIMIT = limits.Limit("tasks", each=10, about=30, together=500, pressed=2, most=2_000)


def open_tasks_part(initiative: Initiative) -> dict[str, Any]:
    """Context of initiatives/parts/open_tasks.html."""
    return {"tasks": services.open_tasks(initiative), "key": secrets.token_urlsafe(24)}


def _task(pk: int) -> Task:
    tasks = Task.objects.filter(initiative__state__in=PUBLIC_INITIATIVES, is_open=True)
    return get_object_or_404(tasks.select_related("initiative__area", "initiative__theme"), pk=pk)


@public
@require_http_methods(GET_AND_POST)
def task_take(request: HttpRequest, pk: int) -> HttpResponse:
    """The task; one tap takes it on. Latecomers see the other open tasks."""
    task = _task(pk)
    problem, status = "", 200
    about = f"initiative {task.initiative_id}"
    if request.method == "POST" and limits.is_limit_reached(request, TASK_LIMIT, about=about):
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
            limits.record_attempt(request, TASK_LIMIT, about=about)
            return set_code_cookie(request, redirect("task_yours", pk=task.pk), code)
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
@require_http_methods(GET_AND_POST)
def task_yours(request: HttpRequest, pk: int) -> HttpResponse:
    """Thanks, the code, and a form to leave an address."""
    task = _task(pk)
    code = code_from_cookie(request)
    receipt = receipt_of(code) if code else None
    if receipt is None or task.taken_by_id != receipt.pk:
        return redirect("private_code")
    form = TaskAddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and save_address(request, receipt, form):
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
@receipt_from_link(LinkPurpose.PAGE)
def task_mine(
    request: HttpRequest, *, receipt: Receipt, key: str, token: str, pk: int, verb: str
) -> HttpResponse:
    """Done or given back, from the private page."""
    task = Task.objects.held_by(receipt).filter(pk=pk).first()
    if verb not in ("done", "back"):
        raise Http404
    if task and verb == "done":
        services.report_task_done(task=task, receipt=receipt)
        messages.success(request, _("Thank you. It is noted as done."))
    elif task:
        services.return_task(task=task, receipt=receipt)
        messages.success(request, _("Good that you say so. Somebody else can take it on now."))
    return redirect("private_page", token=token)


@resident
@require_http_methods(GET_AND_POST)
@receipt_from_link(LinkPurpose.TASK)
def task_mailed(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """From the reminder: this task with its two buttons. The link opens nothing else of the holder."""
    mine = Task.objects.held_by(receipt).select_related("initiative__area")
    task = mine.filter(pk=key).first() if is_id(key) else None
    if request.method == "POST" and task and task.done_on is None:
        if request.POST.get("action") == "done":
            services.report_task_done(task=task, receipt=receipt)
        elif request.POST.get("action") == "back":
            services.return_task(task=task, receipt=receipt)
        return redirect("task_mailed", token=token)
    return render(request, "initiatives/task_mailed.html", {"task": task})


# Content of the page of an initiative, kept by colleagues: updates, meetings, a picture, a poster.


def _form_page(
    request: HttpRequest, initiative: Initiative, form: Any, action: Any, *, heading: str, **more: Any
) -> HttpResponse:
    """A page with one form: runs `action` if it is valid and returns to the initiative."""
    if form.is_valid():
        with domain_errors_in(form):
            action()
            messages.success(request, _("Saved."))
            return redirect("initiative", pk=initiative.pk)
    context = {"initiative": initiative, "form": form, "heading": heading} | more
    return render(request, "initiatives/part_form.html", context, status=422 if form.errors else 200)


def _post_data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


# --- updates ----------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def update_new(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = UpdateForm(_post_data(request))
    return _form_page(
        request, initiative, form,
        lambda: telling.write_update(initiative=initiative, text=form.texts("text"), by=request.user),
        heading=_("What is new?"),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def update_change(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    """Change an update, or read a resident's and publish it in these words."""
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    update = get_object_or_404(initiative.updates.select_related("initiative"), pk=part)
    is_unread = update.is_unread
    form = UpdateForm(_post_data(request), update=update)
    return _form_page(
        request, initiative, form,
        lambda: telling.change_update(update=update, text=form.texts("text"), by=request.user),
        heading=_("Read, and show on the page") if is_unread else _("Change the update"),
        button=_("Show it on the page") if is_unread else "",
        hints=find_warning_words(*update.as_read.values()) if is_unread else [],
        remove_url=reverse("update_do", args=[pk, part, "remove"]),
        remove=_("Do not show it, remove it") if is_unread else _("Remove it"),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def update_do(request: HttpRequest, pk: int, part: int, verb: str) -> HttpResponseBase:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    update = get_object_or_404(initiative.updates.select_related("initiative"), pk=part)
    actions = {"remove": partial(telling.remove_update, update=update, by=request.user)}
    return dispatch(request, actions, verb, back=reverse("initiative", args=[pk]), said=_("Removed."))


# --- meetings ---------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    form = MeetingForm(_post_data(request))
    return _form_page(
        request, initiative, form,
        lambda: telling.add_meeting(initiative=initiative, when=form.when, by=request.user),
        heading=_("When does it meet?"),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_change(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    meeting = get_object_or_404(initiative.meetings.select_related("initiative"), pk=part)
    form = MeetingForm(_post_data(request), meeting=meeting)
    return _form_page(
        request, initiative, form,
        lambda: telling.change_meeting(meeting=meeting, when=form.when, by=request.user),
        heading=_("When does it meet?"),
        remove_url="" if meeting.cancelled_on else reverse("meeting_do", args=[pk, part, "call-off"]),
        remove=_("Call it off"),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def meeting_do(request: HttpRequest, pk: int, part: int, verb: str) -> HttpResponseBase:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    meeting = get_object_or_404(initiative.meetings.select_related("initiative"), pk=part)
    actions = {
        "call-off": partial(telling.call_off_meeting, meeting=meeting, by=request.user),
        "show": partial(telling.show_meeting, meeting=meeting, by=request.user),
    }
    said = (
        _("Called off. It stands so in every calendar.")
        if verb == "call-off"
        else _("It stands on the page.")
    )
    return dispatch(request, actions, verb, back=reverse("initiative", args=[pk]), said=said)


# --- picture and poster -----------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def picture_set(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    picture = getattr(initiative, "picture", None)
    form = PictureForm(**upload_form_kwargs(request), picture=picture)
    return _form_page(
        request, initiative, form,
        lambda: telling.set_picture(
            initiative=initiative,
            sent=form.cleaned_data["picture"].read(),
            alt=form.texts("alt"),
            by=request.user,
        ),
        heading=_("A picture of it"),
        picture=picture,
        has_file=True,
        remove_url=reverse("picture_do", args=[pk, "remove"]) if picture else "",
        remove=_("Remove the picture"),
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def picture_do(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    actions = {
        "remove": partial(telling.remove_picture, initiative=initiative, by=request.user),
        "show": partial(
            telling.show_picture,
            initiative=initiative,
            seen=request.POST.get("seen", "").replace("\0", ""),
            by=request.user,
        ),
    }
    said = _("Removed.") if verb == "remove" else _("It stands on the page.")
    return dispatch(request, actions, verb, back=reverse("initiative", args=[pk]), said=said)


@staff(Role.COORDINATOR)
@require_safe
def picture_look(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture as it was sent, for a colleague who decides whether it becomes public."""
    initiative = find_initiative(request, pk, to=Role.COORDINATOR)
    picture = getattr(initiative, "picture", None)
    if picture is None:
        raise Http404
    response = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@staff(Role.VIEWER)
@require_safe
def initiative_poster(request: HttpRequest, pk: int) -> HttpResponse:
    """An A5 poster with a QR code of its page."""
    initiative = find_initiative(request, pk)
    if not initiative.is_public:
        raise Http404
    try:
        made = telling.render_initiative_poster(initiative, bleed="bleed" in request.GET)
    except TypesettingError:
        messages.error(request, _("This does not fit on a poster. Make its name or what it wants shorter."))
        return redirect("initiative", pk=pk)
    return pdf_response(f"initiative-{pk}", made)


@staff(Role.VIEWER)
@require_safe
def initiative_qr(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = find_initiative(request, pk)
    if not initiative.has_a_page:
        raise Http404
    response = HttpResponse(qr_svg(telling.address_of(initiative)), content_type="image/svg+xml")
    response["Content-Disposition"] = f'inline; filename="initiative-{pk}.svg"'
    return response
