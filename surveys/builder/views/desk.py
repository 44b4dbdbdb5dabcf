"""A colleague's list of surveys, and starting one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.builder.forms.survey import NewSurveyForm
from surveys.builder.services.draft import ChangedMeanwhile
from surveys.builder.services.start import start_survey
from surveys.models import Survey
from surveys.states import SurveyState

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


def together(page: Callable[[], HttpResponse]) -> HttpResponse:
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
