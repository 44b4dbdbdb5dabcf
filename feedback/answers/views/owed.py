"""Open debts of one topic, one owner or one promise, and settling them by hand."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Contact, User
from accounts.states import DeliveryChannel
from core.actions import domain_errors_in
from core.deadlines import days_left
from core.rows import is_id
from feedback.answers.services import board, compose, promises, reckoning
from feedback.answers.views.board import answer_url_for_topic, status, topic_name, with_quoted_text
from feedback.contributions.forms import (
    DebtSelectionForm,
    HandOverForm,
    InPersonForm,
    MovePromiseForm,
    WaiveForm,
)
from feedback.contributions.services import audience, closing
from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.states import Owed
from neighbourhoods.access import require, staff
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role

_PAGE_SIZE = 50


# --- one topic --------------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_GET
def topic(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Topic.objects.visible_to(request.user).select_related("area", "theme"), pk=pk)
    return _topic_page(request, found)


@staff(Role.EDITOR)
@require_POST
def topic_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    found, owed = _topic_to_settle(request, pk, Role.EDITOR)
    form = HandOverForm(request.POST, owed=owed, areas=[found.area_id])
    return _settle(
        request, found, form, "hand_over",
        lambda: closing.hand_over_debts(owed=form.chosen, to=form.cleaned_data["to"], by=request.user),
        lambda count: ngettext(
            "Handed over: %(count)d answer owed.", "Handed over: %(count)d answers owed.", count
        ) % {"count": count},
    )  # fmt: skip


@staff(Role.COORDINATOR)
@require_POST
def in_person(request: HttpRequest, pk: int) -> HttpResponse:
    found, owed = _topic_to_settle(request, pk, Role.COORDINATOR)
    form = InPersonForm(request.POST, owed=owed)
    return _settle(
        request, found, form, "in_person",
        lambda: closing.answer_in_person(owed=form.chosen, note=form.cleaned_data["note"], by=request.user),
        lambda count: ngettext(
            "Kept: %(count)d person was answered.", "Kept: %(count)d people were answered.", count
        ) % {"count": count},
    )  # fmt: skip


@staff(Role.EDITOR)
@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    found, owed = _topic_to_settle(request, pk, Role.EDITOR)
    form = WaiveForm(request.POST, owed=owed)
    return _settle(
        request, found, form, "waive",
        lambda: closing.waive(owed=form.chosen, reason=form.cleaned_data["reason"], by=request.user),
        lambda count: ngettext(
            "Off the board: %(count)d person reads your reason.",
            "Off the board: %(count)d people read your reason.",
            count,
        ) % {"count": count},
    )  # fmt: skip


def _topic_to_settle(request: HttpRequest, pk: int, role: Role) -> tuple[Topic, QuerySet[AnswerOwed]]:
    """The topic and those of its debts the user may settle: all in their areas, else their own. Raises
    PermissionDenied if none."""
    found = get_object_or_404(Topic.objects.visible_to(request.user).select_related("area", "theme"), pk=pk)
    owed = AnswerOwed.objects.filter(topic=found, state=Owed.OPEN)
    if not request.desk.can(role, [found.area]):
        owed = owed.filter(owner=request.user)
        if not owed.exists():
            raise PermissionDenied
    return found, owed


def _settle(
    request: HttpRequest, found: Topic, form: DebtSelectionForm, name: str, action: Any, said: Any
) -> HttpResponse:
    if form.is_valid():
        with domain_errors_in(form):
            count = action()
            messages.success(request, said(count))
            return redirect("topic", pk=found.pk)
    return _topic_page(request, found, **{name: form})


def _topic_page(request: HttpRequest, found: Topic, **bound: DebtSelectionForm) -> HttpResponse:
    visible = AnswerOwed.objects.visible_to(request.user).filter(topic=found)
    owner = request.GET.get("owner", "")
    only = User.objects.filter(pk=owner).first() if is_id(owner) else None
    if only:
        visible = visible.filter(owner=only)
    waiting = visible.waiting()
    may_write = request.desk.has(Role.EDITOR)
    to_tell = (
        audience.answerable(visible, request.user).values("receipt").distinct().count() if may_write else 0
    )
    after = request.GET.get("after", "")
    page = _page_of(waiting, after)
    settled = dict(
        visible.exclude(state=Owed.OPEN).order_by().values_list("state").annotate(count=Count("pk"))
    )
    rows, _more = board.board_rows(visible, "topic")
    forms = {
        "in_person": bound.get("in_person") or InPersonForm(owed=waiting),
        "hand_over": bound.get("hand_over") or HandOverForm(owed=waiting, areas=[found.area_id]),
        "waive": bound.get("waive") or WaiveForm(owed=waiting),
    }
    context = {
        "topic": found,
        "quoted_text": with_quoted_text(Topic.objects.filter(pk=found.pk), request.user)
        .values_list("quoted_text", flat=True)
        .first(),
        "row": rows[0] if rows else None,
        "status": status(rows[0].days_left) if rows else None,
        "debts": [(debt, status(days_left(debt.due_on))) for debt in page[:_PAGE_SIZE]],
        "next_url": _next(page, only),
        "only": only,
        "reached": to_tell,
        "is_on_its_way": waiting.exists() and not audience.answerable_debts(visible).exists(),
        "settled": [(Owed(state).label, count) for state, count in sorted(settled.items())],
        "answer_url": answer_url_for_topic(found, owner=only.pk if only else "") if to_tell else "",
        "promise": Promise.objects.filter(subject=found.source).first(),
        "ticked": {int(pk) for pk in request.POST.getlist("debt") if is_id(pk)},
        "may_edit": request.desk.can(Role.EDITOR, [found.area])
        or waiting.filter(owner=request.user).exists(),
        "may_care": request.desk.can(Role.COORDINATOR, [found.area]),
        "bound": next(iter(bound.values()), None),
        **forms,
    }
    return render(request, "feedback/topic.html", context, status=422 if any(bound.values()) else 200)


def _next(page: list[AnswerOwed], only: User | None) -> str:
    if len(page) <= _PAGE_SIZE:
        return ""
    asked = {"after": f"{page[_PAGE_SIZE - 1].due_on.isoformat()}~{page[_PAGE_SIZE - 1].pk}"}
    return f"?{urlencode(asked | ({'owner': only.pk} if only else {}))}"


def _page_of(waiting: QuerySet[AnswerOwed], after: str) -> list[AnswerOwed]:
    """One page plus one row, in the order of the board (keyset pagination)."""
    reachable = Contact.objects.reachable().filter(receipt=OuterRef("receipt"))
    by = {f"by_{carrier}": Exists(reachable.by(carrier)) for carrier in DeliveryChannel.values}
    waiting = waiting.select_related("contribution", "owner").annotate(**by).order_by("due_on", "pk")
    day, _tilde, pk = after.partition("~")
    if is_id(pk) and (moment := board.day_of(day)):
        later = waiting.filter(due_on__gt=moment) | waiting.filter(due_on=moment, pk__gt=pk)
        return list(later[: _PAGE_SIZE + 1])
    return list(waiting[: _PAGE_SIZE + 1])


# --- one owner --------------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_GET
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    found, owed = _owner(request, pk)
    return _owner_page(request, found, owed)


@staff(Role.EDITOR)
@require_POST
def owner_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """For a colleague who leaves: by themselves, or by an administrator of all areas concerned."""
    found, owed = _owner(request, pk)
    areas = _areas_of(found)
    if found != request.user:
        require(request, Role.ADMINISTRATOR, *areas)
    form = HandoverForm(request.POST, areas=[area.pk for area in areas], without=found)
    if form.is_valid():
        with domain_errors_in(form):
            count = closing.hand_over_all_work(owner=found, to=form.cleaned_data["to"], by=request.user)
            messages.success(
                request,
                ngettext("Handed over: %(count)d answer owed.", "Handed over: %(count)d answers owed.", count)
                % {"count": count},
            )
            return redirect("waiting")
    return _owner_page(request, found, owed, form)


def _owner(request: HttpRequest, pk: int) -> tuple[User, QuerySet[AnswerOwed]]:
    """The user, or a colleague with a debt or promise visible to the user; otherwise Http404."""
    found = get_object_or_404(User, pk=pk)
    owed = AnswerOwed.objects.visible_to(request.user).filter(owner=found)
    if found != request.user and not owed.exists():
        get_object_or_404(Promise.objects.visible_to(request.user).filter(owner=found)[:1])
    return found, owed


def _areas_of(found: User) -> list[Area]:
    return list(
        Area.objects.filter(
            pk__in=AnswerOwed.objects.waiting().filter(owner=found).values("topic__area").distinct()
        )
    )


def _owner_page(
    request: HttpRequest, found: User, owed: QuerySet[AnswerOwed], form: HandoverForm | None = None
) -> HttpResponse:
    areas = _areas_of(found)
    is_me = found == request.user
    may = is_me and request.desk.has(Role.EDITOR)
    leads = request.desk.can(Role.ADMINISTRATOR, areas) if areas else request.desk.has(Role.ADMINISTRATOR)
    counts = board.counts(owed)
    context = {
        "owner": found,
        "is_me": is_me,
        "counts": counts,
        "figures": owed.cached_result(request.user, board.board_figures),
        "parts": [_part(request, owed, part, counts) for part in board.TO_ANSWER_PARTS if counts[part]],
        "may_listen": request.desk.has(Role.COORDINATOR),
        "rates": _rates(request, found, leads),
        "asked": compose.approvals_waiting_for(request.user) if is_me else [],
        "promises": Promise.objects.visible_to(request.user).filter(owner=found).order_by("due_on"),
        "may_hand_over": may or request.desk.can(Role.ADMINISTRATOR, areas),
        "form": form or HandoverForm(areas=[area.pk for area in areas], without=found),
    }
    return render(request, "feedback/owner.html", context, status=422 if form else 200)


def _rates(request: HttpRequest, found: User, leads: bool) -> reckoning.Rates | None:
    """Only for themselves, and for the lead where they answered."""
    if found == request.user:
        return reckoning.rates_of_owner(found.pk, FollowUp.objects.all())
    return reckoning.rates_of_owner(found.pk, FollowUp.objects.led_by(request.user)) if leads else None


def _part(
    request: HttpRequest, owed: QuerySet[AnswerOwed], part: str, counts: dict[str, int]
) -> dict[str, Any]:
    """One page of one part, with the link to the next; the other parts keep their page."""
    here = {
        name: after
        for name in board.TO_ANSWER_PARTS
        if (after := request.GET.get(name, "").replace("\0", ""))
    }
    found, more = board.groups_to_answer(owed, part, here.get(part, ""))
    readable = board.readable_contributions(found, request.user)
    here_is = [(line.topic or line.first.topic).area_id for line in found]
    topics = [line.key for line in found] if part == board.GROUPS_PART else []
    reached = _reached(request, owed, topics)
    mine = Area.objects.where(request.user, least=Power.EDITOR)  # type: ignore[arg-type]
    writes_in = set(mine.filter(pk__in=here_is).values_list("pk", flat=True))
    return {
        "name": part,
        "count": counts[part],
        "lines": [
            {
                "line": line,
                "status": status(line.days_left),
                "topic": line.topic or line.first.topic,
                "name": topic_name(line.topic or line.first.topic),
                "may_write": line.key in reached
                if part == board.GROUPS_PART
                else line.first.topic.area_id in writes_in,
                "reached": reached.get(line.key, line.people),
                "words": line.words if line.words and line.words.pk in readable else None,
                "unread": line.unread if line.unread and line.unread.pk in readable else None,
            }
            for line in found
        ],
        "next_url": f"?{urlencode(here | {part: found[-1].after})}#{part}" if more else "",
        "first_url": f"?{urlencode({k: v for k, v in here.items() if k != part})}#{part}"
        if part in here
        else "",
    }


def _reached(request: HttpRequest, owed: QuerySet[AnswerOwed], topics: list[int]) -> dict[int, int]:
    grouped = board.groupable_debts(owed)
    return (
        board.people_per_group(audience.answerable(grouped, request.user), "topic", topics) if topics else {}
    )


# --- one promise ------------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_GET
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Promise.objects.visible_to(request.user).select_related("owner"), pk=pk)
    return _promise_page(request, found)


@staff(Role.EDITOR)
@require_POST
def move_promise(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Promise.objects.visible_to(request.user).select_related("owner"), pk=pk)
    if found.owner != request.user:
        require(request, Role.EDITOR, *_areas_under(found))
    form = MovePromiseForm(request.POST, promise=found)
    if form.is_valid():
        with domain_errors_in(form):
            count = promises.move_promise(
                promise=found,
                due_on=form.cleaned_data["due_on"],
                reason=form.reason,
                by=request.user,
                seen=form.cleaned_data["seen"],
            )
            messages.success(
                request,
                ngettext(
                    "Moved. %(count)d answer owed has the new date, and your reason stands beside it.",
                    "Moved. %(count)d answers owed have the new date, and your reason stands beside it.",
                    count,
                )
                % {"count": count},
            )
            return redirect("promise", pk=found.pk)
    return _promise_page(request, found, form)


def _areas_under(found: Promise) -> list[Area]:
    return list(Area.objects.filter(topics__source=found.subject).distinct())


def _promise_page(request: HttpRequest, found: Promise, form: MovePromiseForm | None = None) -> HttpResponse:
    owed = AnswerOwed.objects.filter(topic__source=found.subject)
    may_move = request.desk.has(Role.EDITOR) and (
        found.owner == request.user or request.desk.can(Role.EDITOR, _areas_under(found))
    )
    context = {
        "promise": found,
        "figures": owed.cached_result(request.user, board.board_figures),
        "status": status(days_left(found.due_on)),
        "may_move": may_move,
        "may_round_off": may_move and closing.may_be_rounded_off(found),
        "form": form or MovePromiseForm(promise=found),
        "board_url": f"{reverse('waiting')}?source={found.subject}",
    }
    return render(request, "feedback/promise.html", context, status=422 if form else 200)
