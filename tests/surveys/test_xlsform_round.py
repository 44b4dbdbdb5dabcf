"""A survey written as XLSForm: other tools take it, and read again it is the same survey."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from surveys.exchange.xlsform.book import open_book
from surveys.exchange.xlsform.giving import form_from_plan
from surveys.exchange.xlsform.relevant import (
    EarlierQuestion,
    UntranslatableExpression,
    parse_expression,
    write_expression,
)
from surveys.exchange.xlsform.taking import plan_from_form
from surveys.library import LIBRARY
from surveys.library.plan import to_json
from surveys.questionnaire.conditions import parse
from surveys.questionnaire.conditions import to_json as tree_of
from surveys.questionnaire.walk import evaluate
from tests.surveys.documents import answers_to, contexts, documents, examples

PLANS = list(LIBRARY.values())


def comparable(plan) -> dict:
    raw = json.loads(json.dumps(to_json(plan)))
    return {name: value for name, value in raw.items() if name not in ("slug", "name", "about")}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.slug)
def test_out_and_in_again_is_the_same(plan):
    content = form_from_plan(plan, languages=["nl", "en"], form_id=plan.slug).workbook()
    again = plan_from_form(open_book(content), languages=["nl", "en"], unnamed="nl")
    assert comparable(again.plan) == comparable(plan)
    assert again.languages == ("nl", "en")
    assert again.remarks == ()


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.slug)
def test_another_tool_takes_it(plan):
    content = form_from_plan(plan, languages=["nl", "en"], form_id=plan.slug).workbook()
    made = convert(io.BytesIO(content), validate=False)
    assert made.warnings == []
    assert all(question.key in made.xform for layer in plan.layers for question in layer.questions)


def test_ways_and_earlier_answers_come_back():
    """Another tool gets them as conditions and references, we as they were."""
    plan = with_ways_and_answers(LIBRARY["first-sounding"])
    given = form_from_plan(plan, languages=["nl", "en"], form_id="x")
    asked = {row[1]: row for row in given.sheets["survey"]}
    first, passed, last = (question.key for question in plan.layers[0].questions[:3])
    answers = [option.key for option in plan.layers[0].questions[0].options[:2]]
    led = " or ".join(f"${{{first}}} = '{answer}'" for answer in answers)
    assert asked[passed][6] == f"not({led})"
    assert asked[last][2].endswith(f"bij ${{{first}}}?")
    again = plan_from_form(open_book(given.workbook()), languages=["nl", "en"], unnamed="nl")
    assert comparable(again.plan) == comparable(plan)
    assert again.remarks == ()
    assert convert(io.BytesIO(given.workbook()), validate=False).warnings == []


def test_a_condition_that_was_changed_in_the_file_holds_instead_of_the_ways():
    plan = with_ways_and_answers(LIBRARY["first-sounding"])
    given = form_from_plan(plan, languages=["nl", "en"], form_id="x")
    (row,) = (row for row in given.sheets["survey"] if row[6].startswith("not("))
    row[6] = ""
    again = plan_from_form(open_book(given.workbook()), languages=["nl", "en"], unnamed="nl").plan.layers[0]
    assert not any(option.then for question in again.questions for option in question.options)
    assert again.questions[1].condition is None


def with_ways_and_answers(plan):
    """Two answers to the first question lead past the second, and the third repeats what was chosen."""
    first, passed, last, *rest = plan.layers[0].questions
    options = [replace(option, then=last.key) for option in first.options[:2]]
    first = replace(first, options=(*options, *first.options[2:]))
    words = dict.fromkeys(last.text, f"Helpt u bij {{{{answer:{first.key}|iets}}}}?")
    layer = replace(plan.layers[0], questions=(first, passed, replace(last, text=words), *rest))
    return replace(plan, layers=(layer, *plan.layers[1:]))


@given(st.data())
@examples
def test_a_condition_out_and_in_means_the_same(data):
    document = data.draw(documents)
    answers, context = data.draw(answers_to(document)), data.draw(contexts)
    points = {question.id: question.option_ids for question in document.questions}
    known = {
        question.id: EarlierQuestion(question.id, question.type, question.option_ids)
        for question in document.questions
    }
    for question in document.questions:
        condition = question.condition
        if condition is None:
            continue
        try:
            said = write_expression(tree_of(condition), known)
        except (
            UntranslatableExpression
        ):  # further than the last point: true of nobody, and told to the author
            continue
        again = parse(parse_expression(said, known), points)
        assert evaluate(again, answers, context) == evaluate(condition, answers, context)
