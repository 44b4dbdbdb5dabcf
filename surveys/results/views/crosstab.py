"""Ad hoc queries: one question among some people, or a crosstab of two."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from neighbourhoods.access import staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from surveys.answering.services.answer import DURATION_BUCKETS
from surveys.models import Survey
from surveys.questionnaire.published import published
from surveys.results.forms import CloserForm
from surveys.results.services.crosstab import cross_tabulate, look_at, paces
from surveys.states import SEEN_BY_RESIDENTS


@staff(Role.VIEWER)
@require_safe
def closer(request: HttpRequest, pk: int) -> HttpResponse:
    # Reads the published version, not the draft with all its rows.
    survey = get_object_or_404(
        Survey.objects.visible_to(request.user).select_related("current", "area"),
        pk=pk,
    )
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    document = published(survey.current.pk, survey.current.digest).document
    form = CloserForm(request.GET if "rows" in request.GET else None, survey=survey, document=document)
    context: dict[str, Any] = {
        "survey": survey,
        "form": form,
        "threshold": Municipality.current().smallest_cell,
    }
    if not form.is_bound:
        bounds = (*DURATION_BUCKETS, None)
        context |= {
            "paces": [
                (pace.layer, list(zip(bounds, pace.people, strict=True))) for pace in paces(survey, document)
            ],
            "minutes": DURATION_BUCKETS,
        }
    if form.is_valid():
        rows, columns = form.cleaned_data["rows"], form.cleaned_data["columns"]
        if columns and columns != rows:
            context["crossing"] = cross_tabulate(
                survey, document, document.question(rows), document.question(columns), form.people
            )
        else:
            context["result"] = look_at(survey, document, document.question(rows), form.people)
    return render(request, "surveys/desk/closer.html", context, status=422 if form.errors else 200)
