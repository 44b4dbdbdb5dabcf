"""Numbers on the picture of paths: what counters alone can tell of an arrow is what people did, or it is hidden."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from surveys.models import Question, Survey
from surveys.opening.paths import BEGIN_KEY, path_flows
from surveys.questionnaire.counting import tally
from surveys.questionnaire.document import Document, Layer
from surveys.questionnaire.walk import END_OF_LAYER, Context, Walk
from tests.markup import squeezed
from tests.people import signed_in
from tests.surveys.documents import (
    answers_to,
    contexts,
    documents,
    examples,
    is_,
    layer,
    poll,
    question,
)
from tests.surveys.polls import make_survey, publish
from tests.surveys.test_gone import count


def went(document: Document, of: Layer, people: Iterable[tuple[dict[str, Any], Context]]):
    """What is counted of these people in a layer, and along which arrows they really went."""
    counted: Counter[tuple[str, str]] = Counter()
    really: Counter[tuple[str, str]] = Counter()
    done = [each.id for each in document.layers]
    for answers, context in people:
        path = [one.id for one in Walk(document, answers, context, done).path(of)]
        kept = {id: answers.get(id) for id in path}
        counted += tally(document, kept, path, [of.id])
        really.update(zip([BEGIN_KEY, *path], [*path, END_OF_LAYER], strict=True))
    return counted, really


@given(st.data())
@settings(examples, phases=[Phase.generate])
def test_every_number_is_how_many_went_there(data):
    document = data.draw(documents)
    people = data.draw(st.lists(st.tuples(answers_to(document), contexts), max_size=8))
    for each in document.layers:
        if not each.asked:
            continue
        counted, really = went(document, each, people)
        found = path_flows(each, counted, threshold=0)
        really_known = {key: really[key] for key in found.along}
        assert found.along == really_known


def fork(no: int, yes: int, skipped: int, threshold: int = 10):
    """“No” leads past the second question; nobody else goes there."""
    first = question("1", "yes_no", ["11", "12"])
    document = poll(
        layer("1", first, question("2", "long_text", condition={"not": is_("1", "12")}), first=True)
    )
    people = [({"1": "12"}, Context())] * no + [({"1": "11", "2": None}, Context())] * yes
    people += [({"1": None, "2": None}, Context())] * skipped
    counted, _really = went(document, document.first_layer, people)
    return path_flows(document.first_layer, counted, threshold)


def test_both_ways_out_of_a_fork():
    found = fork(no=20, yes=30, skipped=5)
    assert found.along == {
        (BEGIN_KEY, "1"): 55,
        ("1", "2"): 35,
        ("1", END_OF_LAYER): 20,
        ("2", END_OF_LAYER): 35,
    }
    assert found.at == {BEGIN_KEY: 55, "1": 55, "2": 35}


@pytest.mark.parametrize(("no", "yes"), [(3, 50), (50, 3), (0, 50)])
def test_a_few_are_hidden_with_what_would_give_them_away(no, yes):
    found = fork(no=no, yes=yes, skipped=0)
    assert found.along["1", "2"] is None
    assert found.along["1", END_OF_LAYER] is None
    assert found.at["2"] is None


def test_a_hidden_answer_is_not_told_by_the_arrow_it_shares_with_another():
    """The results say 30 chose the second answer and hatch the others: 33 along this arrow would tell the first."""
    first = question("1", "one_choice", ["11", "12", "13"])
    past = {"not": {"any": [is_("1", "11"), is_("1", "12")]}}
    document = poll(layer("1", first, question("2", "long_text", condition=past), first=True))
    people = [({"1": "11"}, Context())] * 3 + [({"1": "12"}, Context())] * 30
    people += [({"1": "13", "2": None}, Context())] * 20
    counted, _really = went(document, document.first_layer, people)
    assert path_flows(document.first_layer, counted, 10).along["1", END_OF_LAYER] is None


# --- the page ---------------------------------------------------------------------------------


@pytest.fixture
def survey(area, editor) -> Survey:
    """Two questions; the first answer leads past the second, and the deeper layers are for this neighbourhood."""
    survey = make_survey(areas=[area], owner=editor, questions=2)
    first, second = survey.layers.get(is_first=True).questions.all()
    past = {"not": is_(str(first.pk), str(first.options.first().pk))}
    Question.objects.filter(pk=second.pk).update(condition=past)
    survey.layers.filter(is_first=False).update(condition={"in_area": [str(area.pk)]})
    survey.channels.all().delete()
    publish(survey)
    count(first, 21, 15, 14)
    count(second, 12, 17, 0)
    return survey


@pytest.mark.django_db
def test_colleagues_see_numbers_and_who_comes_into_a_layer(
    survey, editor, area, django_assert_max_num_queries
):
    client = signed_in(editor)
    with django_assert_max_num_queries(30):
        page = squeezed(client.get(reverse("survey_paths", args=[survey.pk])).content.decode())
    assert '<text class="people" x="312"' in page
    assert re.findall(r'<tspan class="people"> (.*?)</tspan>', page) == ["50", "29", "21", "29"]
    assert page.count("wie woont in Harbour") >= 2, "above the picture of each deeper layer"
    assert "Mensen" in page


@pytest.mark.django_db
def test_before_anybody_answered_there_are_no_numbers(area, editor):
    survey = make_survey(areas=[area], owner=editor, questions=2)
    page = signed_in(editor).get(reverse("survey_paths", args=[survey.pk])).content.decode()
    assert 'class="people"' not in page
    assert '<ol class="nabij-list">' in page
