"""The builder page: layers left, the question in the middle, remaining remarks and the phone preview right."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError, InvalidTransition
from core.forms import ConcurrentEditForm
from core.i18n import pick
from core.languages import language_label
from core.rows import is_id
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.builder.forms.condition import ConditionForm
from surveys.builder.forms.question import LayerForm, NewQuestionForm, PositionForm, QuestionForm, ids_in
from surveys.builder.services import draft
from surveys.builder.services.freeze import parse_draft_if_valid
from surveys.builder.services.proposals import proposal_source
from surveys.builder.services.readiness import PublishBlocker, open_remarks, own_name
from surveys.builder.views.desk import edited_language, find_survey, retry_on_edit_conflict
from surveys.models import Layer, Question, Survey
from surveys.questionnaire.document import QUESTION_KINDS, Document
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.questionnaire.walk import PHONE_FACTOR
from surveys.states import SurveyState
from surveys.wording import DocumentWording


@staff(Role.VIEWER)
@require_safe
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The first question of the draft; users who may not edit see the published version."""
    survey = find_survey(request, pk)
    may_write = request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    if _is_over(survey) or (survey.current and not may_write):
        return redirect("survey_version", pk=pk, number=survey.current.number)
    if not may_write:
        return redirect("survey_opening", pk=pk)
    first = next((question for layer in _layers(survey) for question in _questions(layer)), None)
    if first:
        return _redirect_to_part(survey, first, out=request.GET.get("out", ""))
    return _builder(request, survey)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    return retry_on_edit_conflict(lambda: _question(request, pk, question_pk))


def _question(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    data = request.POST if request.method == "POST" else None
    if data and (gone := _taken_out(survey, question_pk)):
        return _removed_meanwhile_page(request, survey, gone)
    if data is None and _is_over(survey):
        return redirect("survey_version", pk=pk, number=survey.current.number)
    found = find_question(survey, question_pk)
    language = edited_language(request, survey)
    earlier = _earlier_questions(survey, found.layer, found)
    form = QuestionForm(
        data, question=found, language=language, later=_later_questions(survey, found), earlier=earlier
    )
    condition = ConditionForm(data, condition=found.condition, earlier=earlier, areas=survey.areas.all())
    status = 422 if data is not None else 200
    if form.is_valid() and condition.is_valid() and not (status := _meet(form, condition)):
        filled_in = replace(
            form.to_question_words,
            fields=form.to_question_words.fields | {"condition": condition.to_json()},
            **_pressed(request),
        )
        try:
            saved = draft.change_question(
                question=found, language=language, filled_in=filled_in, by=request.user, seen=survey.revision
            )
        except draft.ChangedMeanwhile:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
            return _builder(
                request,
                survey,
                question=found,
                layer=found.layer,
                form=form,
                condition=condition,
                status=_refused(error),
            )
        if saved:
            messages.success(request, _("Saved."))
        else:
            messages.error(
                request,
                _("Your words are saved. The order was changed in the meantime; this is how it is now."),
            )
        here = reverse("survey_question", args=[pk, question_pk])
        out = f"&out=option-{filled_in.removed_option}" if filled_in.removed_option and saved else ""
        return redirect(f"{here}?language={language}{out}{_jump(request)}")
    return _builder(
        request, survey, question=found, layer=found.layer, form=form, condition=condition, status=status
    )


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def layer(request: HttpRequest, pk: int, layer_pk: int) -> HttpResponse:
    return retry_on_edit_conflict(lambda: _layer(request, pk, layer_pk))


def _layer(request: HttpRequest, pk: int, layer_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    data = request.POST if request.method == "POST" else None
    if data and (
        gone := next((one for one in survey.layers.all() if one.retired and one.pk == layer_pk), None)
    ):
        return _removed_meanwhile_page(request, survey, gone)
    if data is None and _is_over(survey):
        return redirect("survey_version", pk=pk, number=survey.current.number)
    found = find_layer(survey, layer_pk)
    language = edited_language(request, survey)
    form = LayerForm(data, layer=found, language=language)
    condition = ConditionForm(
        data, condition=found.condition, earlier=_earlier_questions(survey, found), areas=survey.areas.all()
    )
    status = 422 if data is not None else 200
    if form.is_valid() and condition.is_valid() and not (status := _meet(form, condition)):
        try:
            draft.change_layer(
                layer=found,
                language=language,
                title=form.cleaned_data["title"],
                theme=form.cleaned_data["theme"],
                one_page=form.cleaned_data.get("one_page", False),
                condition=condition.to_json(),
                by=request.user,
                seen=survey.revision,
            )
        except draft.ChangedMeanwhile:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
            status = _refused(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('survey_layer', args=[pk, layer_pk])}?language={language}")
    return _builder(request, survey, layer=found, form=form, condition=condition, status=status)


def _is_over(survey: Survey) -> bool:
    """Closed: the published questions are shown, and nothing can be edited."""
    return survey.state == SurveyState.CLOSED and survey.current is not None


# --- concurrent edits -------------------------------------------------------------------------


def _meet(form: ConcurrentEditForm, condition: ConcurrentEditForm) -> int:
    """409 if a colleague changed what is about to be saved, with their values shown beside the user's; else 0."""
    if not form.has_conflicts(condition):
        return 0
    return 409


def _refused(error: DomainError) -> int:
    """409 if a colleague was first (the survey is closed), 422 if it can never succeed."""
    return 409 if isinstance(error, InvalidTransition) else 422


def _taken_out(survey: Survey, question_pk: int) -> Question | None:
    for layer in survey.layers.all():
        for question in layer.questions.all():
            if question.pk == question_pk and (question.retired or layer.retired):
                return question
    return None


def _removed_meanwhile_page(request: HttpRequest, survey: Survey, row: Question | Layer) -> HttpResponse:
    """A colleague removed the row while it was edited: show the typed words, and offer to put the row back."""
    typed = [
        value.strip()
        for name, value in request.POST.items()
        if value.strip()
        and (name in _TEXT_FIELDS or name.startswith("option_"))
        and not value.strip().isdigit()
    ]
    return _builder(
        request,
        survey,
        status=409,
        gone={"typed": [v for v in typed if v != "on"], "undo": _undo(survey, row)},
    )


_TEXT_FIELDS = ("title", "text", "hint", "purpose", "use", "owner_role", "new_options")


def _undo(survey: Survey, row: Question | Layer) -> dict[str, Any]:
    """What was removed, and the URL that puts it back."""
    language = get_language() or ""
    if isinstance(row, Question):
        said = pick(without_tokens(row.text), language) or _("A question without words")
        return {"said": said, "url": reverse("survey_question_do", args=[survey.pk, row.pk, "back"])}
    said = pick(row.title, language) or _("Deeper layer without a title")
    return {"said": said, "url": reverse("survey_layer_do", args=[survey.pk, row.pk, "back"])}


def _undo_of(request: HttpRequest, survey: Survey, question: Question | None) -> dict[str, Any] | None:
    """What the previous action removed: “question-12”, “layer-5”, “option-31”."""
    kind, _dash, pk = request.GET.get("out", "").partition("-")
    if not is_id(pk):
        return None
    retired = _retired(survey)
    if kind == "option" and question:
        for option in question.options.all():
            if option.retired and option.pk == int(pk):
                return {"said": pick(option.label, get_language() or ""), "go": f"back:{option.pk}"}
    rows = {"question": retired["questions"], "layer": retired["layers"]}.get(kind, [])
    return next((_undo(survey, row) for row in rows if row.pk == int(pk)), None)


# --- actions ------------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_POST
def layer_add(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    return _do(request, survey, lambda: draft.add_layer(survey=survey, by=request.user))


@staff(Role.EDITOR)
@require_POST
def question_add(request: HttpRequest, pk: int, layer_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    layer = find_layer(survey, layer_pk)
    form = NewQuestionForm(request.POST)
    if not form.is_valid():
        raise Http404  # the list offers known types only
    return _do(
        request,
        survey,
        lambda: draft.add_question(layer=layer, type=form.cleaned_data["type"], by=request.user),
    )


@staff(Role.EDITOR)
@require_POST
def layer_do(request: HttpRequest, pk: int, layer_pk: int, verb: str) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    layer = find_layer(survey, layer_pk, retired=verb == "back")
    verbs = {
        "up": lambda: draft.move_layer(layer=layer, steps=-1, by=request.user),
        "down": lambda: draft.move_layer(layer=layer, steps=1, by=request.user),
        "out": lambda: draft.retire_layer(layer=layer, by=request.user),
        "back": lambda: draft.put_back_layer(layer=layer, by=request.user),
        "move": lambda: _drop(request, draft.place_layer, first=2, layer=layer),
    }
    return _do(request, survey, verbs.get(verb), stay=layer, out=f"layer-{layer.pk}" if verb == "out" else "")


@staff(Role.EDITOR)
@require_POST
def question_do(request: HttpRequest, pk: int, question_pk: int, verb: str) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    question = find_question(survey, question_pk, retired=verb == "back")
    verbs = {
        "up": lambda: draft.move_question(question=question, steps=-1, by=request.user),
        "down": lambda: draft.move_question(question=question, steps=1, by=request.user),
        "out": lambda: draft.retire_question(question=question, by=request.user),
        "back": lambda: draft.put_back_question(question=question, by=request.user),
        "move": lambda: _drop(request, draft.place_question, into=survey, question=question),
    }
    return _do(
        request,
        survey,
        verbs.get(verb),
        stay=question,
        out=f"question-{question.pk}" if verb == "out" else "",
    )


def _do(
    request: HttpRequest,
    survey: Survey,
    action: Any,
    stay: Layer | Question | None = None,
    out: str = "",
) -> HttpResponse:
    """Run one action, then show what it changed or made; after a removal, what contained it."""
    if action is None:
        raise Http404
    try:
        goal = action() or stay
    except DomainError as error:
        messages.error(request, str(error))
        return _redirect_to_part(survey, stay)
    if out:
        goal = goal.layer if isinstance(goal, Question) else None
    return _redirect_to_part(survey, goal, out=out)


def _redirect_to_part(survey: Survey, goal: Layer | Question | None, out: str = "") -> HttpResponse:
    url = reverse("survey_edit", args=[survey.pk])
    if isinstance(goal, Question):
        url = reverse("survey_question", args=[survey.pk, goal.pk])
    elif isinstance(goal, Layer):
        url = reverse("survey_layer", args=[survey.pk, goal.pk])
    return redirect(f"{url}?{urlencode({'out': out})}#place" if out else url)


def _drop(
    request: HttpRequest,
    service: Callable[..., None],
    *,
    first: int = 1,
    into: Survey | None = None,
    **what: Any,
) -> None:
    """A drop in the list at the left, whose first place is numbered `first`; a question names its target layer."""
    form = PositionForm(request.POST)
    if not form.is_valid():
        raise Http404
    dropped = form.cleaned_data
    if into:
        what["layer"] = find_layer(into, dropped["layer"])
    service(place=dropped["place"], seen=dropped["seen"], by=request.user, **what)
    messages.success(request, _("Moved to place %s.") % (dropped["place"] + first))


def _pressed(request: HttpRequest) -> dict[str, Any]:
    """The button beside an answer, or the place it was dragged to, as arguments of the service; {} for “save”."""
    verb, pk, steps = (request.POST.get("go", "") + "::").split(":")[:3]
    if not is_id(pk):
        return {}
    match verb:
        case "up" | "down":
            return {"move": (int(pk), -1 if verb == "up" else 1)}
        case "move" if is_id(steps.removeprefix("-")):
            return {"move": (int(pk), int(steps)), "seen": ids_in(request.POST.get("seen", ""))}
        case "out":
            return {"removed_option": int(pk)}
        case "back":
            return {"put_back": int(pk)}
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
    language = edited_language(request, survey)
    document = parse_draft_if_valid(survey)
    if survey.owner_id == request.user.pk:
        survey.owner = request.user  # reuse the user, whose rights were read for this page already
    found = open_remarks(survey, with_advice=False, draft=document)
    here = (
        reverse("survey_question", args=[survey.pk, question.pk])
        if question
        else (reverse("survey_layer", args=[survey.pk, layer.pk]) if layer else "")
    )
    mine = [remark for remark in found if remark.place.url == here]
    layers = _layers(survey)
    context = {"form": None, "condition": None, "gone": None} | context
    context |= {
        "survey": survey,
        "language": language,
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
        "outline": [_outline(number, each, found) for number, each in enumerate(layers, start=1)],
        "count": sum(len(_questions(each)) for each in layers),
        "retired": _retired(survey),
        "question": question,
        "layer": layer,
        "came_from": proposal_source(question, survey, again=bool(question.same_as_id)) if question else "",
        "number": _questions(layer).index(question) + 1 if question and layer else 0,
        "layer_number": layers.index(layer) + 1 if layer in layers else 0,
        "new_question": NewQuestionForm(),
        "asked_of": _asked_of_whom(survey, document, question, layer),
        "undo": _undo_of(request, survey, question),
        "stops": [remark for remark in found if remark.is_stop],
        "warnings": [remark for remark in found if not remark.is_stop],
        "first_seconds": _seconds(layers[0]) if layers else 0,
        "preview_url": f"{reverse('survey_preview', args=[survey.pk, question.pk])}?language={language}"
        if question
        else "",
    }
    return render(request, "surveys/desk/builder.html", context, status=status)


def _outline(number: int, layer: Layer, found: Sequence[PublishBlocker]) -> dict[str, Any]:
    """A layer in the list at the left, with a sign where something is missing."""
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
    kinds = [
        QUESTION_KINDS[question.type] for question in _questions(layer) if question.type in QUESTION_TYPES
    ]
    return round(PHONE_FACTOR * sum(kind.seconds for kind in kinds))


def _layers(survey: Survey) -> list[Layer]:
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


def _asked_of_whom(
    survey: Survey, document: Document | None, question: Question | None, layer: Layer | None
) -> str:
    """Whom the question is asked, including branches that skip it; or whom the layer is for."""
    if document is None or layer is None:
        return ""
    speaker = DocumentWording(document, {str(area.pk): area.name for area in survey.areas.all()})
    if question and document.has_question(str(question.pk)):
        return speaker.condition(document.question(str(question.pk)).condition)
    return speaker.condition(document.layer(str(layer.pk)).condition)


def _later_questions(survey: Survey, question: Question) -> list[tuple[str, Question]]:
    number = _layers(survey).index(question.layer) + 1
    questions = list(enumerate(_questions(question.layer), start=1))
    here = next(place for place, each in questions if each == question)
    return [(f"{number}.{place}", each) for place, each in questions if place > here]


def _earlier_questions(
    survey: Survey, layer: Layer, question: Question | None = None
) -> list[tuple[str, Question]]:
    """The questions before it, with their numbers (“1.4”): the only ones a condition may refer to."""
    earlier = []
    for layer_number, each in enumerate(_layers(survey), start=1):
        for number, other in enumerate(_questions(each), start=1):
            if question is not None and other == question:
                return earlier
            if question is None and each == layer:
                return earlier
            earlier.append((f"{layer_number}.{number}", other))
    return earlier


def find_layer(survey: Survey, pk: int, *, retired: bool = False) -> Layer:
    """Finds it in the prefetched layers and sets `layer.survey`. Raises Http404."""
    for layer in survey.layers.all():
        if layer.pk == pk and layer.retired == retired:
            layer.survey = survey
            return layer
    raise Http404


def find_question(survey: Survey, pk: int, *, retired: bool = False) -> Question:
    for layer in survey.layers.all():
        for question in layer.questions.all():
            if question.pk == pk and question.retired == retired and not layer.retired:
                layer.survey = survey
                question.layer = layer
                return question
    raise Http404
