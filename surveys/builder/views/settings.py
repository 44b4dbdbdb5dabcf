"""Settings of a survey and its data processing record."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Event
from core.actions import domain_errors_in
from core.errors import DomainError
from core.forms import ConcurrentEditForm, atomic_on_post, locked_on_post, read_only
from core.languages import language_label
from feedback.models import Promise
from initiatives.models import ExpectationCard
from neighbourhoods.access import require, staff
from neighbourhoods.models import Municipality
from neighbourhoods.settings.views import require_municipality, settings_tabs
from neighbourhoods.states import Role
from surveys.builder.forms.survey import CardForm, KeepingForm, NotesForm, SettingsForm
from surveys.builder.services.draft import ChangedMeanwhile, change_card, change_survey
from surveys.builder.services.keeping import (
    initial_processing_record,
    is_default,
    save_default_notes,
    save_processing_record,
)
from surveys.builder.services.proposals import proposal_source
from surveys.builder.services.readiness import PublishBlocker, open_remarks, own_name, publish_blockers
from surveys.builder.views.desk import edited_language, find_survey, retry_on_edit_conflict
from surveys.models import DataProcessingRecord, KeepingDefault, Survey
from surveys.states import SurveyState

# Settings of a whole survey: title, promise, owner, areas; and its expectation card.


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    return retry_on_edit_conflict(lambda: _settings(request, pk))


def _settings(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    language = edited_language(request, survey)
    data = request.POST if request.method == "POST" else None
    form = SettingsForm(data, survey=survey, language=language, user=request.user)
    if form.is_valid() and not form.has_conflicts():
        areas = list(form.cleaned_data["areas"])
        require(request, Role.EDITOR, *areas)
        rest = (
            "languages",
            "owner",
            "influence",
            "influence_why",
            "promise_before",
            "erase_on",
            "trajectory",
            "without_contact",
        )
        try:
            change_survey(
                survey=survey,
                language=language,
                texts=form.texts,
                confirmed=form.confirmed,
                areas=areas,
                by=request.user,
                seen=survey.revision,
                **{name: form.cleaned_data[name] for name in rest},
            )
        except ChangedMeanwhile:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('survey_settings', args=[pk])}?language={language}")
    return _page(request, "surveys/desk/settings.html", survey, language, form, "survey_settings")


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_card(request: HttpRequest, pk: int) -> HttpResponse:
    return retry_on_edit_conflict(lambda: _card(request, pk))


def _card(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    language = edited_language(request, survey)
    data = request.POST if request.method == "POST" else None
    form = CardForm(data, survey=survey, language=language)
    if form.is_valid() and not form.has_conflicts():
        rows = {row: form.cleaned_data[row] for row in ExpectationCard.ROWS}
        try:
            change_card(
                survey=survey,
                language=language,
                rows=rows,
                confirmed=form.confirmed,
                by=request.user,
                seen=survey.revision,
            )
        except ChangedMeanwhile:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('survey_card', args=[pk])}?language={language}")
    return _page(request, "surveys/desk/card.html", survey, language, form, "survey_card")


def _page(
    request: HttpRequest,
    template: str,
    survey: Survey,
    language: str,
    form: ConcurrentEditForm,
    url_name: str,
) -> HttpResponse:
    here = reverse(url_name, args=[survey.pk])
    found = open_remarks(survey)
    is_closed = survey.state == SurveyState.CLOSED
    may_write = not is_closed and request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    if not may_write and not form.is_bound:
        read_only(form)
    mine: list[PublishBlocker] = [remark for remark in found if remark.place.url_name == url_name]
    context = {
        "survey": survey,
        "language": language,
        "form": form,
        "came_from": proposal_source(survey, survey, again=survey.round_of_id is not None),
        "is_closed": is_closed,
        "may_write": may_write,
        "stops": [remark for remark in mine if remark.is_stop],
        "warnings": [remark for remark in mine if not remark.is_stop],
        "elsewhere": sum(remark.is_stop for remark in found if remark.place.url_name != url_name)
        if survey.state == SurveyState.DRAFT
        else 0,
        "tabs": [
            {
                "code": code,
                "name": language_label(code, own_name(code)),
                "missing": sum(1 for remark in mine if remark.language == code),
                "url": f"{here}?language={code}",
                "current": code == language,
            }
            for code in survey.languages
        ],
    }
    return render(request, template, context, status=form.status)


# Retention terms and legal basis of a survey, and what was erased already.


_SHOWN = 50


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    with atomic_on_post(request):
        locked_on_post(request, Survey.objects.filter(pk=pk).only("pk")).get()
        found = DataProcessingRecord.objects.filter(survey=survey).first() or initial_processing_record(
            survey
        )
        default = KeepingDefault.objects.first()
        form = KeepingForm(
            request.POST if request.method == "POST" else None,
            keeping=found,
            may_set_default=default is None and _may_set_default(request),
        )
        if form.is_valid() and not form.has_conflicts():
            with domain_errors_in(form):
                save_processing_record(survey=survey, fields=form.cleaned_data, by=request.user)
                if form.cleaned_data.get("as_default"):
                    save_default_notes(notes=form.cleaned_data, by=request.user)
                messages.success(request, _("Saved."))
                return redirect("survey_keeping", pk=pk)
    may_write = request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    if not may_write:
        read_only(form)
    stops = publish_blockers(survey)
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
    with atomic_on_post(request):
        locked_on_post(request, Municipality.objects.filter(pk=1)).first()
        default = KeepingDefault.objects.first()
        form = NotesForm(request.POST if request.method == "POST" else None, notes=default)
        if form.is_valid() and not form.has_conflicts():
            save_default_notes(notes=form.cleaned_data, by=request.user)
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
