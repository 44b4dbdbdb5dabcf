"""Counters always equal a recount, whatever residents do and in whatever order."""

from collections import Counter
from secrets import token_urlsafe

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.models import AnswerOwed
from surveys.answering.services.answer import (
    OffPath,
    enter_layer,
    published_version_of,
    save_home_area,
    save_page,
)
from surveys.answering.services.beginning import begin_participation
from surveys.models import Channel, DayCount, Layer, Response, Tally
from surveys.personal import SurveyPersonalData
from surveys.questionnaire.counting import tally
from surveys.questionnaire.question_types import StatementViews, WrittenAnswer
from tests.surveys.polls import both, make_question, make_survey, publish

pytestmark = pytest.mark.django_db

PEOPLE = 3
ACTIONS = st.lists(
    st.tuples(
        st.integers(0, PEOPLE - 1),
        st.sampled_from(["finish"] * 3 + ["answer"] * 6 + ["skip", "area", "withdraw", "put back", "erase"]),
        st.integers(0, 2),
        st.integers(0, 11),
    ),
    max_size=40,
)


@pytest.fixture
def survey(area, next_area, editor):
    """Beside what every survey has, a layer with one question of each other shape."""
    survey = make_survey(areas=[area, next_area], owner=editor)
    layer = Layer.objects.create(survey=survey, order=3, title=both("Meer"))
    make_question(layer, "number", settings={"least": 0, "most": 40})
    make_question(layer, "date", settings={"earliest": "2026-01-01", "latest": "2026-12-31"})
    make_question(layer, "neighbourhood")
    make_question(layer, "statements", settings={"most": 3})
    make_question(layer, "place", settings={"areas": [area.pk]})
    Channel.objects.all().delete()
    publish(survey)
    return survey


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_counters_equal_a_recount(actions, survey, area, next_area):
    people = [begin_one(survey) for _ in range(PEOPLE)]
    for who, action, choice, place in actions:
        do(people, who, action, choice, place, [area, next_area, None])

    assert +counted() == recounted()
    assert sum(DayCount.objects.values_list("n", flat=True)) == sum(
        response.counts for response in Response.objects.all()
    )
    for response in Response.objects.all():
        owed = AnswerOwed.objects.filter(receipt=response.receipt_id).exists()
        assert owed == bool(response.layers_done), "from the first finished layer on an answer is owed"


def begin_one(survey) -> Response:
    survey.refresh_from_db()
    return begin_participation(
        channel=survey.channels.first(), submit_key=token_urlsafe(24), language="nl", respondent="resident"
    ).response


def do(people, who, action, choice, place, areas) -> None:
    response = (
        Response.objects.select_related("survey", "version", "receipt").filter(pk=people[who].pk).first()
    )
    if response is None:
        people[who] = begin_one(people[who].survey)
        return
    if action == "withdraw":
        SurveyPersonalData().withdraw(response.receipt, now=timezone.now())
    elif action == "put back":
        SurveyPersonalData().put_back(response.receipt, now=timezone.now())
    elif action == "erase":
        SurveyPersonalData().erase(response.receipt)
        response.receipt.delete()
    elif response.withdrawn_on is None and action == "area":
        save_home_area(response_id=response.pk, area=areas[choice])
    elif response.withdrawn_on is None and action == "finish":
        for question in range(4):
            answer(Response.objects.get(pk=response.pk), choice, question, skip=False)
    elif response.withdrawn_on is None:
        answer(response, choice, place, skip=action == "skip")


def answer(response: Response, choice: int, place: int, *, skip: bool) -> None:
    """Answer the question at `place` of the document, if it is theirs to answer now."""
    document = published_version_of(response).document
    question = document.questions[place]
    if (layer := document.layer_of(question)) is not document.first_layer:
        if not response.layers_done:
            return
        enter_layer(response_id=response.pk, layer_id=layer.id)
    options = [option.id for option in question.options]
    values = {
        "one": options[choice] if options else None,
        "many": dict.fromkeys(options[: choice + 1], True),
        "text": WrittenAnswer(f"woord {choice}"),
        "number": {"n": 7 * choice},
        "day": {"day": f"2026-0{choice + 1}-15"},
        "views": StatementViews(
            dict.fromkeys(options[choice:], "agree"), f"stelling {choice}" if choice else "", choice == 1
        ),
    }
    try:
        save_page(
            under_way={response.pk: 0.5},
            code=response.survey.channels.first().code,
            question_id=question.id,
            read=lambda page: {asked.id: None if skip else values[asked.shape] for asked in page},
        )
    except OffPath:
        return


def counted() -> Counter:
    return Counter(
        {
            (
                row.epoch,
                row.question,
                row.option,
                row.area_id,
                row.channel_id,
                row.respondent,
                row.suspect,
            ): row.n
            for row in Tally.objects.all()
        }
    )


def recounted() -> Counter:
    total: Counter = Counter()
    for response in Response.objects.filter(withdrawn_on=None).select_related("survey", "version"):
        frozen = published_version_of(response)
        keys = tally(frozen.document, response.answers, response.shown, response.layers_done)
        where = (response.area_id, response.channel_id, response.respondent, response.is_suspect)
        total.update((frozen.epoch, question, option, *where) for question, option in keys)
    return total
