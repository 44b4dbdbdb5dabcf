"""Answering for somebody at the door or on the phone: one page, one code, nothing that stays."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Contact
from core.keyed import code_hash
from feedback.models import AnswerOwed, Contribution
from surveys.models import Channel, DayCount, Response, Survey
from surveys.questionnaire.published import published_version
from surveys.results.services.recount import recount_survey
from surveys.states import ChannelKind
from tests.people import make_municipality, make_user
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, next_area, editor) -> Survey:
    return make_survey(areas=[area, next_area], owner=editor)


@pytest.fixture
def door(survey) -> Channel:
    return Channel.objects.create(survey=survey, kind=ChannelKind.DOOR, name="Ronde", code="ronde")


@pytest.fixture
def desk(administrator) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def filled_in(survey: Survey, **more) -> dict:
    """The first answer to every question of layer 1, as the form sends it."""
    document = published_version(survey.current_id, survey.current.digest).document
    answers = {f"q{question.id}": question.options[0].id for question in document.first_layer.asked}
    return {"submit_key": uuid4().hex, "language": "nl"} | answers | more


def address(door: Channel, name: str = "survey_helping_fill") -> str:
    return reverse(name, args=[door.survey_id, door.pk])


def test_read_aloud_in_their_language_whatever_the_colleague_reads(desk, survey, door, area):
    reads_english = {"headers": {"accept-language": "en"}}
    page = desk.get(address(door), {"language": "nl"}, **reads_english).content.decode()
    assert "Vraag 1?" in page and "Question 1?" not in page and "Read each question aloud" in page
    desk.post(address(door), filled_in(survey, area=area.pk))
    page = desk.get(address(door, "survey_helped"), **reads_english).content.decode()
    assert "Dank u dat u het vertelde." in page and "Give them this code" in page


def test_counts_is_owed_and_gives_a_code(desk, survey, door, area, administrator):
    sent = desk.post(address(door), filled_in(survey, area=area.pk))
    assert sent.url == address(door, "survey_helped")
    response = Response.objects.get()
    assert response.helped_by == administrator and response.area == area and response.counts
    assert AnswerOwed.objects.filter(receipt=response.receipt).exists()
    assert DayCount.objects.get().channel == door and not recount_survey(survey)
    page = desk.get(sent.url)
    assert page["Cache-Control"] == "no-store"
    assert code_hash(page.context["code"]) == response.receipt.code_hash
    assert page.context["code"] in page.content.decode()


def test_sent_twice_is_one_participation(desk, survey, door):
    form = filled_in(survey)
    for _ in range(2):
        assert desk.post(address(door), form).status_code == 302
    assert Response.objects.count() == 1 and DayCount.objects.get().n == 1


def test_deeper_layers_count_when_something_was_said_in_them(desk, survey, door):
    document = published_version(survey.current_id, survey.current.digest).document
    own_topic = document.layers[1].asked[0]
    desk.post(address(door), filled_in(survey, **{f"q{own_topic.id}": "Een bankje bij de brug."}))
    response = Response.objects.get()
    assert response.layers_done == [document.layers[0].id, document.layers[1].id]
    assert Contribution.objects.get(slot=own_topic.id).text == "Een bankje bij de brug."
    assert not recount_survey(survey)


def test_who_signs_in_next_reads_no_code(desk, survey, door, area):
    desk.post(address(door), filled_in(survey, area=area.pk))
    assert desk.get(address(door, "survey_helped")).context["code"]
    helped = desk.cookies["helped"].value
    desk.force_login(make_user("administrator"))
    desk.cookies["helped"] = helped
    assert not desk.get(address(door, "survey_helped")).context.get("code")


def test_nothing_stays_for_who_helped(desk, survey, door):
    """The next page forgets the code, and no page of the desk leads back to these answers."""
    desk.post(address(door), filled_in(survey))
    assert desk.get(address(door, "survey_helped")).context["code"]
    desk.get(address(door))
    again = desk.get(address(door, "survey_helped"))
    assert not again.context["code"] and again.context["receipt"] is None
    assert not [name for name in desk.cookies if desk.cookies[name].value and name.startswith("nabij")]


def test_an_address_is_left_for_them_with_their_own_consent(desk, survey, door):
    desk.post(address(door), filled_in(survey))
    done = address(door, "survey_helped")
    assert desk.post(done, {"email": "buur@example.nl", "consent": "on"}).status_code == 422
    assert not Contact.objects.exists()
    sent = desk.post(done, {"email": "buur@example.nl", "consent": "on", "is_16_or_older": "on"})
    assert sent.context["sent_to"].email == "buur@example.nl"
    assert Contact.objects.get().receipt == Response.objects.get().receipt


WITHOUT_MAIL = {
    "text": ({"mobile": "06 12 34 56 78"}, {"mobile": "+31612345678"}),
    "letter": (
        {"street": "Kade  3", "postcode": "1234ab", "town": "Waterdam"},
        {"postal": "\nKade 3\n1234 AB  WATERDAM"},
    ),
}


@pytest.mark.parametrize("by", WITHOUT_MAIL)
def test_who_has_no_mail_leaves_something_else_at_the_door(desk, survey, door, settings, by):
    settings.SMS_URL = "console://"
    make_municipality(text_price=9, letter_price=148)
    given, kept = WITHOUT_MAIL[by]
    desk.post(address(door), filled_in(survey))
    done = f"{address(door, 'survey_helped')}?by={by}"
    assert f"?by={by}" in desk.get(address(door, "survey_helped")).content.decode()
    assert desk.post(done, given).status_code == 422 and not Contact.objects.exists()
    desk.post(done, given | {"consent": "on", "is_16_or_older": "on"})
    contact = Contact.objects.get()
    assert {name: getattr(contact, name) for name in kept} == kept and bool(contact.confirmed_at) == (
        by == "letter"
    )


@pytest.mark.parametrize("by", WITHOUT_MAIL)
def test_where_it_has_no_price_nobody_is_asked_for_it(desk, survey, door, settings, by):
    settings.SMS_URL = "console://"
    desk.post(address(door), filled_in(survey))
    page = desk.get(f"{address(door, 'survey_helped')}?by={by}")
    assert "?by=" not in page.content.decode() and "email" in page.context["form"].fields


def test_no_browser_keeps_the_sheet_that_was_filled_in(desk, door):
    """Also with a mistake in it, when the server filled it in again."""
    for answer in (desk.get(address(door)), desk.post(address(door), {})):
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("form", [{}, {"submit_key": "x"}, {"as": "wizard", "area": "²", "since": "forged"}])
def test_empty_is_said_and_keeps_nothing(desk, door, form):
    page = desk.post(address(door), form)
    assert page.status_code == 422 and "Er is nog niets ingevuld." in page.content.decode()
    assert not Response.objects.exists()


def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, survey, door):
    document = published_version(survey.current_id, survey.current.digest).document
    own_topic = document.layers[1].asked[0]
    page = desk.post(address(door), filled_in(survey, **{f"q{own_topic.id}": "lang " * 500}))
    assert page.status_code == 422 and "lang lang" in page.content.decode()


def test_only_where_somebody_works_with_what_people_say(survey, door, viewer):
    client = Client()
    client.force_login(viewer)
    assert client.get(address(door)).status_code == 403
    client.force_login(make_user())
    assert client.post(address(door), filled_in(survey)).status_code == 404


def test_other_ways_and_closed_surveys_are_not_for_this(desk, survey, door):
    link = survey.channels.get(kind=ChannelKind.LINK)
    assert desk.get(address(link)).status_code == 404
    Survey.objects.filter(pk=survey.pk).update(state="paused")
    assert desk.post(address(door), filled_in(survey)).url == reverse("survey_helping", args=[survey.pk])
    assert not Response.objects.exists()
