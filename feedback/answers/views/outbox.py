"""Messages that need a person: failed, bounced or uncertain, and mail that came in; and holding the outbox."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Contact
from core.actions import domain_errors_in, form_status
from core.errors import DomainError
from core.rows import is_id
from feedback.answers.forms import DiscardForm, LinkForm, NoteForm, ReasonForm, ToldOtherwiseForm
from feedback.answers.services import letters_by_post, replies
from feedback.delivery.services import delivery, guards
from feedback.delivery.services.delivery import due_seconds, health
from feedback.delivery.services.guards import worker_is_alive
from feedback.models import Heartbeat, Incoming, Message, NamedDebt, OutboxEpoch
from feedback.states import NEEDS_PERSON_STATES, UNSETTLED_STATES, DeliveryKind, IncomingState
from neighbourhoods.access import public, require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role

_PAGE_SIZE = 50


@staff(Role.COORDINATOR)
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    visible = Message.objects.visible_to(request.user)
    tasks = visible.needing_person().select_related("receipt", "user")
    came_in = Incoming.objects.visible_to(request.user).waiting()
    page = _page_of(tasks, request.GET.get("after", ""))
    counts = dict(visible.order_by().values_list("state").annotate(count=Count("pk")))
    context = {
        "tasks": page[:_PAGE_SIZE],
        "next_url": f"?after={page[_PAGE_SIZE - 1].settled_at.isoformat()}~{page[_PAGE_SIZE - 1].pk}"
        if len(page) > _PAGE_SIZE
        else "",
        "figures": [
            {
                "value": sum(counts.get(state, 0) for state in UNSETTLED_STATES),
                "text": _("on their way"),
            },
            {"value": counts.get("sent", 0) + counts.get("delivered", 0), "text": _("sent")},
            {"value": tasks.count(), "text": _("need a person"), "late": tasks.exists()},
            {
                "value": came_in.count(),
                "text": _("came in and wait"),
                "late": came_in.exists(),
                "url": reverse("incoming"),
            },
        ],
        "hold": OutboxEpoch.objects.filter(quarantined_at__isnull=False).first(),
        "alive": worker_is_alive(),
        "last": Heartbeat.objects.filter(name="jobs").first(),
        "letters": letters_by_post.count_waiting_letters(),
        "may_hold": request.desk.can(Role.ADMINISTRATOR, [Area.root()]),
        "form": ReasonForm(),
    }
    return render(request, "feedback/outbox.html", context)


def _page_of(tasks: Any, after: str) -> list[Message]:
    moment, _tilde, pk = after.partition("~")
    try:
        settled = parse_datetime(moment)
    except ValueError:
        settled = None
    # Near year 1 and 9999 a time zone conversion overflows, and databases refuse it.
    if settled and 1 < settled.year < 9999 and is_id(pk):
        tasks = tasks.filter(Q(settled_at__gt=settled) | Q(settled_at=settled, pk__gt=pk))
    return list(tasks[: _PAGE_SIZE + 1])


# --- one message ------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    return _message_page(request, _message(request, pk))


def _message(request: HttpRequest, pk: int) -> Message:
    return get_object_or_404(
        Message.objects.visible_to(request.user).select_related("receipt", "user", "resolved_by"), pk=pk
    )


def _areas(found: Message) -> list[Area]:
    """Areas where its reader waits for an answer; mail to colleagues belongs to the whole municipality."""
    areas = (
        list(Area.objects.filter(topics__owed__receipt=found.receipt_id).distinct())
        if found.receipt_id
        else []
    )
    return areas or [Area.root()]


def _message_page(
    request: HttpRequest, found: Message, contact: Contact | None = None, **bound: Any
) -> HttpResponse:
    named = (
        NamedDebt.objects.filter(follow_up__items__message=found, receipt=found.receipt_id)
        .select_related("owed__topic__area", "follow_up")
        .order_by("owed")
    )
    areas = _areas(found)
    open_task = found.state in NEEDS_PERSON_STATES and found.resolved_by_id is None
    context = {
        "message": found,
        "named": named,
        "tries": found.tries.order_by("at"),
        "events": found.events.order_by("at"),
        "open_task": open_task,
        "may_settle": delivery.may_be_settled(found),
        "contact": contact,
        "may_see_contact": delivery.may_see_contact(found, request.user),
        "hand_made_bounce": delivery.unconfirmed_bounce(found),
        "note_form": bound.get("note_form") or NoteForm(),
        "take_up_form": bound.get("take_up_form") or ToldOtherwiseForm(),
        "bound": next(iter(bound.values()), None),
        "may_edit": request.desk.can(Role.EDITOR, areas),
        "may_care": request.desk.can(Role.COORDINATOR, areas),
    }
    return render(request, "feedback/message.html", context, status=422 if bound else 200)


@staff(Role.EDITOR)
@require_POST
def message_resend(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(
        request,
        pk,
        Role.EDITOR,
        NoteForm,
        "note_form",
        delivery.resend,
        _("It goes once more, as the same mail."),
    )


@staff(Role.EDITOR)
@require_POST
def message_delivered(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(
        request, pk, Role.EDITOR, NoteForm, "note_form", delivery.mark_delivered, _("Kept: it arrived.")
    )


@staff(Role.COORDINATOR)
@require_POST
def message_take_up(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(
        request,
        pk,
        Role.COORDINATOR,
        ToldOtherwiseForm,
        "take_up_form",
        delivery.note_told_in_person,
        _("Kept. It is off the list."),
    )


@staff(Role.EDITOR)
@require_POST
def message_bounced(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a bounce that a colleague found in a mailbox."""

    def record(*, message: Message, by: Any, note: str) -> None:
        delivery.record(
            message=message, kind=DeliveryKind.BOUNCED, provider_event=f"hand:{uuid4()}", detail=note, by=by
        )

    return _settle(
        request,
        pk,
        Role.EDITOR,
        NoteForm,
        "note_form",
        record,
        _(
            "Kept: it came back. A colleague can look how to reach this resident. The address still gets mail."
        ),
    )


@staff(Role.EDITOR)
@require_POST
def message_bounce_back(request: HttpRequest, pk: int) -> HttpResponse:
    found = _message(request, pk)
    require(request, Role.EDITOR, *_areas(found))
    try:
        delivery.take_back_bounce(message=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back: it did not come back."))
    return redirect("message", pk=pk)


def _settle(
    request: HttpRequest,
    pk: int,
    role: Role,
    kind: type[forms.Form],
    name: str,
    action: Callable[..., Any],
    said: str,
) -> HttpResponse:
    found = _message(request, pk)
    require(request, role, *_areas(found))
    form = kind(request.POST)
    if form.is_valid():
        with domain_errors_in(form):
            action(message=found, by=request.user, note=form.cleaned_data["note"])
            messages.success(request, said)
            return redirect("message", pk=pk)
    return _message_page(request, found, **{name: form})


@staff(Role.COORDINATOR)
@require_POST
def message_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how to reach a resident whom mail does not reach. Logs who looked."""
    found = _message(request, pk)
    require(request, Role.COORDINATOR, *_areas(found))
    try:
        contact = delivery.show_contact(message=found, by=request.user)
    except DomainError as error:
        raise PermissionDenied(str(error)) from error
    return _message_page(request, found, contact) if contact else redirect("message", pk=pk)


# --- the whole outbox -------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_POST
def outbox_hold(request: HttpRequest) -> HttpResponse:
    return _act_on_outbox(
        request,
        lambda note: guards.hold_outbox(reason=note, by=request.user),
        _("On hold. Nothing leaves until somebody releases it."),
    )


@staff(Role.ADMINISTRATOR)
@require_POST
def outbox_release(request: HttpRequest) -> HttpResponse:
    return _act_on_outbox(
        request,
        lambda note: guards.release_outbox(by=request.user, note=note),
        _("Released. Mail leaves again."),
    )


def _act_on_outbox(request: HttpRequest, action: Callable[[str], Any], said: str) -> HttpResponse:
    require(request, Role.ADMINISTRATOR, Area.root())
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write why, for whoever looks at this later."))
        return redirect("outbox")
    try:
        action(form.cleaned_data["note"])
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("outbox")


# --- incoming ------------------------------------------------------------------------------------
# Incoming mail that could not be taken in automatically.


@staff(Role.COORDINATOR)
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    waiting = Incoming.objects.visible_to(request.user).waiting()
    context = {"mails": waiting[:_PAGE_SIZE], "more": max(0, waiting.count() - _PAGE_SIZE)}
    return render(request, "feedback/incoming.html", context)


def _find(request: HttpRequest, pk: int) -> Incoming:
    """Raises Http404 if not visible to the user, PermissionDenied if they are only viewer in an area it is about."""
    visible = Incoming.objects.visible_to(request.user).select_related("message", "settled_by")
    found = get_object_or_404(visible, pk=pk)
    areas = Area.objects.filter(topics__owed__receipt=found.receipt_id).distinct() if found.receipt_id else []
    require(request, Role.COORDINATOR, *(areas or [Area.root()]))
    return found


@staff(Role.COORDINATOR)
@require_GET
def incoming_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


def _page(
    request: HttpRequest,
    found: Incoming,
    *,
    link_form: LinkForm | None = None,
    discard_form: DiscardForm | None = None,
    sender: str = "",
) -> HttpResponse:
    places = replies.reply_targets(found) if found.state == IncomingState.WAITING else []
    bound = link_form or discard_form
    context: dict[str, Any] = {
        "mail": found,
        "places": places,
        "link_form": link_form or LinkForm(places=places),
        "discard_form": discard_form or DiscardForm(),
        "bound": bound,
        "sender": sender,
    }
    return render(request, "feedback/incoming_one.html", context, status=form_status(bound) if bound else 200)


@staff(Role.COORDINATOR)
@require_POST
def incoming_link(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = LinkForm(request.POST, places=replies.reply_targets(found))
    if form.is_valid():
        with domain_errors_in(form):
            replies.link_incoming_mail(incoming=found, to=form.cleaned_data["to"], by=request.user)
            messages.success(request, _("Taken in. It is owed an answer now."))
            return redirect("incoming")
    return _page(request, found, link_form=form)


@staff(Role.COORDINATOR)
@require_POST
def incoming_discard(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = DiscardForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form):
            replies.discard(incoming=found, by=request.user, note=form.cleaned_data["note"])
            messages.success(request, _("Off the list. Its words are gone."))
            return redirect("incoming")
    return _page(request, found, discard_form=form)


@staff(Role.COORDINATOR)
@require_POST
def incoming_sender(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sender's address, for an answer by hand. Logs who looked."""
    found = _find(request, pk)
    return _page(request, found, sender=replies.show_sender(incoming=found, by=request.user))


# --- health of the outbox -------------------------------------------------------------------------
# Monitoring: /health/live says that this process answers, /health/ready that everything works.
#
# Contains no personal data and runs a few indexed queries, so it may be called every ten seconds.


LEAST_FREE = 200_000_000
"""Bytes. Below this, files, letters and the erasure journal may soon fail to be written."""
RECENT_FAILURE = timedelta(minutes=15)
"""A task or daily job that failed is tried again within ten minutes; while it keeps failing, its failure is younger."""

Checks = dict[str, dict[str, Any]]

_migrated = False


@public
@never_cache
@require_GET
def health_live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"live": True})


@public
@never_cache
@require_GET
def health_ready(request: HttpRequest) -> JsonResponse:
    found = checks()
    ready = all(check["ok"] for check in found.values())
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)


def checks() -> Checks:
    """Results by name, each with `ok` and the number behind it. Stops at a database that does not answer."""
    found: Checks = {"disk": _disk()}
    if settings.REDIS_URL:
        found["redis"] = {"ok": cache.answers()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["database"] = {"ok": True}
        found["migrations"] = {"ok": is_migrated()}
        return found | (_outbox() if found["migrations"]["ok"] else {})
    except Error:  # every database error has the same meaning here
        return found | {"database": {"ok": False}}


def _outbox() -> Checks:
    now, waits = health(), due_seconds(timezone.now())
    failed = Heartbeat.objects.filter(name__startswith="failed:", at__gt=timezone.now() - RECENT_FAILURE)
    tasks = sorted(name.removeprefix("failed:") for name in failed.values_list("name", flat=True))
    return {
        "jobs": {"ok": not now.silent, "seconds_since_last": now.jobs_seconds},
        "oldest_due": {"ok": waits <= settings.HEALTH_DUE_SECONDS, "seconds": waits},
        "outbox": {"ok": now.hold is None, "on_hold": now.hold is not None},
        "relay": {"ok": not now.relay},
        "texts": {"ok": not now.texts},
        "inbox": {"ok": not now.inbox},
        "tasks": {"ok": not tasks, "failed": tasks},
    }


def _disk() -> dict[str, Any]:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return {"ok": False, "free_mb": None}
    return {"ok": free >= LEAST_FREE, "free_mb": free // 1_000_000}


def is_migrated() -> bool:
    """Whether every migration of this code is applied. Cached once True, since a process never changes its code."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
