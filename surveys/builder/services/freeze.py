"""Turns editable rows into the document that residents answer (surveys/questionnaire/document.py)."""

from typing import Any

from core.languages import offered_languages
from core.revision import FULL_DIGEST_DIGITS, revision
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire import walk
from surveys.questionnaire.conditions import ConditionError
from surveys.questionnaire.document import FORMAT, Document, DocumentError, parse
from surveys.questionnaire.question_types import QUESTION_TYPES


def freeze(survey: Survey) -> dict[str, Any]:
    """The document of the draft as it is now. Load the survey `with_draft()`, else this takes a query per row."""
    layers = [layer for layer in survey.layers.all() if _is_kept(layer)]
    layers.sort(key=lambda layer: (not layer.is_first, layer.order, layer.pk))
    areas = list(survey.areas.all())
    answered = _published_options(survey)
    raw = {
        "format": FORMAT,
        "survey": str(survey.pk),
        "languages": offered_languages(survey.languages),
        "title": survey.title,
        "lead": survey.lead,
        "who_asks": survey.who_asks,
        "why": survey.why,
        "promise": {
            "text": survey.promise,
            "before": survey.promise_before.isoformat() if survey.promise_before else None,
        },
        "influence": survey.influence,
        "influence_text": survey.influence_text,
        "erase_on": survey.erase_on.isoformat() if survey.erase_on else None,
        "owner_role": survey.owner_role,
        "areas": [str(area.pk) for area in areas],
        "expectation": _card(survey.card) if survey.card and not survey.without_contact else None,
        "without_contact": survey.without_contact,
        "layers": [_layer(layer, areas, answered) for layer in layers],
    }
    if layers:
        frozen = parse(raw)
        for layer in raw["layers"]:
            as_read = frozen.layer(layer["id"])
            layer["seconds"] = walk.length(as_read.asked).seconds
            passed_by = walk.skipping_answers(as_read)
            for question in layer["questions"]:
                question["condition"] = walk.add_skip_condition(
                    question["condition"], passed_by.get(question["id"], [])
                )
    return raw


def document_digest(document: dict[str, Any]) -> str:
    """What a backer signs."""
    return revision(document, digits=FULL_DIGEST_DIGITS)


def parse_draft(survey: Survey) -> Document | None:
    """The draft as the pure modules read it; None without layers."""
    raw = freeze(survey)
    return parse(raw) if raw["layers"] else None


def parse_draft_if_valid(survey: Survey) -> Document | None:
    """As `parsed`, but None for an unreadable draft, whose errors are among its remarks."""
    try:
        return parse_draft(survey)
    except (DocumentError, ConditionError):
        return None


def _is_kept(layer: Layer) -> bool:
    """Retired layers are kept if somebody may have answered them, so that exports still know them."""
    return not layer.retired or any(question.type_locked for question in layer.questions.all())


def _layer(layer: Layer, areas: list[Area], answered: frozenset[str]) -> dict[str, Any]:
    questions = [
        question for question in layer.questions.all() if not question.retired or question.type_locked
    ]
    return {
        "id": str(layer.pk),
        "title": layer.title,
        "lead": {},
        "theme": str(layer.theme_id) if layer.theme_id else None,
        "first": layer.is_first,
        "one_page": layer.one_page,
        "condition": layer.condition,
        "seconds": 0,
        "questions": [_question(question, areas, answered, gone=layer.retired) for question in questions],
    }


def _question(
    question: Question, areas: list[Area], answered: frozenset[str], *, gone: bool
) -> dict[str, Any]:
    kind = QUESTION_TYPES.get(question.type)
    return {
        "id": str(question.pk),
        "type": question.type,
        "text": question.text,
        "hint": question.hint,
        "purpose": question.purpose,
        "use": question.use,
        "owner": question.owner_role,
        "asks_needs": question.asks_needs,
        "theme": str(question.theme_id) if question.theme_id else None,
        "condition": question.condition,
        "skip": (kind and kind.skip) or question.skip,
        "settings": kind.frozen_settings(question.settings, areas) if kind else question.settings,
        "retired": question.retired or gone,
        "options": _options(question, areas, answered),
    }


def _published_options(survey: Survey) -> frozenset[str]:
    """Options that somebody may have chosen: kept when retired, so that their counts keep a label."""
    layers = survey.current.document["layers"] if survey.current else []
    return frozenset(
        option["id"] for layer in layers for question in layer["questions"] for option in question["options"]
    )


def _options(question: Question, areas: list[Area], answered: frozenset[str]) -> list[dict[str, Any]]:
    """A question that became a text keeps its options in the draft, but they are not published."""
    kind = QUESTION_TYPES.get(question.type)
    if kind and not kind.has_options:
        return kind.frozen_options(areas)
    return [
        _option(option)
        for option in question.options.all()
        if not option.retired or str(option.pk) in answered
    ]


def _option(option: Option) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(option.pk),
        "label": option.label,
        "hint": option.hint,
        "theme": str(option.theme_id) if option.theme_id else None,
        "dont_know": option.dont_know,
    }
    if option.retired:
        said["retired"] = True
    if option.then:
        said["then"] = option.then
    return said


def _card(card: ExpectationCard) -> dict[str, Any]:
    return {"id": str(card.pk)} | {row: getattr(card, row) for row in ExpectationCard.ROWS}
