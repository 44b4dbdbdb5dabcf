"""A closer look: two questions across each other, one period, one kind of people; and what is hidden in it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from surveys.models import Channel, Response, Survey
from surveys.questionnaire.published import published_version
from surveys.results.services.crosstab import (
    CrosstabFilter,
    cross_tabulate,
    crosstab_counts,
    filtered_question_result,
    hidden_cells,
    layer_durations,
)
from tests.feedback.factories import make_receipt
from tests.surveys.documents import layer, poll, question
from tests.surveys.polls import make_survey

TODAY = timezone.localdate()


# --- thinking ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "cells"),
    [
        ("a", "x", {("a", "x"): 3}),
        ({"a": True, "b": True}, "x", {("a", "x"): 3, ("b", "x"): 3}),
        ({"a": True, "b": False}, {"x": True}, {("a", "x"): 3}),
        (None, "x", {}),
        ("a", None, {}),
        ("a", {}, {}),
    ],
)
def test_crossed(one, other, cells):
    asked = poll(layer("1", question("9"))).question("9")
    assert crosstab_counts(asked, asked, [(one, other, 3)]) == Counter(cells)


@given(
    st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=5), min_size=1, max_size=5).filter(
        lambda rows: len({len(row) for row in rows}) == 1
    )
)
def test_no_line_gives_a_hidden_cell_away(rows):
    cells = {(str(r), str(c)): n for r, row in enumerate(rows) for c, n in enumerate(row)}
    hidden = hidden_cells(cells, 10)
    assert {pair for pair, n in cells.items() if 0 < n < 10} <= hidden
    for which in (0, 1):
        for line in {pair[which] for pair in cells}:
            people = {pair for pair, n in cells.items() if pair[which] == line and n}
            assert len(people & hidden) != 1 or len(people) == 1


# --- over stored answers ----------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_survey(areas=[area], owner=editor)


class Town:
    """People who answered the first two questions of the survey by place of the option; None skips."""

    def __init__(self, survey: Survey) -> None:
        self.survey, self.channel = survey, survey.channels.get()
        self.document = published_version(survey.current.pk, survey.current.digest).document
        self.one, self.other = self.document.first_layer.asked[:2]

    def answer(self, one: int | None, other: int | None, times: int = 1, **fields) -> None:
        answers = {
            question.id: None if place is None else question.options[place].id
            for question, place in ((self.one, one), (self.other, other))
        }
        layers = fields.pop("layers_done", [self.document.first_layer.id])
        for _ in range(times):
            Response.objects.create(
                survey=self.survey, version=self.survey.current, receipt=make_receipt(), language="nl",
                submit_key=str(Response.objects.count()), answers=answers, layers_done=layers,
                **({"channel": self.channel, "area": self.survey.area} | fields),
            )  # fmt: skip

    def crossing(self, **people):
        return cross_tabulate(self.survey, self.document, self.one, self.other, CrosstabFilter(**people))


@pytest.fixture
def town(survey) -> Town:
    return Town(survey)


def test_two_across_each_other(town):
    town.answer(0, 0, 30)
    town.answer(0, 1, 12)
    town.answer(None, 1, 5)
    town.answer(0, 0, 5, layers_done=[])  # not finished: counts for nothing
    town.answer(0, 0, 5, withdrawn_on=TODAY)
    town.answer(0, 0, 5, is_suspect=True, suspect_reason="fast")
    found = town.crossing()
    assert found.people == 42 and found.lines[0].total == 42
    assert [cell.n for cell in found.lines[0].cells] == [30, 12, 0]
    town.answer(0, 2, 3)
    cache.clear()
    assert [cell.n for cell in town.crossing().lines[0].cells] == [30, None, None], "12 hides the 3."
    assert town.crossing(with_suspect=True).people == 50


def test_among_whom_and_when(town, next_area, survey):
    invited = Channel.objects.create(survey=survey, name="letter", code="letter", invited=True)
    town.answer(0, 0, 10, day=TODAY - timedelta(days=10))
    town.answer(0, 0, 11, respondent="entrepreneur")
    town.answer(0, 0, 12, area=next_area)
    town.answer(0, 0, 13, channel=invited)
    for people, n in (
        ({"since": TODAY}, 36), ({"until": TODAY - timedelta(days=1)}, 10), ({"area": next_area.pk}, 12),
        ({"respondent": "entrepreneur"}, 11), ({"invited": True}, 13), ({"invited": False}, 33),
        ({"channel": invited.pk, "respondent": "resident"}, 13),
    ):  # fmt: skip
        assert town.crossing(**people).people == n, people


def test_one_question_tells_skipped_from_not_asked(town):
    town.answer(0, None, 20)
    town.answer(None, None, 3)
    Response.objects.filter(answers__has_key=town.other.id).update(answers={town.one.id: None})
    town.answer(1, 0, 15)
    found = filtered_question_result(town.survey, town.document, town.other, CrosstabFilter())
    assert (found.shown, found.answered, found.skipped) == (15, 15, 0)
    found = filtered_question_result(town.survey, town.document, town.one, CrosstabFilter())
    assert (found.shown, found.answered, found.skipped) == (38, 15, 23)


def test_how_long_it_took(town):
    layer = town.document.first_layer
    for bucket, people in (("1", 12), ("more", 3)):
        town.answer(0, 0, people, durations={layer.id: bucket})
    [pace] = layer_durations(town.survey, town.document)
    assert pace.layer == layer and pace.people == (12, 0, 0, 0, None)


def test_page(town, editor, client, django_assert_max_num_queries):
    town.answer(0, 0, 40)
    client.force_login(editor)
    address = reverse("survey_closer", args=[town.survey.pk])
    assert client.get(address).status_code == 200
    with django_assert_max_num_queries(15):
        page = client.get(address, {"rows": town.one.id, "columns": town.other.id})
    assert page.context["crossing"].people == 40
    assert client.get(address, {"rows": town.one.id}).context["result"].answered == 40
    for wrong in ({"rows": "999"}, {"rows": town.one.id, "since": "x"}, {"rows": town.one.id, "area": "7"}):
        assert client.get(address, wrong).status_code == 422
