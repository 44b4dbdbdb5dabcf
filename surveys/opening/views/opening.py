"""Life cycle of a survey: publish, ask a backer, open, pause, resume, close."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in
from core.errors import DomainError
from feedback import models as feedback
from feedback.models import AnswerOwed
from feedback.states import Owed
from neighbourhoods.access import staff
from neighbourhoods.models import Backing
from neighbourhoods.states import Role
from surveys.builder.forms.survey import BackerForm
from surveys.builder.services.publish import (
    PublicationRefused,
    publish_survey,
    return_to_draft,
    withdraw_pending_version,
)
from surveys.builder.services.readiness import open_remarks
from surveys.builder.views.desk import find_survey
from surveys.models import Survey
from surveys.opening.services import running
from surveys.states import SURVEY_TRANSITIONS, SurveyState


@dataclass(frozen=True)
class OpeningStep:
    """One button: its target state, its label, and what it means for residents."""

    verb: str
    to: str
    label: str | Promise
    means: str | Promise
    done: str | Promise
    action: Callable[..., Any]
    is_final: bool = False
    goes_on: bool = False
    """Whether this is the next step: the one button that stands out."""
    for_pending_version: bool = False


_STEPS = {
    step.verb: step
    for step in (
        OpeningStep(
            "publish",
            SurveyState.PUBLISHED,
            gettext_lazy("Publish"),
            gettext_lazy(
                "The text is frozen as a version that a backer can sign. Residents see nothing yet."
            ),
            gettext_lazy("Published. Now ask somebody to stand behind it."),
            publish_survey,
            goes_on=True,
        ),
        OpeningStep(
            "take-back",
            SurveyState.DRAFT,
            gettext_lazy("Take back and change"),
            gettext_lazy("The survey becomes a draft again. Another text needs another signature."),
            gettext_lazy("It is a draft again."),
            return_to_draft,
        ),
        OpeningStep(
            "open",
            SurveyState.OPEN,
            gettext_lazy("Open the survey"),
            gettext_lazy(
                "From now on residents can answer, and each answer is owed an answer before your date."
            ),
            gettext_lazy("The survey is open."),
            running.open_survey,
            goes_on=True,
        ),
        OpeningStep(
            "go-live",
            "",
            gettext_lazy("Put the new version live"),
            gettext_lazy(
                "From now on residents begin in the new version. Who is answering now goes on in the one before."
            ),
            gettext_lazy("The new version is live."),
            running.make_version_current,
            for_pending_version=True,
            goes_on=True,
        ),
        OpeningStep(
            "drop",
            "",
            gettext_lazy("Take the new version back"),
            gettext_lazy("Nobody is asked to sign it any more. What you wrote stays, and can be changed."),
            gettext_lazy("The new version is taken back. The one before runs on."),
            withdraw_pending_version,
            for_pending_version=True,
        ),
        OpeningStep(
            "pause",
            SurveyState.PAUSED,
            gettext_lazy("Pause the survey"),
            gettext_lazy(
                "Nobody new can begin. People who began may finish. What is promised stays promised."
            ),
            gettext_lazy("Paused. Nobody new can begin."),
            running.pause_survey,
        ),
        OpeningStep(
            "resume",
            SurveyState.OPEN,
            gettext_lazy("Open the survey again"),
            gettext_lazy("From now on residents can answer again."),
            gettext_lazy("The survey is open again."),
            running.resume_survey,
            goes_on=True,
        ),
        OpeningStep(
            "close",
            SurveyState.CLOSED,
            gettext_lazy("Close the survey"),
            gettext_lazy(
                "Nobody can answer any more, and the public gets the final results. This can't be undone."
            ),
            gettext_lazy("The survey is closed. Everybody who answered still gets an answer."),
            running.close_survey,
            is_final=True,
        ),
    )
}


@staff(Role.VIEWER)
@require_safe
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk)
    return _page(request, survey, BackerForm(survey=survey) if _may_ask(request, survey) else None)


@staff(Role.EDITOR)
@require_POST
def ask_backer_view(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    form = BackerForm(request.POST, survey=survey)
    if form.is_valid():
        with domain_errors_in(form):
            running.ask_backer(
                survey=survey,
                backer=form.cleaned_data["backer"],
                statement=form.statement,
                until=form.cleaned_data["until"],
                by=request.user,
            )
            messages.success(request, _("Asked. You see here when it is signed."))
            return redirect("survey_opening", pk=pk)
    return _page(request, survey, form, status=422)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Explains the consequences, then performs the step."""
    survey = find_survey(request, pk, to_change=True)
    step = _STEPS.get(verb)
    if step is None:
        raise Http404
    if request.method == "POST":
        try:
            step.action(survey=survey, by=request.user)
        except PublicationRefused as refusal:
            messages.error(request, str(refusal))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(step.done))
        return redirect("survey_opening", pk=pk)
    if step not in _steps(survey):
        return redirect("survey_opening", pk=pk)
    return render(
        request, "surveys/desk/step.html", {"survey": survey, "step": step, "waiting": _waiting(survey)}
    )


def _page(request: HttpRequest, survey: Survey, form: BackerForm | None, status: int = 200) -> HttpResponse:
    version = survey.coming or survey.current
    found = open_remarks(survey) if survey.state == SurveyState.DRAFT else []
    context = {
        "survey": survey,
        "version": version,
        "form": form,
        "stops": [remark for remark in found if remark.is_stop],
        "warnings": [remark for remark in found if not remark.is_stop],
        "versions": survey.versions.defer("document"),
        "backings": Backing.objects.filter(subject=version.subject).select_related("backer")
        if version
        else [],
        "backing": running.backing_of(version) if version else None,
        "steps": _steps(survey) if request.desk.can(Role.EDITOR, survey.areas.all()) else [],  # type: ignore[attr-defined]
        "waiting": _waiting(survey),
        "promise": feedback.Promise.objects.filter(subject=survey.subject).first()
        if survey.state == SurveyState.CLOSED
        else None,
        "channel": survey.channels.first(),
    }
    return render(request, "surveys/desk/opening.html", context, status=status)


def _steps(survey: Survey) -> list[OpeningStep]:
    """The buttons that fit the state. Opening and reopening have different labels."""
    again = survey.opened_at is not None
    return [
        step
        for step in _STEPS.values()
        if (bool(survey.coming) if step.for_pending_version else step.to in SURVEY_TRANSITIONS[survey.state])
        and (step.to != SurveyState.OPEN or (step.verb == "resume") == again)
    ]


def _may_ask(request: HttpRequest, survey: Survey) -> bool:
    is_editor = request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    return bool((survey.state == SurveyState.PUBLISHED or survey.coming) and is_editor)


def _waiting(survey: Survey) -> int:
    return AnswerOwed.objects.filter(topic__source=survey.subject, state=Owed.OPEN).count()
