"""The start page of a survey: who asks, why, how long, what is promised, and one button."""

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from neighbourhoods.access import resident
from neighbourhoods.models import Municipality
from neighbourhoods.texts import pick
from surveys import device
from surveys.models import Channel
from surveys.published import Published, published
from surveys.services.answer import NotAnswerable, begin
from surveys.states import Respondent, SurveyState
from surveys.walk import length


def find_channel(code: str) -> Channel:
    """The way in with this short address; 404 for one that does not exist or is not for residents yet."""
    channel = (
        Channel.objects.select_related("survey", "survey__current", "survey__current__backing", "area")
        .defer("survey__current__document")
        .filter(code__iexact=code)
        .first()
    )
    if channel is None or channel.survey.state == SurveyState.DRAFT:
        raise Http404
    return channel


@resident
@require_safe
def start(request: HttpRequest, code: str) -> HttpResponse:
    channel = find_channel(code)
    survey = channel.survey
    if survey.state != SurveyState.OPEN:
        return render(request, "surveys/answer/not_now.html", {"survey": survey, "channel": channel})
    frozen = published(survey.current_id, survey.current.digest)
    if device.has_answered(request, survey.pk) and "another" not in request.GET:
        return render(request, "surveys/answer/same_device.html", {"survey": survey, "channel": channel})
    context = {
        "survey": survey,
        "channel": channel,
        "document": frozen.document,
        "first": length(frozen.document.first_layer.asked),
        "people": _people(survey),
        "influence_words": pick(survey.influence_text, get_language() or "")
        or survey.get_influence_display(),
        "backers": _backers(survey, frozen),
        "submit_key": secrets.token_urlsafe(24),
        "respondent": _respondent(request.GET.get("as", "")),
        "under_way": device.under_way(request, survey.pk),
        "phone": Municipality.current().phone,
    }
    return render(request, "surveys/answer/start.html", context)


@resident
@require_POST
def begin_view(request: HttpRequest, code: str) -> HttpResponse:
    channel = find_channel(code)
    survey = channel.survey
    submit_key = request.POST.get("submit_key", "")[:64]
    if len(submit_key) < 16 or device.has_answered(request, survey.pk):
        # A page from before: whoever stands here now gets a participation of their own.
        submit_key = secrets.token_urlsafe(24)
    try:
        begun = begin(
            channel=channel,
            submit_key=submit_key,
            language=get_language() or "nl",
            respondent=_respondent(request.POST.get("as", "")),
        )
    except NotAnswerable:
        return redirect("start", code=channel.code)
    document = published(survey.current_id, survey.current.digest).document
    question = next((q.id for q in document.first_layer.asked if q.id in begun.response.shown), None)
    goal = (
        redirect("question", code=channel.code, question=question)
        if question
        else redirect("thanks", code=code)
    )
    device.remember(goal, survey.pk, begun.response.pk, begun.code)
    return goal


def _respondent(value: str) -> str:
    return value if value in Respondent.values else Respondent.RESIDENT


def _people(survey) -> int:
    """How many took part, as the public may know it: from the last snapshot, rounded."""
    snapshot = survey.snapshots.only("tables").first()
    return snapshot.rounded_responses if snapshot else 0


def _backers(survey, frozen: Published) -> list[dict[str, object]]:
    """Who stands behind it and who sees to it, by role."""
    backing = survey.current.backing
    backers = []
    if backing and backing.backer_title:
        backers.append({"name": backing.backer_title, "text": _("backs this.")})
    backers.append({"name": frozen.document.owner_role, "text": _("sees to it.")})
    return backers
