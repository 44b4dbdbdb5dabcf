"""Settings of a whole survey: title, promise, owner, areas; and its expectation card."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.forms import TogetherForm, read_only
from core.languages import labelled
from initiatives.models import ExpectationCard
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.builder.forms.survey import CardForm, SettingsForm
from surveys.builder.services.draft import ChangedMeanwhile, change_card, change_survey
from surveys.builder.services.proposals import came_from
from surveys.builder.services.readiness import PublishBlocker, open_remarks, own_name
from surveys.builder.views.desk import edited_language, find_survey, together
from surveys.models import Survey
from surveys.states import SurveyState


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    return together(lambda: _settings(request, pk))


def _settings(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    language = edited_language(request, survey)
    data = request.POST if request.method == "POST" else None
    form = SettingsForm(data, survey=survey, language=language, user=request.user)
    if form.is_valid() and not form.meet():
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
    return together(lambda: _card(request, pk))


def _card(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    language = edited_language(request, survey)
    data = request.POST if request.method == "POST" else None
    form = CardForm(data, survey=survey, language=language)
    if form.is_valid() and not form.meet():
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
    request: HttpRequest, template: str, survey: Survey, language: str, form: TogetherForm, url_name: str
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
        "came_from": came_from(survey, survey, again=survey.round_of_id is not None),
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
                "name": labelled(code, own_name(code)),
                "missing": sum(1 for remark in mine if remark.language == code),
                "url": f"{here}?language={code}",
                "current": code == language,
            }
            for code in survey.languages
        ],
    }
    return render(request, template, context, status=form.status)
