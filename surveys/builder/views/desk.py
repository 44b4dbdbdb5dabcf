"""Pages around a draft: the list of surveys, a change after publication, the preview, dismissed lints."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.answering.views.answering import block, skip_label
from surveys.builder.changes import document_changes, is_meaning
from surveys.builder.forms.question import ReasonForm
from surveys.builder.forms.survey import NewSurveyForm, RepublishForm
from surveys.builder.services.draft import ChangedMeanwhile
from surveys.builder.services.freeze import parse_draft, parse_draft_if_valid
from surveys.builder.services.publish import publish_again, unpublished_changes
from surveys.builder.services.readiness import (
    dismiss_remark,
    publish_blockers,
    remarks_with_dismissals,
    restore_remark,
)
from surveys.builder.services.start import start_survey
from surveys.models import Survey
from surveys.questionnaire.document import parse
from surveys.questionnaire.question_types import type_of
from surveys.questionnaire.walk import QuestionPosition
from surveys.states import SurveyState, VersionKind
from surveys.wording import describe_changes

# A colleague's list of surveys, and starting one.


_SURVEYS_SHOWN = 100


def find_survey(request: HttpRequest, pk: int, *, to_change: bool = False) -> Survey:
    """The survey with its draft; 404 if not visible, 403 if it may only be viewed."""
    survey = get_object_or_404(Survey.objects.visible_to(request.user).with_draft(), pk=pk)
    if to_change:
        require(request, Role.EDITOR, *survey.areas.all())
    return survey


def find_published(request: HttpRequest, pk: int, *, to_change: bool = False) -> Survey:
    """As find_survey without the draft, for pages about what was published."""
    visible = Survey.objects.visible_to(request.user).select_related("current").prefetch_related("areas")
    survey = get_object_or_404(visible, pk=pk)
    if to_change:
        require(request, Role.EDITOR, *survey.areas.all())
    return survey


def edited_language(request: HttpRequest, survey: Survey) -> str:
    """The language being edited: of the address, else the colleague's own, else the survey's first."""
    asked = request.POST.get("language") or request.GET.get("language", "")
    wanted = (asked, get_language(), *survey.languages)
    return next((code for code in wanted if code in survey.languages), "nl")


def retry_on_edit_conflict(page: Callable[[], HttpResponse]) -> HttpResponse:
    """Runs a page that saves only onto the revision it compared; retries three times if a colleague saved in
    between.
    """
    for _attempt in range(3):
        try:
            return page()
        except ChangedMeanwhile:
            continue
    return page()


@staff(Role.VIEWER)
@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    found = (
        Survey.objects.visible_to(request.user)
        .select_related("area", "owner", "current", "coming")
        .defer("current__document", "coming__document")
        .prefetch_related("areas")
    )
    rows = list(found.exclude(state=SurveyState.CLOSED)[:_SURVEYS_SHOWN]) + list(
        found.filter(state=SurveyState.CLOSED)[:_SURVEYS_SHOWN]
    )
    return render(
        request,
        "surveys/desk/surveys.html",
        {"surveys": rows, "may_start": request.desk.has(Role.EDITOR)},  # type: ignore[attr-defined]
    )


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET[name] for name in ("plan", "trajectory") if name in request.GET}
    form = NewSurveyForm(request.POST if request.method == "POST" else None, user=request.user, initial=asked)
    if form.is_valid():
        survey = start_survey(
            areas=list(form.cleaned_data["areas"]),
            languages=form.cleaned_data["languages"],
            plan=form.chosen_plan,
            title=form.cleaned_data["title"].strip(),
            written_in=get_language(),
            trajectory=form.cleaned_data["trajectory"],
            by=request.user,
        )
        return redirect("survey_edit", pk=survey.pk)
    return render(request, "surveys/desk/new.html", {"form": form}, status=422 if form.is_bound else 200)


# Changing a running survey: the changes in words, publishing them, and comparing two versions.


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def republish(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the changes since the running version, and asks whether they are spelling or meaning."""
    survey = find_survey(request, pk, to_change=True)
    if survey.current is None or not survey.has_changes or survey.coming:
        return redirect("survey_opening", pk=pk)
    found, draft = unpublished_changes(survey), parse_draft_if_valid(survey)
    must_be_meaning = is_meaning(found)
    form = RepublishForm(
        request.POST if request.method == "POST" else None,
        revision=survey.revision,
        must_be_meaning=must_be_meaning,
        was_open=survey.opened_at is not None,
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        kind = form.cleaned_data["kind"]
        try:
            publish_again(survey=survey, kind=kind, seen=form.cleaned_data["seen"], by=request.user)
        except ChangedMeanwhile as error:
            # The changes shown on this page are what the next submit agrees to.
            form.data = {"kind": kind, "seen": survey.revision}
            form.add_error(None, str(error))
            status = 409
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, PUBLISHED_MESSAGES[kind if survey.opened_at else "before"]())
            return redirect("survey_opening", pk=pk)
    before = parse(survey.current.document)
    context = {
        "survey": survey,
        "form": form,
        "stops": publish_blockers(survey),
        "must_be_meaning": must_be_meaning,
        "changes": describe_changes(found, before, draft, _names(survey)) if draft else [],
    }
    return render(request, "surveys/desk/again.html", context, status=status)


PUBLISHED_MESSAGES = {
    VersionKind.COSMETIC: lambda: _("Published. Residents read it from now on."),
    VersionKind.MEANING: lambda: _("Frozen as a new version. Now ask somebody to stand behind it."),
    "before": lambda: _("Published anew."),
}


@staff(Role.VIEWER)
@require_safe
def compare_versions(request: HttpRequest, pk: int, number: int, other: int) -> HttpResponse:
    survey = get_object_or_404(Survey.objects.visible_to(request.user).prefetch_related("areas"), pk=pk)
    old, new = (get_object_or_404(survey.versions.all(), number=one) for one in sorted((number, other)))
    before, after = parse(old.document), parse(new.document)
    context = {
        "survey": survey,
        "old": old,
        "new": new,
        "changes": describe_changes(document_changes(before, after), before, after, _names(survey)),
        "versions": survey.versions.defer("document"),
    }
    return render(request, "surveys/desk/compare.html", context)


def _names(survey: Survey) -> dict[str, str]:
    return {str(area.pk): area.name for area in survey.areas.all()}


# The phone preview: the runner's pages, filled from the draft, in a frame without scripts or actions.


NOBODY = str(UUID(int=0))


@staff(Role.VIEWER)
@require_safe
def preview(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    """One question as a resident sees it, in the language being edited."""
    survey = find_survey(request, pk)
    document = parse_draft(survey)
    if document is None or not document.has_question(str(question_pk)):
        raise Http404
    question = document.question(str(question_pk))
    layer = document.layer_of(question)
    asked = layer.asked
    if question not in asked:
        raise Http404
    number = asked.index(question)
    language = edited_language(request, survey)
    with translation.override(language):
        shown = block(question, person=NOBODY)
        context = {
            "survey": survey,
            "layer": layer,
            "blocks": [shown],
            "own_buttons": shown["more"].get("own_buttons", False),
            "place": QuestionPosition(layer, question, number + 1, len(asked), None, None),
            "last": number == len(asked) - 1,
            "one_tap": type_of(question).is_one_tap(question.settings),
            "back_url": "#",
            "errors": {},
            "nudge": False,
            "skip_label": skip_label((question,)),
            "languages": [],
        }
        return render(request, "surveys/answer/question.html", context)


# Remarks on a draft: fixed at their place, or dismissed here with a reason.


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def remarks_page(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    mark = request.POST.get("mark", "")[:80]
    form = ReasonForm(request.POST if request.method == "POST" else None, number=0)
    if request.method == "POST" and "up" in request.POST:
        restore_remark(survey=survey, key=mark, by=request.user)
        messages.success(request, _("The remark counts again."))
        return redirect("survey_remarks", pk=pk)
    if form.is_valid():
        try:
            dismiss_remark(survey=survey, key=mark, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("It may stay. Colleagues see your reason. New words bring the remark back.")
            )
        return redirect("survey_remarks", pk=pk)
    found = remarks_with_dismissals(survey)
    may_mend = survey.state != SurveyState.CLOSED
    warnings = [remark for remark, aside in found if not remark.is_stop and not aside] if may_mend else []
    context = {
        "survey": survey,
        "form": form,
        "stops": [remark for remark, _aside in found if remark.is_stop] if may_mend else [],
        "warnings": [
            (remark, form if form.is_bound and remark.key == mark else ReasonForm(number=number))
            for number, remark in enumerate(warnings, start=1)
        ],
        "weighed": [(remark, aside) for remark, aside in found if aside],
        "may_change": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/remarks.html", context, status=422 if form.is_bound else 200)
