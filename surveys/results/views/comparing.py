"""One question compared between areas, or between rounds over the years."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from neighbourhoods.access import staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from surveys.builder.services.retired_questions import retired_questions
from surveys.models import Survey
from surveys.questionnaire.published import published
from surveys.results.services.comparing import COMPARED, compare_areas, compare_rounds
from surveys.results.views.results import who_answered
from surveys.states import SEEN_BY_RESIDENTS


@staff(Role.VIEWER)
@require_safe
def comparing(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Survey.objects.visible_to(request.user).select_related("current").defer("current__document")
    survey = get_object_or_404(visible, pk=pk)
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    document = published(survey.current.pk, survey.current.digest).document
    gone = retired_questions(survey, document)
    questions = [
        one for one in document.questions if one.shape in COMPARED and (not one.retired or one.id in gone)
    ]
    questions.sort(key=lambda one: one.retired)
    asked = request.GET.get("question", "")
    question = next((one for one in questions if one.id == asked), questions[0] if questions else None)
    invited, ways = who_answered(request, list(survey.channels.all()))
    by_round = request.GET.get("by") == "round"
    context: dict[str, Any] = {
        "survey": survey,
        "questions": questions,
        "question": question,
        "gone": gone.get(question.id) if question else None,
        "before": next((one for one in gone.values() if one.instead == question), None),
        "ways": ways,
        "invited": invited,
        "by_round": by_round,
        "threshold": Municipality.current().smallest_cell,
        "kinds": [("area", _("areas"), not by_round), ("round", _("rounds over the years"), by_round)],
    }
    if question:
        context["comparison"] = (
            compare_rounds(survey, question, invited=invited)
            if by_round
            else compare_areas(survey, question, survey.areas.order_by("name"), invited=invited)
        )
    return render(request, "surveys/desk/comparing.html", context)
