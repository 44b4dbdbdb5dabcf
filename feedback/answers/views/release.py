"""Release of a follow-up: a second reader, the hold, what became of it, its readers, and corrections."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.actions import dispatch, domain_errors_in, form_status
from core.errors import DomainError, InvalidTransition
from feedback.answers.forms import AskForm, ProgressForm, ReadForm, ReleaseForm
from feedback.answers.services import compose, looking_back, reckoning, release
from feedback.answers.services.reckoning import (
    count_delivery,
    count_scheduled_items,
    items_per_carrier,
    receipts_in_part,
)
from feedback.answers.services.release import language_name
from feedback.answers.views.answers import (
    DELIVERY_PART_LABELS,
    audience_words,
    draft_of,
    reach_of,
    reach_parts,
    reader_cursor,
    sum_parts,
)
from feedback.models import Contribution, FollowUp, FollowUpItem, FulfilmentCheck, NamedDebt, Progress
from feedback.record.services.public_record import PUBLIC_STATES, chain_of, current_version
from feedback.registries import audiences
from feedback.states import ApprovalState, FollowUpState
from neighbourhoods.access import staff
from neighbourhoods.models import ParticipationRules
from neighbourhoods.states import Role

RECEIPTS_PAGE_SIZE = 50


@staff(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def followup_release(request: HttpRequest, pk: int) -> HttpResponse:
    """The last check: whom it reaches and in which languages. POST starts the hold."""
    follow_up = draft_of(request, pk)
    if follow_up.state != FollowUpState.DRAFT:
        return redirect("followup_progress", pk=pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None, follow_up=follow_up)
    if request.method == "POST" and form.is_valid():
        try:
            release.schedule_release(follow_up=follow_up, by=request.user, seen=form.cleaned_data["seen"])
        except InvalidTransition as error:
            # The page now shows the colleague's version, so the tick must be set again.
            follow_up.refresh_from_db()
            form = ReleaseForm({"seen": follow_up.digest}, follow_up=follow_up)
            form.add_error(None, str(error))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("followup_progress", pk=pk)
    return _release_page(request, follow_up, form)


def _release_page(request: HttpRequest, follow_up: FollowUp, form: ReleaseForm) -> HttpResponse:
    reach = reach_of(request, follow_up)
    lacks = ""
    try:
        release.refuse_unfinished(follow_up)
    except DomainError as error:
        lacks = str(error)
    context = {
        "follow_up": follow_up,
        "form": form,
        "lacks": lacks,
        "reach": reach,
        "parts": reach_parts(reach, compose.count_unsubscribed(follow_up)),
        "said": audience_words(follow_up),
        "hold": _hold_in_words(),
        "costs": reckoning.estimated_costs(texts=reach.by_text, letters=reach.by_letter),
        "spoken": _spoken(request, follow_up, reach.languages),
        "approval": compose.current_approval(follow_up),
        "must_be_read": ParticipationRules.uncached().second_reader,
        "unread": _unread(follow_up),
        "asking": AskForm(follow_up=follow_up, by=request.user),
    }
    return render(request, "feedback/followup_release.html", context, status=form_status(form))


def _spoken(request: HttpRequest, follow_up: FollowUp, readers: dict[str, int]) -> list[dict[str, Any]]:
    """Each language it was asked or answered in, and the language its readers get."""
    source = follow_up.audience["source"]
    asked = [
        code
        for ask in audiences
        for one in ask(request.user)
        if one.source == source
        for code in one.languages
    ]
    return [
        {
            "code": one.code,
            "name": release.language_name(one.code),
            "readers": one.readers,
            "lacks": one.lacks,
            "other": release.language_name(one.told_in) if one.told_in not in ("", one.code) else "",
        }
        for one in compose.reader_languages(follow_up, readers, asked)
    ]


def _unread(follow_up: FollowUp) -> str:
    """Why a missing approval blocks release, or ""."""
    try:
        compose.refuse_unread(follow_up)
    except DomainError as error:
        return str(error)
    return ""


def _hold_in_words() -> str:
    """ "10 minutes", or "90 seconds" if not whole minutes; "" without a hold."""
    minutes, seconds = divmod(settings.HOLD_SECONDS, 60)
    if seconds:
        return ngettext("%(n)s second", "%(n)s seconds", settings.HOLD_SECONDS) % {"n": settings.HOLD_SECONDS}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes} if minutes else ""


@staff(Role.EDITOR)
@require_POST
def followup_stop(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    try:
        release.stop_release(follow_up=follow_up, by=request.user)
    except InvalidTransition as error:
        messages.error(request, str(error))
        return redirect("followup_progress", pk=pk)
    messages.success(request, _("Stopped. Nobody saw anything, and it is a draft again."))
    return redirect("followup", pk=pk)


@staff(Role.VIEWER)
@require_GET
def followup_progress(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = get_object_or_404(
        FollowUp.objects.visible_to(request.user).select_related("owner", "released_by", "corrects"), pk=pk
    )
    if follow_up.state == FollowUpState.DRAFT:
        return redirect("followup", pk=pk) if request.desk.has(Role.EDITOR) else redirect("followups")
    total = count_delivery(follow_up)
    context = {
        "follow_up": follow_up,
        "item": {"follow_up": follow_up, "created_at": follow_up.released_at or follow_up.hold_until},
        "sum": total,
        "by": items_per_carrier(follow_up),
        "costs": reckoning.actual_costs(follow_up),
        "parts": sum_parts(follow_up, total),
        "waits": count_scheduled_items(follow_up, timezone.now()),
        "on_the_way": total.on_hold + total.pending + total.in_hand,
        "said": audience_words(follow_up),
        "corrections": follow_up.corrections.order_by("pk"),
        "is_public": follow_up.state in PUBLIC_STATES and not follow_up.is_personal,
        "noted": progress_notes_of(follow_up),
        "may_write": request.desk.can(Role.EDITOR, follow_up.areas.all()),
        "reactions": _reactions(follow_up),
        "rates": reckoning.rates_of_follow_up(follow_up),
        "asked_back": FulfilmentCheck.objects.filter(item__follow_up=follow_up).count(),
    }
    return render(request, "feedback/followup_progress.html", context)


def _reactions(follow_up: FollowUp) -> dict[str, int]:
    items = FollowUpItem.objects.filter(follow_up=follow_up)
    return {
        "yes": items.filter(reaction__answers_me=True).count(),
        "no": items.filter(reaction__answers_me=False).count(),
        "mailed": Contribution.objects.filter(
            topic__key=f"reaction:{follow_up.pk}", slot__startswith="reply:"
        ).count(),
    }


@staff(Role.VIEWER)
@require_GET
def followup_people(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Readers in one part of the sums: by the debts they are owed, never by address."""
    follow_up = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk)
    if part not in DELIVERY_PART_LABELS or part == "erased":
        raise Http404
    page = receipts_in_part(follow_up, part, after=reader_cursor(request), most=RECEIPTS_PAGE_SIZE + 1)
    shown = page[:RECEIPTS_PAGE_SIZE]
    items = {
        item.receipt_id: item
        for item in FollowUpItem.objects.filter(follow_up=follow_up, receipt__in=shown).select_related(
            "message"
        )
    }
    named: dict[Any, list[NamedDebt]] = {}
    for debt in (
        NamedDebt.objects.filter(follow_up=follow_up, receipt__in=shown)
        .select_related("owed__topic")
        .order_by("owed")
    ):
        named.setdefault(debt.receipt_id, []).append(debt)
    context = {
        "follow_up": follow_up,
        "label": DELIVERY_PART_LABELS[part][1],
        "people": [(named.get(receipt, []), items.get(receipt)) for receipt in shown],
        "next_url": f"?after={shown[-1]}" if len(page) > RECEIPTS_PAGE_SIZE else "",
        "to_resolve": part in ("failed", "uncertain", "bounced"),
    }
    return render(request, "feedback/followup_people.html", context)


@staff(Role.EDITOR)
@require_POST
def followup_correct(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    if follow_up.state in (FollowUpState.DRAFT, FollowUpState.HOLD):
        messages.error(request, _("Nobody has this answer yet: change it instead of correcting it."))
        return redirect("followup", pk=pk)
    holds = current_version(follow_up)  # the latest version, if it was corrected already
    made = compose.start_follow_up(chosen=holds.audience, by=request.user, corrects=holds)
    return redirect("followup", pk=made.pk)


# --- approval ------------------------------------------------------------------------------------
# Approval by a second colleague: ask, read exactly what will be sent, and decide.


@staff(Role.EDITOR)
@require_POST
def followup_ask(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    form = AskForm(request.POST, follow_up=follow_up, by=request.user)
    if form.is_valid():
        chosen, seen = form.cleaned_data["of"], form.cleaned_data["seen"]
        try:
            compose.ask_approval(follow_up=follow_up, approver=chosen, seen=seen, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("%(colleague)s is asked by mail to read this.") % {"colleague": chosen}
            )
    else:
        messages.error(request, _("Choose a colleague who may write here and did not write this."))
    return redirect("followup_release", pk=pk)


@staff(Role.EDITOR)
@require_POST
def followup_ask_back(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    found = compose.current_approval(follow_up)
    try:
        if found is not None:
            compose.take_back_approval(approval=found, by=request.user)
            messages.success(request, _("Your question was taken back."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("followup_release", pk=pk)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def followup_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the colleague who was asked exactly what will be sent, and take their verdict."""
    follow_up = draft_of(request, pk)
    found = compose.current_approval(follow_up)
    if (
        found is None
        or found.asked_of != request.user
        or found.state != ApprovalState.ASKED
        or follow_up.state != FollowUpState.DRAFT
    ):
        return redirect("followup_release", pk=pk)
    form = ReadForm(request.POST if request.method == "POST" else None, follow_up=follow_up)
    if form.is_valid():
        seen = form.cleaned_data["seen"]
        with domain_errors_in(form):
            if form.cleaned_data["verdict"] == "approve":
                compose.approve(approval=found, by=request.user, seen=seen)
                messages.success(request, _("Approved. Your colleague is told by mail."))
            else:
                remark = form.cleaned_data["remark"]
                compose.send_back(approval=found, by=request.user, seen=seen, remark=remark)
                messages.success(request, _("Sent back, with your remark."))
            return redirect("followups")
    reach = reach_of(request, follow_up)
    spoken = [one for one in compose.reader_languages(follow_up, reach.languages) if one.readers]
    context = {
        "follow_up": follow_up,
        "approval": found,
        "is_changed": found.digest != follow_up.digest,
        "form": form,
        "reach": reach,
        "said": audience_words(follow_up),
        "languages": [(one.code, language_name(one.code)) for one in spoken],
    }
    return render(request, "feedback/followup_approve.html", context, status=form_status(form))


# --- progress ------------------------------------------------------------------------------------
# Progress notes on an answer: add, take back, or tell all its readers.


def progress_notes_of(follow_up: FollowUp) -> list[Progress]:
    """Public notes on an answer and all its corrections, latest first."""
    found = Progress.objects.shown().filter(follow_up__in=chain_of(follow_up))
    return list(found.select_related("noted_by", "told_in").order_by("-on", "-pk"))


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def followup_note(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    if follow_up.state in (FollowUpState.DRAFT, FollowUpState.HOLD) and request.method != "POST":
        messages.error(request, _("Nobody has this answer yet. Release it first."))
        return redirect("followup_progress", pk=pk)
    form = ProgressForm(request.POST if request.method == "POST" else None, follow_up=follow_up)
    if form.is_valid():
        data = form.cleaned_data
        with domain_errors_in(form):
            looking_back.note_progress(
                follow_up=follow_up,
                kind=data["kind"],
                on=data["on"],
                text=form.texts("text"),
                by=request.user,
            )
            messages.success(request, _("Everybody can read it now."))
            return redirect("followup_progress", pk=pk)
    context = {"follow_up": follow_up, "form": form}
    return render(request, "feedback/followup_note.html", context, status=form_status(form))


@staff(Role.EDITOR)
@require_POST
def followup_note_do(request: HttpRequest, pk: int, note: int, verb: str) -> HttpResponseBase:
    """Take a note back, or start a draft that tells it to all readers."""
    follow_up = draft_of(request, pk)
    one = get_object_or_404(Progress, pk=note, follow_up__in=chain_of(follow_up))
    actions = {
        "back": lambda: looking_back.take_back_progress(progress=one, by=request.user),
        "tell": lambda: redirect(
            "followup", pk=looking_back.draft_progress_follow_up(progress=one, by=request.user).pk
        ),
    }
    said = _("Nobody reads it any more.")
    return dispatch(request, actions, verb, back=reverse("followup_progress", args=[pk]), said=said)
