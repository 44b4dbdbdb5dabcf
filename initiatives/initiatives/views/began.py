"""The beginner's page of their initiative: state, updates, meetings, a picture, and stopping."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.links import LinkPurpose
from accounts.models import Receipt
from core.actions import typed_words
from core.errors import DomainError
from core.ids import is_id
from feedback.private.views.holder import holder
from initiatives.initiatives.forms.running import MeetingForm, OwnUpdateForm, PictureForm, StopForm
from initiatives.initiatives.services import telling
from initiatives.initiatives.services.began import begun_by, says_stop, tell_to_stop
from initiatives.models import Initiative
from initiatives.states import InitiativeState
from neighbourhoods.access import resident

WITH_FORM = ("update", "meeting", "picture", "stop")
_ACTION_NAMES = (*WITH_FORM, "call-off", "remove-picture")


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.PAGE)
def own_initiative(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    initiative = begun_by(receipt)
    if initiative is None:
        raise Http404
    action = request.POST.get("action", "")
    if request.method == "POST" and action not in _ACTION_NAMES:
        raise Http404
    bound: dict[str, forms.Form] = {}
    if request.method == "POST" and _done(request, initiative, receipt.language, action, bound):
        return redirect(f"{reverse('own_initiative', args=[token])}?done={action}")
    return _page(request, initiative, token, bound)


def _done(
    request: HttpRequest,
    initiative: Initiative,
    language: str,
    action: str,
    bound: dict[str, forms.Form],
) -> bool:
    """Whether the action succeeded; otherwise `bound` holds the form with its errors."""
    if action == "call-off":
        pk = request.POST.get("meeting", "")
        meeting = initiative.meetings.filter(pk=pk).first() if is_id(pk) else None
        if meeting:
            telling.call_off_meeting(meeting=meeting, by=None)
        return True
    if action == "remove-picture":
        telling.remove_picture(initiative=initiative, by=None)
        return True
    form = bound[action] = _form(request, initiative, action, language)
    if not form.is_valid():
        return False
    try:
        _do(initiative, action, form, language)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


def _form(request: HttpRequest | None, initiative: Initiative, action: str, language: str) -> Any:
    data = request.POST if request else None
    if action == "update":
        return OwnUpdateForm(data, prefix=action)
    if action == "meeting":
        return MeetingForm(data, prefix=action, languages=[language])
    if action == "picture":
        too_large = bool(request and request.META.get("nabij.upload_too_large"))
        files = request.FILES if request else None
        return PictureForm(data, files, prefix=action, languages=[language], too_large=too_large)
    return StopForm(data, prefix=action, never_began=initiative.never_began)


def _do(initiative: Initiative, action: str, form: Any, language: str) -> None:
    if action == "update":
        telling.send_update(initiative=initiative, text=form.cleaned_data["text"], language=language)
    elif action == "meeting":
        telling.send_meeting(initiative=initiative, when=form.when)
    elif action == "picture":
        sent = form.cleaned_data["picture"].read()
        telling.set_picture(initiative=initiative, sent=sent, alt=form.texts("alt"), by=None)
    else:
        tell_to_stop(initiative=initiative, words=form.cleaned_data["words"])


def _page(
    request: HttpRequest, initiative: Initiative, token: str, bound: dict[str, forms.Form]
) -> HttpResponse:
    language = initiative.receipt.language
    ended = initiative.state == InitiativeState.ENDED
    context = {
        "token": token,
        "initiative": initiative,
        "ended": ended,
        "typed": typed_words(request) if ended and bound else [],
        "stops": says_stop(initiative),
        "updates": initiative.updates.all()[:10],
        "meetings": initiative.meetings.to_come(),
        "picture": getattr(initiative, "picture", None),
        "done": request.GET.get("done", ""),
        "bound": next(iter(bound.values()), None),
        "opened": next(iter(bound), ""),
        "forms": {}
        if ended
        else {action: bound.get(action) or _form(None, initiative, action, language) for action in WITH_FORM},
    }
    return render(request, "initiatives/own.html", context, status=422 if bound else 200)
