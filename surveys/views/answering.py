"""One page of questions at a time: show it, take the answer, go on."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback.models import Contribution
from neighbourhoods.access import resident
from neighbourhoods.models import Theme
from surveys import device, question_types
from surveys.document import Layer, Question, Shape
from surveys.models import Response
from surveys.published import Published
from surveys.question_types import AnswerError
from surveys.services.answer import NotAnswerable, published_of, save_page, walk_of
from surveys.states import ANSWERABLE
from surveys.walk import Walk

SKIP_LABELS = {
    "skip": lambda: _("Skip this question"),
    "dont_know": lambda: _("I don't know"),
    "rather_not": lambda: _("I'd rather not say"),
}


def find_response(request: HttpRequest, code: str) -> tuple[Response | None, device.UnderWay | None]:
    """The response that is under way on this phone through the channel `code`, in one query."""
    response = (
        Response.objects.select_related("survey", "version", "channel")
        .defer("version__document")
        .filter(channel__code__iexact=code, pk__in=_ids(request))
        .first()
    )
    if response is None:
        return None, None
    return response, device.under_way(request, response.survey_id)


def _ids(request: HttpRequest) -> list:
    names = [name for name in request.COOKIES if name.startswith("nabij-")]
    ways = [device.under_way(request, int(name[6:])) for name in names if name[6:].isdigit()]
    return [way.response for way in ways if way]


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, code: str, question: str) -> HttpResponse:
    response, way = find_response(request, code)
    if response is None or way is None:
        return lost(request, code)
    if response.survey.state not in ANSWERABLE or response.withdrawn_on:
        return too_late(request, response)
    frozen = published_of(response)
    walk = walk_of(response, frozen.document)
    place = walk.place(question)
    if place is None or not walk.may_visit(question):
        return _onward(response, frozen, walk)
    page = next(page for page in walk.pages(place.layer) if place.question in page)
    if request.method != "POST":
        return render_page(request, response, walk, place.layer, page)
    if request.POST.get("go") == "skip":
        values: dict[str, Any] = {asked.id: None for asked in page}
    else:
        values, errors = _clean(page, request.POST)
        if errors:
            return render_page(request, response, walk, place.layer, page, errors=errors, status=422)
        if _says_nothing(page, values) and "nudged" not in request.POST:
            return render_page(request, response, walk, place.layer, page, nudge=True)
    return _save(request, response, frozen, place.layer, values, way)


def _save(
    request: HttpRequest,
    response: Response,
    frozen: Published,
    layer: Layer,
    values: Mapping[str, Any],
    way: device.UnderWay,
) -> HttpResponse:
    was_done = layer.id in response.layers_done
    try:
        response, following = save_page(response_id=response.pk, values=values, minutes=way.minutes)
    except NotAnswerable:
        return too_late(request, response)
    channel = response_code(request)
    if following:
        return redirect("question", code=channel, question=following[0].id)
    if was_done:
        walk = walk_of(response, frozen.document)
        last = walk.place(list(values)[-1])
        if last and last.next:
            return redirect("question", code=channel, question=last.next.id)
    if layer is frozen.document.first_layer and not was_done and _asks_where(response, frozen):
        return redirect("where", code=channel)
    return redirect("thanks", code=channel)


def response_code(request: HttpRequest) -> str:
    """The short code as it stands in the address, so that the way keeps its name."""
    return str(request.resolver_match.kwargs["code"])  # type: ignore[union-attr]


def _asks_where(response: Response, frozen: Published) -> bool:
    return (
        len(frozen.document.areas) > 1
        and response.channel.area_id is None
        and not response.area_was_asked
        and response.area_id == response.survey.area_id
    )


def _clean(page: tuple[Question, ...], data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for asked in page:
        try:
            values[asked.id] = question_types.type_of(asked).clean(asked, data)
        except AnswerError as error:
            errors[asked.id] = str(error)
    return values, errors


def _says_nothing(page: tuple[Question, ...], values: Mapping[str, Any]) -> bool:
    """Nothing chosen on a page of choices: asked once, kindly, whether that is meant."""
    return all(value is None for value in values.values()) and any(q.shape is not Shape.TEXT for q in page)


def render_page(
    request: HttpRequest,
    response: Response,
    walk: Walk,
    layer: Layer,
    page: tuple[Question, ...],
    *,
    errors: Mapping[str, str] | None = None,
    nudge: bool = False,
    status: int = 200,
) -> HttpResponse:
    place = walk.place(page[0].id)
    assert place is not None  # the page comes from the walk
    code = response_code(request)
    one_tap = len(page) == 1 and page[0].shape is Shape.ONE
    blocks = [_block(request, response, asked, (errors or {}).get(asked.id, "")) for asked in page]
    context = {
        "survey": response.survey,
        "layer": layer,
        "blocks": blocks,
        "place": place,
        "last": walk.place(page[-1].id).next is None,  # type: ignore[union-attr]
        "one_tap": one_tap,
        "back_url": _back(code, walk, place.previous, layer),
        "errors": errors or {},
        "nudge": nudge,
        "skip_label": SKIP_LABELS[page[0].skip]() if len(page) == 1 else _("Skip these questions"),
    }
    return render(request, "surveys/answer/question.html", context, status=status)


def _block(request: HttpRequest, response: Response, asked: Question, error: str) -> dict[str, Any]:
    """What the template of a question type needs."""
    kind = question_types.type_of(asked)
    value = _shown_value(request, response, asked)
    chosen = value if isinstance(value, dict) else {value: True}
    return {
        "question": asked,
        "template": kind.template,
        "field": kind.field(asked),
        "value": value,
        "options": [(option, option.id in chosen) for option in asked.options],
        "error": error,
        "themes": _themes(asked),
    }


def _shown_value(request: HttpRequest, response: Response, asked: Question) -> Any:
    """What was typed just now, else what is stored; words are fetched only when there are any."""
    field = question_types.type_of(asked).field(asked)
    if request.method == "POST":
        many = {chosen: True for chosen in request.POST.getlist(field)}
        return many if asked.shape is Shape.MANY else request.POST.get(field, "")
    value = response.answers.get(asked.id)
    if asked.shape is Shape.TEXT and value:
        words = Contribution.objects.filter(receipt=response.receipt_id, slot=asked.id)
        return words.values_list("text", flat=True).first() or ""
    return value


def _themes(asked: Question) -> list[Theme]:
    """The themes to choose from beside an own topic."""
    return list(Theme.objects.filter(retired_on=None)) if asked.settings.get("ask_theme") else []


def _back(code: str, walk: Walk, previous: Question | None, layer: Layer) -> str:
    if previous is None:
        return reverse("start", args=[code]) if layer is walk.document.first_layer else reverse("thanks", args=[code])
    page = next(page for page in walk.pages(layer) if previous in page)
    return reverse("question", args=[code, page[0].id])


def _onward(response: Response, frozen: Published, walk: Walk) -> HttpResponse:
    """An address that is not (any more) on their path: go where they were."""
    for layer_id in response.layers_shown:
        layer = frozen.document.layer(layer_id)
        if layer.id not in response.layers_done and (asked := walk.resume(layer)):
            return redirect("question", code=response.channel.code, question=asked.id)
    if response.layers_done:
        return redirect("thanks", code=response.channel.code)
    raise Http404


def lost(request: HttpRequest, code: str) -> HttpResponse:
    """No participation on this phone: say so, and give back what was typed."""
    context = {"code": code, "typed": _typed(request)}
    return render(request, "surveys/answer/lost.html", context, status=410 if request.method == "POST" else 404)


def too_late(request: HttpRequest, response: Response) -> HttpResponse:
    """Closed, or withdrawn: say so, and give back what was typed."""
    context = {
        "survey": response.survey,
        "channel": response.channel,
        "response": response,
        "typed": _typed(request),
    }
    return render(request, "surveys/answer/not_now.html", context, status=409 if request.method == "POST" else 200)


def _typed(request: HttpRequest) -> list[str]:
    """The words in a form that can't be kept; ids of options are nothing to give back."""
    fields = {name: value.strip() for name, value in request.POST.items() if name.startswith("q")}
    return [value for name, value in fields.items() if value and not value.isdigit() and "-" not in name]
