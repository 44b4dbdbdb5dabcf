"""The phone beside the builder: the pages of the runner, filled from the draft, in a frame that runs nothing."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from neighbourhoods.access import staff
from neighbourhoods.models import Theme
from neighbourhoods.states import Role
from surveys.document import Question, Shape
from surveys.question_types import type_of
from surveys.services.freeze import parsed
from surveys.views.answering import SKIP_LABELS
from surveys.views.desk import find_survey, language_of
from surveys.walk import Place


@staff(Role.VIEWER)
@require_safe
def preview(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    """One question as a resident meets it, in the language that is being written."""
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
    language = language_of(request, survey)
    with translation.override(language):
        context = {
            "survey": survey,
            "layer": layer,
            "blocks": [_block(question)],
            "place": Place(layer, question, number + 1, len(asked), None, None),
            "last": number == len(asked) - 1,
            "one_tap": question.shape is Shape.ONE,
            "back_url": "#",
            "errors": {},
            "nudge": False,
            "skip_label": SKIP_LABELS[question.skip](),
            "languages": [],
        }
        return render(request, "surveys/answer/question.html", context)


def _block(question: Question) -> dict[str, Any]:
    kind = type_of(question)
    themes = list(Theme.objects.filter(retired_on=None)) if question.settings.get("ask_theme") else []
    return {
        "question": question,
        "template": kind.template,
        "field": kind.field(question),
        "value": "",
        "options": [(option, False) for option in question.options],
        "error": "",
        "themes": themes,
    }
