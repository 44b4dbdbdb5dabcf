"""A published version in full, for the backer who is asked to sign it, and for colleagues."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from initiatives.models import ExpectationCard
from neighbourhoods.access import staff
from neighbourhoods.models import ParticipationRules
from neighbourhoods.states import Role
from surveys.builder.services.readiness import CARD_ROWS
from surveys.models import Survey
from surveys.questionnaire.document import parse
from surveys.questionnaire.question_types import TYPES


@staff(Role.VIEWER)
@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    survey = get_object_or_404(Survey.objects.visible_to(request.user), pk=pk)
    found = get_object_or_404(survey.versions.select_related("backing"), number=number)
    document = parse(found.document)
    card = document.expectation or {}
    return render(
        request,
        "surveys/desk/version.html",
        {
            "survey": survey,
            "version": found,
            "document": document,
            "before": survey.promise_before,
            "influence": ParticipationRules.current().level(document.influence),
            "card": [(CARD_ROWS[row], card.get(row)) for row in ExpectationCard.ROWS],
            "layers": [
                (layer, [(question, TYPES[question.type].label) for question in layer.asked])
                for layer in document.layers
            ],
        },
    )
