"""How long a survey keeps what, on what ground, and what went already."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Event
from feedback.models import Promise
from neighbourhoods.access import staff
from neighbourhoods.errors import DomainError
from neighbourhoods.states import Role
from surveys.forms.keeping import KeepingForm
from surveys.models import Survey
from surveys.services.keeping import copied, keep
from surveys.services.readiness import lacks
from surveys.states import SurveyState
from surveys.views.desk import find_survey

SHOWN = 50


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    found = getattr(survey, "keeping", None) or copied(survey)
    form = KeepingForm(request.POST if request.method == "POST" else None, keeping=found)
    if form.is_valid():
        try:
            keep(survey=survey, fields=form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("survey_keeping", pk=pk)
    stops = lacks(survey)
    context = {
        "survey": survey,
        "form": form,
        "is_new": found.pk is None,
        "may_write": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
        "is_draft": survey.state == SurveyState.DRAFT,
        "stops": [stop for stop in stops if stop.place.url_name == "survey_keeping"],
        "elsewhere": sum(stop.place.url_name != "survey_keeping" for stop in stops),
        "erased": _erased(survey),
    }
    return render(request, "surveys/desk/keeping.html", context, status=422 if form.is_bound else 200)


def _erased(survey: Survey) -> list[Event]:
    """What went by itself, the last first."""
    things = [survey, *Promise.objects.filter(subject=survey.subject)]
    return [
        event
        for thing in things
        for event in Event.objects.about(thing).filter(verb="erased_by_retention")[:SHOWN]
    ]
