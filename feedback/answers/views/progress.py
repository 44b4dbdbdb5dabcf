"""Progress notes on an answer: add, take back, or tell all its readers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actions import dispatch, domain_errors_in, refused
from feedback.answers.forms import ProgressForm
from feedback.answers.services import progress
from feedback.answers.views.answers import draft_of
from feedback.models import FollowUp, Progress
from feedback.record.services.public_record import chain_of
from feedback.states import FollowUpState
from neighbourhoods.access import staff
from neighbourhoods.states import Role


def noted_of(follow_up: FollowUp) -> list[Progress]:
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
            progress.note_progress(
                follow_up=follow_up,
                kind=data["kind"],
                on=data["on"],
                text=form.texts("text"),
                by=request.user,
            )
            messages.success(request, _("Everybody can read it now."))
            return redirect("followup_progress", pk=pk)
    context = {"follow_up": follow_up, "form": form}
    return render(request, "feedback/followup_note.html", context, status=refused(form))


@staff(Role.EDITOR)
@require_POST
def followup_note_do(request: HttpRequest, pk: int, note: int, verb: str) -> HttpResponseBase:
    """Take a note back, or start a draft that tells it to all readers."""
    follow_up = draft_of(request, pk)
    one = get_object_or_404(Progress, pk=note, follow_up__in=chain_of(follow_up))
    actions = {
        "back": lambda: progress.take_back_progress(progress=one, by=request.user),
        "tell": lambda: redirect("followup", pk=progress.tell_progress(progress=one, by=request.user).pk),
    }
    said = _("Nobody reads it any more.")
    return dispatch(request, actions, verb, back=reverse("followup_progress", args=[pk]), said=said)
