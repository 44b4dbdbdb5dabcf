"""Copies: what answers lead to and what texts repeat comes along; what is about something else is left, and told."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from surveys.builder.services import library_items
from surveys.builder.services.freeze import freeze
from surveys.builder.services.start import plan_of, plan_of_document, start_survey
from surveys.exchange.services import start_from_form, xlsform_of_survey
from surveys.library.plan import plan_from, to_json
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire.document import parse
from surveys.questionnaire.piping import TOKEN
from surveys.questionnaire.question_types import QUESTION_TYPES
from tests.people import signed_in
from tests.surveys.documents import SHAPES, Shape, conditions_over, question, raw_poll
from tests.surveys.drafts import fresh, make_draft, question_of

pytestmark = pytest.mark.django_db

KINDS = sorted(
    key for key in SHAPES if QUESTION_TYPES[key].has_options or SHAPES[key] not in (Shape.ONE, Shape.MANY)
)


# --- any survey -------------------------------------------------------------------------------


@st.composite
def drafts(draw: st.DrawFn, area: int) -> dict[str, Any]:
    """Any document that looks back alone, with ways and repeated answers; retired questions stand by themselves."""
    earlier: list[dict[str, Any]] = []
    layers = []
    for number in range(draw(st.integers(1, 2))):
        condition = draw(st.none() | conditions_over(earlier)) if number else None
        questions = []
        for _ in range(draw(st.integers(1, 4))):
            id, type = (
                str(1000 + sum(len(one["questions"]) for one in layers) + len(questions)),
                draw(st.sampled_from(KINDS)),
            )
            count = draw(st.integers(2, 4)) if QUESTION_TYPES[type].has_options else 0
            one = question(
                id,
                type,
                [f"{id}{place}" for place in range(count)],
                condition=draw(st.none() | conditions_over(earlier)),
                retired=draw(st.integers(0, 9)) == 0,
            )
            if earlier and draw(st.booleans()):
                one["text"]["nl"] += f" {{{{answer:{draw(st.sampled_from(earlier))['id']}|iets}}}}"
            questions.append(one)
            if not one["retired"]:
                earlier.append(one)
        for place, one in enumerate(questions):
            goals = ["", "end", *(later["id"] for later in questions[place + 1 :] if not later["retired"])]
            for each in one["options"] if SHAPES[one["type"]] is Shape.ONE else ():
                each["then"] = draw(st.sampled_from(goals))
        layers.append({"questions": questions, "condition": condition, "one_page": draw(st.booleans())})
    return in_area(raw_poll(*layers), str(area))


def in_area(tree: Any, area: str) -> Any:
    """Whatever area a condition asks about, it is the one of the survey."""
    match tree:
        case {"in_area": _}:
            return {"in_area": [area]}
        case dict():
            return {name: in_area(value, area) for name, value in tree.items()}
        case list():
            return [in_area(value, area) for value in tree]
    return tree


def write(raw: dict[str, Any], survey: Survey) -> None:
    """As rows, with the ids of the document."""
    for order, layer in enumerate(raw["layers"]):
        row = Layer.objects.create(
            survey=survey,
            order=order,
            title={"nl": f"Laag {order}"},
            is_first=not order,
            one_page=layer["one_page"] and order > 0,
            condition=layer["condition"],
        )
        Question.objects.bulk_create(
            Question(pk=int(one["id"]), layer=row, order=place, type=one["type"], text=one["text"],
                     condition=one["condition"], retired=one["retired"])
            for place, one in enumerate(layer["questions"])
        )  # fmt: skip
        Option.objects.bulk_create(
            Option(pk=int(each["id"]), question_id=int(one["id"]), order=place, label=each["label"],
                   then=each.get("then", ""))
            for one in layer["questions"]
            for place, each in enumerate(one["options"])
        )  # fmt: skip


def numbered(raw: dict[str, Any]) -> Any:
    """What is asked, with the ids of each kind in the order in which they first stand in it."""
    numbers: dict[str, dict[str, int]] = {"layer": {}, "question": {}, "option": {}}

    def number(kind: str, id: str) -> str:
        return f"{kind} {numbers[kind].setdefault(id, len(numbers[kind]))}"

    def renumber(value: Any, name: str = "", kind: str = "") -> Any:
        match value, name:
            case dict(), _:
                kind = "layer" if "questions" in value else "question" if "type" in value else "option"
                return {key: renumber(each, key, kind) for key, each in value.items()}
            case list(), _:
                return [renumber(each, name) for each in value]
            case str(), "id":
                return number(kind, value)
            case str(), "option":
                return number("option", value)
            case str(), "question" | "answered" | "then" if value not in ("", "end"):
                return number("question", value)
            case str(), _:
                return TOKEN.sub(lambda found: number("question", found[1]) + found[2], value)
        return value

    return renumber(raw["layers"])


@given(st.data())
@settings(
    max_examples=25,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_copy_of_any_survey_freezes_to_the_same(area, editor, data):
    raw, of_version = data.draw(drafts(area.pk)), data.draw(st.booleans())
    with transaction.atomic():
        survey = Survey.objects.create(area=area, owner=editor, languages=["nl", "en"])
        survey.areas.set([area])
        write(raw, survey)
        written = fresh(survey)
        before = freeze(written)
        kept = plan_from(json.loads(json.dumps(to_json(plan_of(written)))))
        version = plan_of_document(parse(before))
        # A version leaves layers out in which nothing is asked.
        is_whole = len(version.layers) == len(kept.layers)
        plan = version if of_version and is_whole else kept
        copy = start_survey(areas=[area], languages=["nl", "en"], plan=plan, by=editor)
        after = freeze(fresh(copy))
        transaction.set_rollback(True)
    assert numbered(after) == numbered(before)


# --- one block, one question ------------------------------------------------------------------


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


@pytest.fixture
def block(survey) -> Layer:
    """An answer to its first question leads past the second; the third repeats that answer, and one of layer 1."""
    layer = Layer.objects.get(survey=survey, title__nl="Bus en verkeer")
    first, _passed, third, *_rest = layer.questions.all()
    Option.objects.filter(pk=first.options.first().pk).update(then=str(third.pk))
    outside = question_of(survey, "Hoe is")
    tokens = f"Bij {{{{answer:{first.pk}|dat}}}} en {{{{answer:{outside.pk}|de buurt}}}}?"
    Question.objects.filter(pk=third.pk).update(text={"nl": tokens, "en": tokens})
    return layer


def test_a_block_goes_on_about_its_own_questions(block, area, editor):
    row = library_items.keep_in_library(source=block, name="Verkeer", by=editor)
    other = start_survey(areas=[area], languages=["nl"], title="Verkeer", by=editor)
    layer = library_items.add_entry_to_survey(
        survey=other, item=library_items.find_library_item(f"own-{row.pk}"), layer=None, by=editor
    )
    first, _passed, third, *_rest = layer.questions.all()
    assert first.options.first().then == str(third.pk)
    assert third.text["nl"] == f"Bij {{{{answer:{first.pk}|dat}}}} en de buurt?"


def test_what_leads_out_of_it_leads_on(block, survey, editor):
    first = block.questions.first()
    elsewhere = str(question_of(survey, "Hoe is").pk)
    Option.objects.filter(pk=first.options.last().pk).update(then=elsewhere)
    plan = library_items.find_library_item(
        f"own-{library_items.keep_in_library(source=block, name='Verkeer', by=editor).pk}"
    ).plan
    assert [bool(option.then) for option in plan.questions[0].options][-1] is False
    alone = library_items.find_library_item(
        f"own-{library_items.keep_in_library(source=first, name='Vraag', by=editor).pk}"
    ).plan
    assert not any(option.then for option in alone.options)


def test_the_author_reads_what_stays_behind(block, survey, editor):
    assert "eerder antwoord in 1 tekst" in library_items.describe_removed_references(block)
    page = signed_in(editor).get(reverse("layer_keep", args=[survey.pk, block.pk])).content.decode()
    assert "eerder antwoord in 1 tekst" in page
    assert library_items.describe_removed_references(survey) == ""
    first = block.questions.first()
    assert "1 vervolgweg" in library_items.describe_removed_references(first)


def test_another_round_says_what_was_about_a_question_taken_out(block, survey, editor):
    Question.objects.filter(pk=block.questions.first().pk).update(retired=True)
    again = signed_in(editor).post(reverse("survey_again", args=[survey.pk]), follow=True)
    assert "eerder antwoord in 1 tekst" in again.content.decode()
    assert question_of(Survey.objects.get(round_of=survey), "Bij dat en")


def test_a_form_file_goes_round_with_ways_and_answers(block, survey, area, editor):
    content = xlsform_of_survey(fresh(survey)).workbook()
    again = start_from_form(
        content=content, name="form.xlsx", areas=[area], languages=["nl", "en"], by=editor
    )
    assert again.form_file.report == []
    assert numbered(freeze(fresh(again))) == numbered(freeze(fresh(survey)))
