"""An open survey to answer, made straight in the tables: the way there is tested elsewhere."""

import hashlib
import json
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import User
from feedback.models import Promise
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Theme
from surveys.models import Channel, Layer, Option, Question, Survey, SurveyVersion
from surveys.questionnaire.question_types import QUESTION_TYPES

_number = count(1)


def both(nl: str, en: str = "") -> dict[str, str]:
    return {"nl": nl, "en": en or nl}


def make_card() -> ExpectationCard:
    rows = {row: both(f"{row} in woorden") for row in ExpectationCard.ROWS}
    return ExpectationCard.objects.create(name="card", **rows)


def make_question(layer: Layer, type: str = "one_choice", *, options: int = 3, **fields: Any) -> Question:
    order = layer.questions.count()
    fields = {"text": both(f"Vraag {order + 1}?", f"Question {order + 1}?"), "order": order} | fields
    question = Question.objects.create(layer=layer, type=type, **fields)
    for place in range(options if QUESTION_TYPES[type].has_options else 0):
        Option.objects.create(
            question=question, order=place, label=both(f"Keuze {order}.{place}", f"Choice {order}.{place}")
        )
    return question


def make_survey(
    *,
    areas: list[Area],
    owner: User,
    questions: int = 4,
    due_on: date | None = None,
    theme: Theme | None = None,
) -> Survey:
    """Open: four single choices (the first asks for needs), an own topic, a deeper layer of two questions."""
    due_on = due_on or timezone.localdate() + timedelta(days=40)
    common = areas[0] if len(areas) == 1 else areas[0].parent or areas[0]
    survey = Survey.objects.create(
        title=both("Wat heeft de buurt nodig?", "What does the neighbourhood need?"),
        lead=both("Vier korte vragen.", "Four short questions."),
        who_asks=both("De gemeente.", "The municipality."),
        why=both("De raad verdeelt geld.", "The council divides money."),
        promise=both("U hoort van ons.", "You hear from us."),
        promise_before=due_on,
        influence="consult",
        influence_text=both("U denkt mee.", "You think along."),
        languages=["nl", "en"],
        owner_role=both("Uw wijkmanager", "Your neighbourhood manager"),
        erase_on=due_on + timedelta(days=200),
        area=common,
        owner=owner,
        card=make_card(),
    )
    survey.areas.set(areas)
    first = Layer.objects.create(survey=survey, order=0, is_first=True, title=both("Iedereen", "Everybody"))
    for place in range(questions):
        make_question(first, asks_needs=place == 0, theme=theme if place == 0 else None)
    words = Layer.objects.create(
        survey=survey, order=1, title=both("In uw eigen woorden", "In your own words")
    )
    make_question(words, "own_topic", text=both("Wat vroegen wij niet?", "What did we not ask?"))
    deeper = Layer.objects.create(survey=survey, order=2, title=both("Ontmoeten", "Meeting"))
    make_question(deeper, "several_choices")
    make_question(deeper, "long_text")
    publish(survey)
    return survey


def publish(survey: Survey) -> SurveyVersion:
    """Freeze what stands there and open it."""
    document = frozen(survey)
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    number = survey.versions.count() + 1
    version = SurveyVersion.objects.create(survey=survey, number=number, document=document, digest=digest)
    Promise.objects.get_or_create(
        subject=survey.subject,
        defaults={
            "owner": survey.owner,
            "due_on": survey.promise_before,
            "first_due_on": survey.promise_before,
            "title": survey.title,
        },
    )
    Channel.objects.create(survey=survey, name="link", code=f"poll{next(_number)}")
    Survey.objects.filter(pk=survey.pk).update(current=version, state="open", opened_at=timezone.now())
    survey.refresh_from_db()
    return version


def frozen(survey: Survey) -> dict[str, Any]:
    layers = survey.layers.prefetch_related("questions__options")
    return {
        "format": 1,
        "survey": str(survey.pk),
        "languages": survey.languages,
        "title": survey.title,
        "lead": survey.lead,
        "who_asks": survey.who_asks,
        "why": survey.why,
        "promise": {"text": survey.promise, "before": survey.promise_before.isoformat()},
        "influence": survey.influence,
        "influence_text": survey.influence_text,
        "erase_on": survey.erase_on.isoformat(),
        "owner_role": survey.owner_role,
        "areas": [str(area.pk) for area in survey.areas.all()],
        "expectation": {"id": str(survey.card_id)} if survey.card_id else None,
        "layers": [_layer(layer) for layer in layers],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "id": str(layer.pk),
        "title": layer.title,
        "first": layer.is_first,
        "one_page": layer.one_page,
        "condition": layer.condition,
        "questions": [
            {
                "id": str(question.pk),
                "type": question.type,
                "text": question.text,
                "hint": question.hint,
                "purpose": both("Daarom", "Because"),
                "use": both("Dat doen wij", "We do that"),
                "owner": both("De wijkmanager", "The manager"),
                "asks_needs": question.asks_needs,
                "theme": str(question.theme_id) if question.theme_id else None,
                "condition": question.condition,
                "skip": question.skip,
                "settings": question.settings,
                "retired": question.retired,
                "options": [
                    {"id": str(option.pk), "label": option.label, "hint": {}, "dont_know": option.dont_know}
                    for option in question.options.all()
                ]
                or QUESTION_TYPES[question.type].frozen_options(question.layer.survey.areas.all()),
            }
            for question in layer.questions.all()
        ],
    }
