"""Beginning with the code of a letter: once, forgiving, and never a way to what somebody said."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from surveys.answering.access_codes import (
    ALPHABET,
    CODE_LENGTH,
    format_access_code,
    new_codes,
    normalise_access_code,
)
from surveys.answering.services.beginning import CodeRefused, begin_with_ticket, letter_hash, spend_code
from surveys.models import AccessCode, Channel, Response, Survey
from surveys.states import ChannelKind
from tests.house import our_models
from tests.surveys.polls import make_survey

CODE = "4K7PM2QX"


# --- the code itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["4K7P-M2QX", "4k7pm2qx", " 4k7p m2qx ", "4K7P–M2QX", "4k 7p m2 qx.", "4K7P/M2QX"],
)
def test_typing_is_forgiven(typed):
    assert normalise_access_code(typed) == CODE


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("O0o0-I1lL", "00001111"),
        ("ABCU-ABCV", "ABCVABCV"),
        ("4k7p-m2q", ""),
        ("4k7p-m2qxx", ""),
        ("ÀBCD1234", ""),
    ],
)
def test_letters_that_look_alike(typed, meant):
    assert normalise_access_code(typed) == meant


@given(st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_every_code_survives_paper(code):
    assert (
        normalise_access_code(format_access_code(code))
        == normalise_access_code(format_access_code(code).lower().replace("0", "o").replace("1", "l"))
        == code
    )


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_code_or_nothing(typed):
    assert re.fullmatch(f"[{ALPHABET}]{{{CODE_LENGTH}}}|", normalise_access_code(typed))


def test_no_two_codes_are_alike():
    assert len(set(new_codes(5000))) == 5000


# --- spending ---------------------------------------------------------------------------------


@pytest.fixture
def survey(area, editor) -> Survey:
    cache.clear()
    return make_survey(areas=[area], owner=editor)


@pytest.fixture
def letters(survey) -> Channel:
    channel = Channel.objects.create(
        survey=survey, kind=ChannelKind.LETTER, invited=True, name="Letters", code="brief"
    )
    AccessCode.objects.create(channel=channel, code_hash=letter_hash(channel, CODE))
    return channel


@pytest.fixture
def phone() -> Client:
    return Client(headers={"accept-language": "nl"})


pytestmark = pytest.mark.django_db
START, BEGIN = "/p/brief/", "/p/brief/begin/"


def key_on(page: str) -> str:
    return re.search(r'name="submit_key" value="([^"]+)"', page)[1]


def press(phone: Client, typed: str = CODE, key: str = ""):
    key = key or key_on(phone.get(START).content.decode())
    return phone.post(BEGIN, {"code": typed, "submit_key": key})


def test_a_code_begins_one_participation(letters, phone):
    answer = press(phone, "4k7p m2qx")
    assert answer.status_code == 302 and "/q/" in answer.url
    assert Response.objects.get().channel == letters
    code = AccessCode.objects.get()
    assert code.spent and code.tap == ""


def test_qr_code_of_a_letter_fills_it_in_and_spends_nothing(letters, phone, django_assert_num_queries):
    page = phone.get(f"/p/brief/c/{CODE}/").content.decode()
    assert 'value="4K7P-M2QX"' in page and not AccessCode.objects.filter(spent=True).exists()


def test_tapping_twice_is_one_participation(letters, phone):
    key = key_on(phone.get(START).content.decode())
    first, second = press(phone, key=key), press(phone, key=key)
    assert first.url == second.url and Response.objects.count() == 1


def test_the_housemate_with_the_same_letter_sees_no_answers(letters, phone):
    press(phone)
    other = press(Client(headers={"accept-language": "nl"}))
    assert other.status_code == 422 and "al gebruikt" in other.content.decode()
    assert 'value="4K7PM2QX"' in other.content.decode() and Response.objects.count() == 1


def test_once_something_was_answered_the_same_tap_opens_nothing(letters, phone):
    key = key_on(phone.get(START).content.decode())
    press(phone, key=key)
    Response.objects.update(answers={"1": "2"})
    assert press(phone, key=key).status_code == 422


@pytest.mark.parametrize("typed", ["", "4K7P", "4K7P-M2QZ", "iets heel anders", "x" * 500, "\0"])
def test_wrong_codes_get_a_sentence_and_keep_what_was_typed(letters, phone, typed):
    answer = press(phone, typed)
    assert answer.status_code == 422 and not Response.objects.exists()
    assert "<title>Fout:" in answer.content.decode()


def test_unknown_and_impossible_codes_are_told_the_same(letters):
    said = set()
    for typed in ("4K7PM2QZ", "x", "4k7p-m2q", "ZZZZ-ZZZZ"):
        with pytest.raises(CodeRefused) as refused:
            spend_code(channel=letters, typed=typed, page="p" * 20)
        said.add(str(refused.value))
    assert len(said) == 1


def test_guessing_is_stopped_and_the_right_code_waits(letters, phone):
    for _guess in range(20):
        press(phone, "ZZZZ-ZZZZ")
    answer = press(phone)
    assert answer.status_code == 429 and not AccessCode.objects.filter(spent=True).exists()


def test_code_of_another_run_is_unknown_here(letters, survey, phone):
    other = Channel.objects.create(
        survey=survey, kind=ChannelKind.LETTER, invited=True, name="Other", code="ander"
    )
    key = key_on(phone.get("/p/ander/").content.decode())
    answer = phone.post("/p/ander/begin/", {"code": CODE, "submit_key": key})
    assert answer.status_code == 422 and other.codes.count() == 0


def test_after_a_crash_between_spending_and_beginning_the_same_tap_goes_on(letters):
    ticket = spend_code(channel=letters, typed=CODE, page="page-one-of-this-test")
    assert spend_code(channel=letters, typed=CODE, page="page-one-of-this-test") == ticket
    with pytest.raises(CodeRefused):
        spend_code(channel=letters, typed=CODE, page="another page of somebody")
    begun = begin_with_ticket(channel=letters, ticket=ticket, language="nl", respondent="resident")
    again = begin_with_ticket(channel=letters, ticket=ticket, language="nl", respondent="resident")
    assert begun == again


def test_code_spent_as_the_survey_pauses_is_not_lost(letters, survey, phone, monkeypatch):
    from surveys.answering.services import beginning

    def paused(**asked):
        raise codes_not_answerable("paused")

    from surveys.answering.services.answer import NotAnswerable as codes_not_answerable

    monkeypatch.setattr(beginning, "begin_participation", paused)
    assert press(phone).url == START
    monkeypatch.undo()
    page = phone.get(START).content.decode()
    assert 'name="code"' not in page
    answer = phone.post(BEGIN, {"submit_key": key_on(page)})
    assert "/q/" in answer.url and Response.objects.count() == 1
    assert 'name="code"' in phone.get(START).content.decode(), "the ticket was good for one"


@pytest.mark.parametrize("forged", ["", "x", "WyJicmllZiIsIngiXQ:1xVmSV:5Cjlyo"])
def test_a_forged_ticket_is_none(letters, phone, forged):
    phone.cookies["nabij-ticket"] = forged
    assert phone.post(BEGIN, {"submit_key": "k" * 24}).status_code == 422


def test_a_closed_way_in_points_to_the_open_one(letters, survey, phone):
    Channel.objects.filter(pk=letters.pk).update(closed_on=timezone.localdate())
    page = phone.get(START).content.decode()
    assert reverse("start", args=[survey.channels.first().code]) in page and 'name="code"' not in page
    assert press(phone, key="k" * 24).url == START and not Response.objects.exists()


def test_who_came_by_an_open_link_needs_no_code(letters, survey, phone):
    code = survey.channels.first().code
    key = key_on(phone.get(f"/p/{code}/").content.decode())
    assert "/q/" in phone.post(f"/p/{code}/begin/", {"submit_key": key}).url


def test_nothing_in_the_database_leads_from_a_code_to_an_answer(letters, phone):
    """No value of the row of a code stands in any other row, and nothing of an answer in it."""
    press(phone)
    code = AccessCode.objects.get()
    kept = {"code_hash", "channel", "spent", "tap", "replacement"}
    assert {field.name for field in AccessCode._meta.fields} == kept
    for model in our_models():
        if model is AccessCode or not model._meta.managed:
            continue
        for row in model.objects.values():
            assert code.code_hash not in str(row) and CODE not in str(row)
    with connection.cursor() as cursor:
        cursor.execute("SELECT code_hash FROM surveys_accesscode WHERE tap <> ''")
        assert cursor.fetchall() == []
