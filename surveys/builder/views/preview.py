"""The phone preview: the runner's pages, filled from the draft, in a frame without scripts or actions."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.answering.views.answering import block, skip_label
from surveys.builder.services.freeze import parsed
from surveys.builder.views.desk import edited_language, find_survey
from surveys.questionnaire.question_types import type_of
from surveys.questionnaire.walk import QuestionPosition

NOBODY = str(UUID(int=0))


@staff(Role.VIEWER)
@require_safe
def preview(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    """One question as a resident sees it, in the language being edited."""
    survey = find_survey(request, pk)
    document = parsed(survey)
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
