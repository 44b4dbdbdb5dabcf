"""Reach, paths and reading on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.i18n import pick
from initiatives.models import ExpectationCard
from neighbourhoods.access import staff
from neighbourhoods.models import Municipality, ParticipationRules
from neighbourhoods.states import Role
from surveys.builder.services.freeze import parse_draft_if_valid
from surveys.builder.services.readiness import CARD_ROWS
from surveys.builder.views.desk import find_published, find_survey
from surveys.models import Survey
from surveys.opening.paths import BEGIN_KEY, Arrow, PathFlows, picture
from surveys.opening.services.reach import PathCounts, add_suggested_channel, count_paths, read_reach
from surveys.questionnaire.document import Layer, Question, parse
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.results.services.results import FEW_PEOPLE
from surveys.results.views.results import invited_filter_links
from surveys.states import SEEN_BY_RESIDENTS, SurveyState
from surveys.wording import DocumentWording

# The picture of all paths through a survey, with the same as a list.


MAX_CHARACTERS_PER_LINE, MAX_LINES = 38, 2
"""Characters per line and lines of a question in its box."""
MAX_ARROW_LABEL_LENGTH, MAX_TOP_LABEL_LENGTH = 30, 90
TOO_FEW = "–"


@dataclass(frozen=True)
class PeopleCount:
    """A number of people for display; None for too few to show."""

    n: int | None

    def __str__(self) -> str:
        return TOO_FEW if self.n is None else str(self.n)


@staff(Role.VIEWER)
@require_safe
def paths(request: HttpRequest, pk: int) -> HttpResponse:
    """Paths of the draft, since it is edited here; or of the running version, with numbers of people."""
    survey = find_survey(request, pk)
    along = count_paths(survey)
    of_answers = along is not None and (request.GET.get("of") == "answers" or not survey.has_changes)
    document = along.document if along and of_answers else parse_draft_if_valid(survey)
    may_write = survey.state != SurveyState.CLOSED and request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    layers = [layer for layer in document.layers if layer.asked] if document else []
    speaker = (
        DocumentWording(document, {str(area.pk): area.name for area in survey.areas.all()})
        if document
        else None
    )
    context = {
        "survey": survey,
        "numbers": along if of_answers and along and not along.is_empty else None,
        "threshold": Municipality.current().smallest_cell,
        "pictures": [
            {"url": "?", "label": _("As it is written now"), "current": not of_answers},
            {"url": "?of=answers", "label": _("As residents meet it, with numbers"), "current": of_answers},
        ]
        if along and survey.has_changes
        else [],
        "layers": [
            _layer(survey, layer, number, speaker, along if of_answers else None, may_write=may_write)
            for number, layer in enumerate(layers, start=1)
            if speaker
        ],
    }
    return render(request, "surveys/desk/paths.html", context)


def _layer(
    survey: Survey,
    layer: Layer,
    number: int,
    speaker: DocumentWording,
    along: PathCounts | None,
    *,
    may_write: bool,
) -> dict[str, Any]:
    drawn = picture(layer, number)
    language = get_language() or ""
    numbers = {box.question.id: box.number for box in drawn.boxes}
    counted = along.layers[layer.id] if along else PathFlows({}, {})
    ways: dict[str, list[tuple[str, PeopleCount | None]]] = {}
    for each in drawn.drawn:
        said = _arrow_sentence(each.arrow, numbers, language)
        ways.setdefault(each.arrow.key[0], []).append((said, _people(counted.along, each.arrow.key)))
    return {
        "layer": layer,
        "number": number,
        "picture": drawn,
        "for_whom": speaker.condition(layer.condition),
        "begins": _short(_begins(layer, speaker), MAX_TOP_LABEL_LENGTH),
        "into": ways.get(BEGIN_KEY, []),
        "boxes": [
            {
                "box": box,
                "url": _url(survey, box.question) if may_write else "",
                "text": (text := pick(box.question.text, language) or _("A question without words")),
                "lines": _lines(f"{box.number} {text}"),
                "asked_of": speaker.condition(box.question.condition) if box.question.condition else "",
                "ways": ways.get(box.question.id, []),
                "people": _people(counted.at, box.question.id),
                "stopped": _people(along.stopped, box.question.id) if along else None,
            }
            for box in drawn.boxes
        ],
        "arrows": [
            {
                "drawn": each,
                "words": _short(arrow_label(each.arrow, language), MAX_ARROW_LABEL_LENGTH),
                "people": _people(counted.along, each.arrow.key),
            }
            for each in drawn.drawn
        ],
    }


def _people(numbers: Mapping[Any, int | None], key: Any) -> PeopleCount | None:
    return PeopleCount(numbers[key]) if key in numbers else None


def _begins(layer: Layer, speaker: DocumentWording) -> str:
    if layer.first:
        return _("everybody")
    return _("after layer 1, by choice, for %(who)s") % {"who": speaker.condition(layer.condition)}


def arrow_label(arrow: Arrow, language: str) -> str:
    """The answers after which an arrow is taken, as shown along it."""
    if not arrow.options:
        return ""
    if arrow.source and len(arrow.options) == len(arrow.source.offered):
        return _("every answer")
    return ", ".join(pick(option.label, language) for option in arrow.options)


def _arrow_sentence(arrow: Arrow, numbers: Mapping[str, str], language: str) -> str:
    """One arrow in words: “after “No”: to the end of the layer”."""
    goal = _("to %s") % numbers[arrow.target.id] if arrow.target else _("to the end of the layer")
    goal = _("perhaps %s") % goal if arrow.is_perhaps else goal
    words = arrow_label(arrow, language)
    return _("after “%(answers)s”: %(goal)s") % {"answers": words, "goal": goal} if words else goal


def _url(survey: Survey, question: Question) -> str:
    return reverse("survey_question", args=[survey.pk, question.id])


def _lines(words: str) -> list[str]:
    """The words of a box on two lines, split at a space."""
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + len(word) >= MAX_CHARACTERS_PER_LINE:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], _short(f"{lines[MAX_LINES - 1]} …", MAX_CHARACTERS_PER_LINE)]
    return [_short(each, MAX_CHARACTERS_PER_LINE) for each in lines]


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


# Who has answered, and who has not been heard yet.


@staff(Role.VIEWER)
@require_safe
def reach_page(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Survey.objects.visible_to(request.user)
    survey = get_object_or_404(visible, pk=pk)
    if survey.current_id is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    areas = list(survey.areas.select_related("parent").order_by("name"))
    channels = list(survey.channels.all())
    invited, ways = invited_filter_links(request, channels)
    context = {
        "survey": survey,
        "reach": read_reach(survey, areas, channels, invited=invited),
        "ways": ways,
        "invited": invited if ways else channels[0].invited if channels else False,
        "threshold": Municipality.current().smallest_cell,
        "few": FEW_PEOPLE,
        "may_import": request.desk.runs_municipality,  # type: ignore[attr-defined]
        "may_plan": survey.state != SurveyState.CLOSED and request.desk.can(Role.EDITOR, areas),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/reach.html", context)


@staff(Role.EDITOR)
@require_POST
def reach_plan(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    try:
        channel = add_suggested_channel(survey=survey, key=request.POST.get("group", ""), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("survey_reach", pk=pk)
    messages.success(
        request, _("Added: “%(way)s”. Who comes in this way is counted apart.") % {"way": channel}
    )
    return redirect(f"{reverse('survey_channels', args=[pk])}#way-{channel.pk}")


# A published version in full, for the backer who is asked to sign it, and for colleagues.


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
                (layer, [(question, QUESTION_TYPES[question.type].label) for question in layer.asked])
                for layer in document.layers
            ],
        },
    )
