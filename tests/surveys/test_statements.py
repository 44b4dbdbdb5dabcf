"""Statements of neighbours: one by one, read by a colleague before others see them, gone when their writer is."""

from secrets import token_urlsafe
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.utils import timezone

from feedback.contributions.services.listening import save_reading
from feedback.models import AnswerOwed, Contribution
from feedback.private import services as private
from feedback.states import Reading
from neighbourhoods.states import Role
from surveys.answering.services.answer import enter_layer, published_version_of, save_page
from surveys.answering.services.beginning import begin_participation
from surveys.models import Channel, Layer, Question, Response, Statement, Tally
from surveys.paper.services.paper_entry import record_participation
from surveys.questionnaire.question_types import QUESTION_TYPES, StatementViews
from surveys.results.services.moderation import decide_statements
from surveys.results.services.recount import recount_survey
from surveys.results.services.results import ResponseFilter, read_results
from surveys.states import StatementState
from tests.people import make_user, signed_in
from tests.surveys.polls import both, make_question, make_survey, publish

pytestmark = pytest.mark.django_db
KIND = QUESTION_TYPES["statements"]


@pytest.fixture
def survey(area, next_area, editor):
    """A layer for everybody, and one with three statements of the author's."""
    survey = make_survey(areas=[area, next_area], owner=editor, questions=1)
    survey.layers.exclude(is_first=True).delete()
    layer = Layer.objects.create(survey=survey, order=1, title=both("Buren zeggen"))
    make_question(layer, "statements", settings={"most": 4, "own": True})
    Channel.objects.all().delete()
    publish(survey)
    return survey


@pytest.fixture
def asked(survey):
    return published_version_of(begin_one(survey)).document.layers[1].questions[0]


def begin_one(survey) -> Response:
    channel = survey.channels.get()
    response = begin_participation(
        channel=channel, submit_key=token_urlsafe(24), language="nl", respondent="resident"
    ).response
    answer(response, first_question(response), None)
    layer = published_version_of(response).document.layers[1]
    enter_layer(response_id=response.pk, layer_id=layer.id)
    return fresh(response)


def fresh(response) -> Response:
    return Response.objects.select_related("survey", "version", "receipt").get(pk=response.pk)


def first_question(response):
    return published_version_of(response).document.questions[0].id


def answer(response, question, value):
    code = response.survey.channels.get().code
    return save_page(
        under_way={response.pk: 5}, code=code, question_id=question, read=lambda page: {page[0].id: value}
    )


def say(response, asked, *, own="", **views):
    """Everything at once: views, words of their own, and that is all."""
    answer(
        response,
        asked.id,
        StatementViews({key.strip("_"): view for key, view in views.items()}, own=own, is_done=True),
    )
    return fresh(response)


def written(survey, asked, words="Het plein is te donker.") -> Statement:
    say(begin_one(survey), asked, own=words)
    return Statement.objects.get(contribution__text=words)


def let_through(statement, by) -> int:
    return decide_statements(
        survey=statement.question.layer.survey, statements=[statement.pk], through=True, by=by
    )


def test_statements_come_one_by_one_until_all_are_spoken_of(survey, asked):
    response = begin_one(survey)
    for expected in ("agree", "not", "pass"):
        put = KIND.statements_for_person(asked, fresh(response).answers.get(asked.id) or {}, str(response.pk))
        first = next(each for each in put if not each.view)
        saved = answer(response, asked.id, StatementViews({first.id: expected}))
        assert [question.id for question in saved.next_page] == [asked.id]
    saved = answer(response, asked.id, StatementViews(own="", is_done=True))

    assert not saved.next_page
    assert sorted(fresh(response).answers[asked.id].values()) == ["agree", "not", "pass"]
    assert Tally.objects.get(question=asked.id, option="answered").n == 1
    assert not recount_survey(survey)


def test_statements_keep_their_order_whatever_order_the_database_gives_back(survey, asked):
    person = str(begin_one(survey).pk)
    before = [each.id for each in KIND.statements_for_person(asked, {}, person)]
    said = dict.fromkeys(reversed(before), "agree")
    assert [each.id for each in KIND.statements_for_person(asked, said, person)] == before


def test_enough_keeps_what_was_said_and_goes_on(survey, asked):
    response = begin_one(survey)
    option = asked.options[0].id
    answer(response, asked.id, StatementViews({option: "agree"}))

    assert not answer(response, asked.id, None).next_page

    assert fresh(response).answers[asked.id] == {option: "agree"}


def test_nothing_said_is_skipped(survey, asked):
    assert say(begin_one(survey), asked).answers[asked.id] is None


def test_a_statement_of_ones_own_is_owed_an_answer_and_waits(survey, asked, coordinator):
    statement = written(survey, asked)

    assert statement.state == StatementState.WAITING
    assert AnswerOwed.objects.filter(contribution=statement.contribution).exists()
    assert statement.key not in KIND.texts(asked)


def test_let_through_it_is_put_to_others_and_never_to_its_writer(survey, asked, coordinator):
    statement = written(survey, asked, "Bel mij: 06 12345678.")
    writer = statement.contribution.receipt.response

    statement_area(statement, coordinator)
    assert let_through(statement, coordinator) == 1

    assert KIND.texts(asked)[statement.key] == {"nl": "Bel mij: [06]."}
    assert statement.key in [
        each.id for each in KIND.statements_for_person(asked, {statement.key: "agree"}, str(uuid4()))
    ]
    assert statement.key not in KIND.texts(asked, without=str(writer.pk))


def statement_area(statement, coordinator) -> None:
    """Said in the neighbourhood where the coordinator works."""
    area = coordinator.memberships.first().area
    topic = statement.contribution.topic
    topic.area = area
    topic.save()


def test_who_does_not_read_there_decides_nothing(survey, asked, viewer, stranger):
    statement = written(survey, asked)

    assert let_through(statement, viewer) == let_through(statement, stranger) == 0


@pytest.mark.parametrize("action", ["withdraw", "erase", "sensitive", "rewrite"])
def test_it_goes_with_its_words(survey, asked, coordinator, action):
    statement = written(survey, asked)
    statement_area(statement, coordinator)
    let_through(statement, coordinator)
    receipt, contribution = statement.contribution.receipt, statement.contribution

    if action == "withdraw":
        private.withdraw_receipt(receipt=receipt)
    elif action == "erase":
        private.erase(receipt=receipt)
        assert not Statement.objects.exists()
    elif action == "sensitive":
        seen = Contribution.objects.get(pk=contribution.pk).revision
        save_reading(
            contribution=contribution, seen=seen, reading=Reading.SENSITIVE, themes=[], by=coordinator
        )
    else:
        say(receipt.response, asked, own="Iets heel anders.")

    assert statement.key not in KIND.texts(asked)


def test_the_same_words_again_stay_let_through(survey, asked, coordinator):
    statement = written(survey, asked)
    statement_area(statement, coordinator)
    let_through(statement, coordinator)

    say(statement.contribution.receipt.response, asked, own="Het plein is te donker.")

    assert statement.key in KIND.texts(asked)


def test_taking_the_words_out_takes_the_statement_out(survey, asked):
    statement = written(survey, asked)

    say(statement.contribution.receipt.response, asked, own="")

    assert not Statement.objects.exists()
    assert not Contribution.objects.filter(text="Het plein is te donker.").exists()


def test_results_stand_per_statement(survey, asked):
    option = asked.options[0].id
    for view in ["agree"] * 15 + ["not"] * 12 + ["pass"] * 11:
        say(begin_one(survey), asked, **{f"_{option}": view})

    document = published_version_of(begin_one(survey)).document
    result = read_results(survey, document, ResponseFilter()).layers[1].questions[0]

    assert [(part.people, [row.n for row in part.rows]) for part in result.parts] == [
        (38, [15, 12, 11]),
        (None, [None] * 3),
        (None, [None] * 3),
    ]


def test_what_its_writer_takes_back_leaves_the_results_of_a_question_no_longer_asked(
    survey, asked, coordinator
):
    statement = written(survey, asked)
    statement_area(statement, coordinator)
    let_through(statement, coordinator)
    for _person in range(10):
        say(begin_one(survey), asked, **{statement.key: "agree"})
    Question.objects.filter(pk=asked.id).update(retired=True)
    publish(survey)
    client, url = signed_in(coordinator), f"/desk/surveys/{survey.pk}/results/"
    assert statement.contribution.text in client.get(url).context["drawn"]["layers"]

    Contribution.objects.filter(pk=statement.contribution_id).update(withdrawn_on=timezone.localdate())
    assert statement.contribution.text not in client.get(url).context["drawn"]["layers"]


def test_the_desk_decides_many_at_once(survey, asked, coordinator):
    statements = [written(survey, asked, f"Stelling {n}") for n in range(3)]
    for statement in statements:
        statement_area(statement, coordinator)
    client, url = signed_in(coordinator), f"/desk/surveys/{survey.pk}/statements/"

    assert "Stelling 1" in client.get(url).content.decode()
    client.post(url, {"statement": [s.pk for s in statements[:2]], "go": "through"})
    client.post(url, {"statement": [statements[2].pk, "x", "999"], "go": "refuse"})
    client.post(url, {"statement": [s.pk for s in statements[:2]], "go": "through"})  # pressed twice

    states = list(Statement.objects.order_by("pk").values_list("state", "decided_by"))
    assert states == [("through", coordinator.pk), ("through", coordinator.pk), ("refused", coordinator.pk)]
    assert timezone.localdate() == Statement.objects.first().decided_on


def test_a_viewer_does_not_read_them(survey):
    looks_on = make_user(Role.VIEWER, survey.areas.first())

    assert signed_in(looks_on).get(f"/desk/surveys/{survey.pk}/statements/").status_code == 403


def test_written_down_by_a_colleague_all_stand_on_one_page(survey, asked, coordinator):
    option = asked.options[0].id
    page = KIND.context(asked, None, None, "")
    assert (page["one"], len(page["told"]), page["done_field"]) == (None, 3, "")

    given = KIND.clean(asked, QueryDict(f"q{asked.id}-{option}=agree&q{asked.id}-own="))
    begun = record_participation(
        channel=survey.channels.get(), submit_key=token_urlsafe(24), language="nl", respondent="resident",
        area=None, values={asked.id: given}, minutes=3, by=coordinator,
    )  # fmt: skip

    assert begun.response.answers[asked.id] == {option: "agree"}
