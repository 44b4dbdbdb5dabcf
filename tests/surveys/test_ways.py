"""“Then go to”: what an author says per answer, as conditions that the walk and the check at publication know."""

import pytest

from surveys.builder.services.freeze import freeze, parse_draft
from surveys.builder.services.publish import publish_survey
from surveys.builder.services.readiness import publish_blockers
from surveys.models import Option, Question, Survey
from surveys.opening.paths import arrows
from surveys.questionnaire.walk import Context, Walk
from tests.surveys.drafts import fresh, make_draft, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


def lead(survey: Survey, words: str, answer: int, then: str) -> Question:
    """The answer with this number at this question leads there."""
    question = question_of(survey, words)
    option = question.options.all()[answer]
    Option.objects.filter(pk=option.pk).update(then=then)
    return question


def asked(survey: Survey, answers: dict[str, str]) -> list[str]:
    document = parse_draft(fresh(survey))
    walk = Walk(document, answers, Context())
    return [question.id for question in walk.path(document.first_layer)]


def ids(survey: Survey) -> list[str]:
    return [question.id for question in parse_draft(fresh(survey)).first_layer.asked]


def test_a_later_question_and_the_end(survey):
    first, second, third, fourth = ids(survey)
    question = lead(survey, "Hoe is", 0, third)
    lead(survey, "Hoe is", 1, "end")
    to_third, to_end, on = [str(option.pk) for option in question.options.all()][:3]
    assert str(question.pk) == first
    assert asked(survey, {first: to_third}) == [first, third, fourth]
    assert asked(survey, {first: to_end}) == [first]
    assert asked(survey, {first: on}) == asked(survey, {first: None}) == [first, second, third, fourth]


def test_an_own_condition_stays(survey):
    first, second, third, _fourth = ids(survey)
    question = lead(survey, "Hoe is", 0, third)
    own = {"answered": first}
    Question.objects.filter(pk=second).update(condition=own)
    raw = freeze(fresh(survey))["layers"][0]["questions"]
    way = str(question.options.all()[0].pk)
    assert raw[1]["condition"] == {"all": [{"not": {"is": {"question": first, "option": way}}}, own]}
    assert raw[0]["options"][0]["then"] == third
    assert Question.objects.get(pk=second).condition == own


def test_the_draft_with_ways_can_be_published(survey, editor):
    _first, _second, third, _fourth = ids(survey)
    lead(survey, "Hoe is", 0, third)
    assert publish_blockers(fresh(survey)) == []
    publish_survey(survey=survey, by=editor)


def back(survey):
    lead(survey, "Wat moet er", 0, ids(survey)[0])


def into_another_layer(survey):
    lead(survey, "Wat moet er", 0, parse_draft(fresh(survey)).layers[1].asked[0].id)


def taken_out(survey):
    last = ids(survey)[3]
    lead(survey, "Hoe is", 0, last)
    Question.objects.filter(pk=last).update(retired=True)


def past_by_all(survey):
    Option.objects.filter(question=question_of(survey, "Hoe is")).update(then=ids(survey)[2])


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (back, "niet erna komt"),
        (into_another_layer, "niet erna komt"),
        (taken_out, "niet erna komt"),
        (past_by_all, "komt hier nooit"),
    ],
)
def test_what_leads_nowhere_is_refused(survey, break_it, said):
    break_it(survey)
    found = publish_blockers(fresh(survey))
    assert any(said in lack.sentence for lack in found), found
    assert all("/questions/" in lack.url for lack in found)


def test_the_picture_shows_both_ways(survey):
    first, second, third, _fourth = ids(survey)
    question = lead(survey, "Hoe is", 0, third)
    found = {arrow.key: arrow for arrow in arrows(parse_draft(fresh(survey)).first_layer)}
    assert set(found) >= {(first, second), (first, third), (second, third)}
    assert [option.id for option in found[first, third].options] == [str(question.options.all()[0].pk)]
    assert not found[first, third].is_perhaps
    assert found[second, third].options == ()
