"""A neighbourhood that is told as an answer moves all that somebody said there, and its counters with it."""

from secrets import token_urlsafe

import pytest

from surveys.answering.services.answer import save_page
from surveys.answering.services.beginning import begin_participation
from surveys.models import Channel, DayCount, Response, Tally
from surveys.results.services.recount import recount_survey
from tests.surveys.polls import make_question, make_survey, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, next_area, editor):
    """The second question of the first layer asks where somebody lives."""
    survey = make_survey(areas=[area, next_area], owner=editor, questions=1)
    question = make_question(survey.layers.get(is_first=True), "neighbourhood", options=0)
    Channel.objects.all().delete()
    publish(survey)
    survey.asks_where = str(question.pk)
    return survey


def begin_one(survey):
    channel = survey.channels.get()
    return begin_participation(
        channel=channel, submit_key=token_urlsafe(24), language="nl", respondent="resident"
    ).response


def answer(survey, response, **values):
    """Skip all that is not named."""
    for question in (str(q.pk) for q in survey.layers.get(is_first=True).questions.all()):
        save_page(
            under_way={response.pk: 0.5},
            code=survey.channels.get().code,
            question_id=question,
            read=lambda page: {asked.id: values.get(f"q{asked.id}") for asked in page},
        )
    return Response.objects.get(pk=response.pk)


def test_the_first_layer_counts_where_they_live(survey, area):
    response = answer(survey, begin_one(survey), **{f"q{survey.asks_where}": f"area:{area.pk}"})

    assert (response.area_id, response.area_was_asked) == (area.pk, True)
    assert set(Tally.objects.values_list("area", flat=True)) == {area.pk}
    assert Tally.objects.get(option=f"area:{area.pk}").n == 1
    assert not recount_survey(survey)


def test_saying_something_else_moves_the_counters(survey, area, next_area):
    response = answer(survey, begin_one(survey), **{f"q{survey.asks_where}": f"area:{area.pk}"})

    answer(survey, response, **{f"q{survey.asks_where}": f"area:{next_area.pk}"})

    assert set(Tally.objects.filter(n=1).values_list("area", flat=True)) == {next_area.pk}
    assert DayCount.objects.get(n=1).area_id == next_area.pk
    assert not recount_survey(survey)


def test_elsewhere_is_nowhere_in_particular(survey, area):
    response = answer(survey, begin_one(survey), **{f"q{survey.asks_where}": "area:elsewhere"})

    assert (response.area_id, response.area_was_asked) == (survey.area_id, True)


def test_skipping_leaves_it_open(survey):
    response = answer(survey, begin_one(survey))

    assert (response.area_id, response.area_was_asked) == (survey.area_id, False)
    assert Tally.objects.get(question=survey.asks_where, option="skipped").n == 1


def test_the_municipality_may_leave_the_rest_where_it_was(survey, area):
    version = survey.current
    version.document["layers"][0]["questions"][1]["settings"] = {"counts_there": False}
    version.digest = "another"
    version.save()

    response = answer(survey, begin_one(survey), **{f"q{survey.asks_where}": f"area:{area.pk}"})

    assert response.area_id == survey.area_id


def test_a_page_of_the_runner_asks_where_and_then_no_more(survey, area, client):
    url = f"/p/{survey.channels.get().code}/"
    client.get(url)
    client.post(f"{url}begin/", {"submit_key": token_urlsafe(24)})
    first = survey.layers.get(is_first=True).questions.first()
    client.post(f"{url}q/{first.pk}/", {"go": "skip"})
    area.postcodes.create(code="1011AB")

    wrong = client.post(f"{url}q/{survey.asks_where}/", {f"q{survey.asks_where}-postcode": "9999 XX"})
    assert wrong.status_code == 422
    assert "9999 XX" in wrong.content.decode()
    right = client.post(f"{url}q/{survey.asks_where}/", {f"q{survey.asks_where}-postcode": "1011 ab"})

    assert right.url == f"{url}thanks/"
    response = Response.objects.get()
    assert response.area_id == area.pk
    assert "1011" not in str(response.__dict__)
