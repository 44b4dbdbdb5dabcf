"""Retention terms and legal basis of a survey, and what was erased already."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Event
from core.actions import domain_errors_in
from core.forms import held, read_only, to_change
from feedback.models import Promise
from neighbourhoods.access import staff
from neighbourhoods.models import Municipality
from neighbourhoods.settings.views import require_municipality, settings_tabs
from neighbourhoods.states import Role
from surveys.builder.forms.keeping import KeepingForm, NotesForm
from surveys.builder.services.keeping import copied, is_default, keep_default, save_processing_record
from surveys.builder.services.readiness import lacks
from surveys.builder.views.desk import find_survey
from surveys.models import DataProcessingRecord, KeepingDefault, Survey
from surveys.states import SurveyState

_SHOWN = 50


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    with held(request):
        to_change(request, Survey.objects.filter(pk=pk).only("pk")).get()
        found = DataProcessingRecord.objects.filter(survey=survey).first() or copied(survey)
        default = KeepingDefault.objects.first()
        form = KeepingForm(
            request.POST if request.method == "POST" else None,
            keeping=found,
            may_set_default=default is None and _may_set_default(request),
        )
        if form.is_valid() and not form.meet():
            with domain_errors_in(form):
                save_processing_record(survey=survey, fields=form.cleaned_data, by=request.user)
                if form.cleaned_data.get("as_default"):
                    keep_default(notes=form.cleaned_data, by=request.user)
                messages.success(request, _("Saved."))
                return redirect("survey_keeping", pk=pk)
    may_write = request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    if not may_write:
        read_only(form)
    stops = lacks(survey)
    context = {
        "survey": survey,
        "form": form,
        "is_new": found.pk is None,
        "has_default": default is not None,
        "is_default": is_default(found, default),
        "may_set_default": _may_set_default(request),
        "may_write": may_write,
        "is_draft": survey.state == SurveyState.DRAFT,
        "stops": [stop for stop in stops if stop.place.url_name == "survey_keeping"],
        "elsewhere": sum(stop.place.url_name != "survey_keeping" for stop in stops),
        "erased": _erased(survey),
    }
    return render(request, "surveys/desk/keeping.html", context, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def keeping_default(request: HttpRequest) -> HttpResponse:
    require_municipality(request)
    with held(request):
        to_change(request, Municipality.objects.filter(pk=1)).first()
        default = KeepingDefault.objects.first()
        form = NotesForm(request.POST if request.method == "POST" else None, notes=default)
        if form.is_valid() and not form.meet():
            keep_default(notes=form.cleaned_data, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("keeping_default")
    context = {"form": form, "tabs": settings_tabs(request, "keeping_default"), "default": default}
    return render(request, "surveys/desk/keeping_default.html", context, status=form.status)


def _may_set_default(request: HttpRequest) -> bool:
    return bool(request.desk.runs_municipality)  # type: ignore[attr-defined]


def _erased(survey: Survey) -> list[Event]:
    things = [survey, *Promise.objects.filter(subject=survey.subject)]
    return [
        event
        for thing in things
        for event in Event.objects.about(thing).filter(verb="erased_by_retention")[:_SHOWN]
    ]
