"""Approval by a second colleague: ask, read exactly what will be sent, and decide."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actions import domain_errors_in, refused
from core.errors import DomainError
from feedback.answers.forms import AskForm, ReadForm
from feedback.answers.services import approving, compose
from feedback.answers.services.release import language_name
from feedback.answers.views.answers import audience_words, draft_of, reach_of
from feedback.states import ApprovalState, FollowUpState
from neighbourhoods.access import staff
from neighbourhoods.states import Role


@staff(Role.EDITOR)
@require_POST
def followup_ask(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    form = AskForm(request.POST, follow_up=follow_up, by=request.user)
    if form.is_valid():
        chosen, seen = form.cleaned_data["of"], form.cleaned_data["seen"]
        try:
            approving.ask_approval(follow_up=follow_up, of=chosen, seen=seen, by=request.user)
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
    found = approving.current_approval(follow_up)
    try:
        if found is not None:
            approving.take_back_approval(approval=found, by=request.user)
            messages.success(request, _("Your question was taken back."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("followup_release", pk=pk)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def followup_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the colleague who was asked exactly what will be sent, and take their verdict."""
    follow_up = draft_of(request, pk)
    found = approving.current_approval(follow_up)
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
                approving.approve(approval=found, by=request.user, seen=seen)
                messages.success(request, _("Approved. Your colleague is told by mail."))
            else:
                remark = form.cleaned_data["remark"]
                approving.send_back(approval=found, by=request.user, seen=seen, remark=remark)
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
    return render(request, "feedback/followup_approve.html", context, status=refused(form))
