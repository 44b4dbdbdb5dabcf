"""Writing a survey: layers left, the question in the middle, what is still missing and the phone right."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from neighbourhoods.access import staff
from neighbourhoods.errors import DomainError
from neighbourhoods.ids import is_id
from neighbourhoods.states import Role
from surveys.document import KINDS
from surveys.forms.condition import ConditionForm
from surveys.forms.question import LayerForm, NewQuestionForm, QuestionForm
from surveys.models import Layer, Question, Survey
from surveys.question_types import TYPES
from surveys.services import draft
from surveys.services.readiness import Lack, own_name, remarks
from surveys.states import SurveyState
from surveys.views.desk import find_survey, language_of
from surveys.walk import PHONE_FACTOR


@staff(Role.VIEWER)
@require_safe
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The first question of a draft; what is published can only be read."""
    survey = find_survey(request, pk)
    if survey.state != SurveyState.DRAFT and survey.current:
        return redirect("survey_version", pk=pk, number=survey.current.number)
    if not request.desk.can(Role.EDITOR, survey.areas.all()):  # type: ignore[attr-defined]
        return redirect("survey_opening", pk=pk)
    first = next((question for layer in _layers(survey) for question in _questions(layer)), None)
    if first:
        return redirect("survey_question", pk=pk, question_pk=first.pk)
    return _builder(request, survey)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    found = _find_question(survey, question_pk)
    language = language_of(request, survey)
    data = request.POST if request.method == "POST" else None
    form = QuestionForm(data, question=found, language=language)
    condition = ConditionForm(
        data,
        condition=found.condition,
        earlier=_earlier(survey, found.layer, found),
        areas=survey.areas.all(),
    )
    if form.is_valid() and condition.is_valid():
        filled_in = replace(
            form.filled_in,
            fields=form.filled_in.fields | {"condition": condition.to_json()},
            **_pressed(request),
        )
        draft.change_question(question=found, language=language, filled_in=filled_in, by=request.user)
        messages.success(request, _("Saved."))
        return redirect(
            f"{reverse('survey_question', args=[pk, question_pk])}?language={language}{_jump(request)}"
        )
    return _builder(
        request,
        survey,
        question=found,
        layer=found.layer,
        form=form,
        condition=condition,
        status=422 if data else 200,
    )


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def layer(request: HttpRequest, pk: int, layer_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    found = _find_layer(survey, layer_pk)
    language = language_of(request, survey)
    data = request.POST if request.method == "POST" else None
    form = LayerForm(data, layer=found, language=language)
    condition = ConditionForm(
        data, condition=found.condition, earlier=_earlier(survey, found), areas=survey.areas.all()
    )
    if form.is_valid() and condition.is_valid():
        draft.change_layer(
            layer=found,
            language=language,
            title=form.cleaned_data["title"],
            theme=form.cleaned_data["theme"],
            one_page=form.cleaned_data.get("one_page", False),
            condition=condition.to_json(),
            by=request.user,
        )
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('survey_layer', args=[pk, layer_pk])}?language={language}")
    return _builder(request, survey, layer=found, form=form, condition=condition, status=422 if data else 200)


@staff(Role.EDITOR)
@require_POST
def layer_add(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    return _do(request, survey, lambda: draft.add_layer(survey=survey, by=request.user))


@staff(Role.EDITOR)
@require_POST
def question_add(request: HttpRequest, pk: int, layer_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    layer = _find_layer(survey, layer_pk)
    form = NewQuestionForm(request.POST)
    if not form.is_valid():
        raise Http404  # the list holds known types alone
    return _do(
        request,
        survey,
        lambda: draft.add_question(layer=layer, type=form.cleaned_data["type"], by=request.user),
    )


@staff(Role.EDITOR)
@require_POST
def layer_do(request: HttpRequest, pk: int, layer_pk: int, verb: str) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    layer = _find_layer(survey, layer_pk, retired=verb == "back")
    verbs = {
        "up": lambda: draft.move_layer(layer=layer, steps=-1, by=request.user),
        "down": lambda: draft.move_layer(layer=layer, steps=1, by=request.user),
        "out": lambda: draft.retire_layer(layer=layer, by=request.user),
        "back": lambda: draft.put_back_layer(layer=layer, by=request.user),
    }
    return _do(request, survey, verbs.get(verb), stay=None if verb == "out" else layer)


@staff(Role.EDITOR)
@require_POST
def question_do(request: HttpRequest, pk: int, question_pk: int, verb: str) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    question = _find_question(survey, question_pk, retired=verb == "back")
    verbs = {
        "up": lambda: draft.move_question(question=question, steps=-1, by=request.user),
        "down": lambda: draft.move_question(question=question, steps=1, by=request.user),
        "out": lambda: draft.retire_question(question=question, by=request.user),
        "back": lambda: draft.put_back_question(question=question, by=request.user),
    }
    return _do(request, survey, verbs.get(verb), stay=question.layer if verb == "out" else question)


def _do(
    request: HttpRequest, survey: Survey, deed: Any, stay: Layer | Question | None = None
) -> HttpResponse:
    """One deed, then the page of what it was done to (or made)."""
    if deed is None:
        raise Http404
    try:
        goal = deed() or stay
    except DomainError as error:
        messages.error(request, str(error))
        goal = stay
    if isinstance(goal, Question):
        return redirect("survey_question", pk=survey.pk, question_pk=goal.pk)
    if isinstance(goal, Layer):
        return redirect("survey_layer", pk=survey.pk, layer_pk=goal.pk)
    return redirect("survey_edit", pk=survey.pk)


def _pressed(request: HttpRequest) -> dict[str, Any]:
    """The button beside an answer, in the words of the service; nothing for a plain “save”."""
    verb, _colon, pk = request.POST.get("go", "").partition(":")
    if not is_id(pk):
        return {}
    match verb:
        case "up" | "down":
            return {"move": (int(pk), -1 if verb == "up" else 1)}
        case "out":
            return {"take_out": int(pk)}
    return {}


def _jump(request: HttpRequest) -> str:
    return "#options" if ":" in request.POST.get("go", "") or request.POST.get("go") == "add" else ""


# --- the page ---------------------------------------------------------------------------------


def _builder(
    request: HttpRequest,
    survey: Survey,
    *,
    question: Question | None = None,
    layer: Layer | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    language = language_of(request, survey)
    found = remarks(survey)
    here = (
        reverse("survey_question", args=[survey.pk, question.pk])
        if question
        else (reverse("survey_layer", args=[survey.pk, layer.pk]) if layer else "")
    )
    mine = [remark for remark in found if remark.place.url == here]
    layers = _layers(survey)
    context |= {
        "survey": survey,
        "language": language,
        "tabs": [
            {
                "code": code,
                "name": own_name(code),
                "missing": sum(1 for remark in mine if remark.language == code),
                "url": f"{here}?language={code}",
                "current": code == language,
            }
            for code in survey.languages
        ],
        "outline": [_outline(number, each, found) for number, each in enumerate(layers, start=1)],
        "count": sum(len(_questions(each)) for each in layers),
        "retired": _retired(survey),
        "question": question,
        "layer": layer,
        "number": _questions(layer).index(question) + 1 if question and layer else 0,
        "layer_number": layers.index(layer) + 1 if layer in layers else 0,
        "new_question": NewQuestionForm(),
        "stops": [remark for remark in found if remark.is_stop],
        "warnings": [remark for remark in found if not remark.is_stop],
        "first_seconds": _seconds(layers[0]) if layers else 0,
        "preview_url": f"{reverse('survey_preview', args=[survey.pk, question.pk])}?language={language}"
        if question
        else "",
    }
    return render(request, "surveys/desk/builder.html", context, status=status)


def _outline(number: int, layer: Layer, found: Sequence[Lack]) -> dict[str, Any]:
    """A layer in the list at the left, with a sign at what is missing."""
    marked = {remark.place.args for remark in found if remark.place.url_name == "survey_question"}
    layers = {remark.place.args for remark in found if remark.place.url_name == "survey_layer"}
    return {
        "layer": layer,
        "number": number,
        "seconds": _seconds(layer),
        "minutes": math.ceil(_seconds(layer) / 60),
        "is_marked": (layer.survey_id, layer.pk) in layers,
        "questions": [
            (place, question, (layer.survey_id, question.pk) in marked)
            for place, question in enumerate(_questions(layer), start=1)
        ],
    }


def _seconds(layer: Layer) -> int:
    kinds = [KINDS[question.type] for question in _questions(layer) if question.type in TYPES]
    return round(PHONE_FACTOR * sum(kind.seconds for kind in kinds))


def _layers(survey: Survey) -> list[Layer]:
    """The layers that are asked, the first one first."""
    layers = [layer for layer in survey.layers.all() if not layer.retired]
    return sorted(layers, key=lambda layer: (not layer.is_first, layer.order, layer.pk))


def _questions(layer: Layer) -> list[Question]:
    return [question for question in layer.questions.all() if not question.retired]


def _retired(survey: Survey) -> dict[str, list[Any]]:
    layers = list(survey.layers.all())
    return {
        "layers": [layer for layer in layers if layer.retired],
        "questions": [
            question
            for layer in layers
            if not layer.retired
            for question in layer.questions.all()
            if question.retired
        ],
    }


def _earlier(survey: Survey, layer: Layer, question: Question | None = None) -> list[tuple[str, Question]]:
    """The questions that come before, with their numbers (“1.4”): only those a condition may ask about."""
    earlier = []
    for layer_number, each in enumerate(_layers(survey), start=1):
        for number, other in enumerate(_questions(each), start=1):
            if question is not None and other == question:
                return earlier
            if question is None and each == layer:
                return earlier
            earlier.append((f"{layer_number}.{number}", other))
    return earlier


def _find_layer(survey: Survey, pk: int, *, retired: bool = False) -> Layer:
    """Out of what is loaded already, with its survey attached."""
    for layer in survey.layers.all():
        if layer.pk == pk and layer.retired == retired:
            layer.survey = survey
            return layer
    raise Http404


def _find_question(survey: Survey, pk: int, *, retired: bool = False) -> Question:
    for layer in survey.layers.all():
        for question in layer.questions.all():
            if question.pk == pk and question.retired == retired and not layer.retired:
                layer.survey = survey
                question.layer = layer
                return question
    raise Http404
