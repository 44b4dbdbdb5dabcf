"""A letter whose code somebody else used up gets a new one: once, with a reason, and it tells nothing of any answer."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from surveys.answering.services.beginning import (
    CodeRefused,
    begin_with_ticket,
    letter_hash,
    replace_code,
    spend_code,
)
from surveys.models import AccessCode, Channel, LetterRun, Response, Survey
from surveys.states import ChannelKind, SurveyState
from tests.people import signed_in
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
CODE, PAGE = "4K7PM2QX", "the page that stands open"


@pytest.fixture
def survey(area, editor) -> Survey:
    cache.clear()
    return make_survey(areas=[area], owner=editor)


@pytest.fixture
def letters(survey) -> Channel:
    channel = Channel.objects.create(
        survey=survey, kind=ChannelKind.LETTER, invited=True, name="Letters", code="brief"
    )
    LetterRun.objects.create(channel=channel, letters=1, state="made")
    AccessCode.objects.create(channel=channel, code_hash=letter_hash(channel, CODE))
    return channel


def used(letters: Channel, code: str = CODE, page: str = "on a phone") -> Response:
    ticket = spend_code(channel=letters, typed=code, page=page)
    return begin_with_ticket(channel=letters, ticket=ticket, language="nl", respondent="resident").response


def new_code(letters: Channel, by, typed: str = CODE, page: str = PAGE) -> str:
    return replace_code(channel=letters, typed=typed, reason="A housemate used it.", page=page, by=by)


def test_who_holds_the_letter_begins_and_the_earlier_answer_stays(letters, editor):
    earlier = used(letters)
    new = new_code(letters, editor)
    assert used(letters, new).pk != earlier.pk
    assert set(letters.responses.values_list("pk", flat=True)) > {earlier.pk}
    with pytest.raises(CodeRefused, match="al gebruikt"):
        used(letters, new, page="another phone")


def test_the_old_code_begins_nothing_any_more_also_with_its_ticket(letters, editor):
    """Spent on a phone that did not get further: its ticket is a week old at most, and would be a second answer."""
    ticket = spend_code(channel=letters, typed=CODE, page="on a phone")
    used(letters, new_code(letters, editor))
    with pytest.raises(CodeRefused):
        begin_with_ticket(channel=letters, ticket=ticket, language="nl", respondent="resident")
    with pytest.raises(CodeRefused):
        spend_code(channel=letters, typed=CODE, page="on a phone")
    assert Response.objects.count() == 1


def test_pressed_twice_gives_the_same_code_once(letters, editor):
    used(letters)
    assert new_code(letters, editor) == new_code(letters, editor)
    assert AccessCode.objects.count() == 2 and Event.objects.filter(verb="replace_code").count() == 1


@pytest.mark.parametrize("case", ["unused", "unknown", "replaced", "a new one", "closed", "way closed"])
def test_one_letter_gives_no_more_than_one_new_code(letters, editor, case):
    typed = CODE
    if case != "unused":
        used(letters)
    if case == "unknown":
        typed = "0000-0000"
    if case in ("replaced", "a new one"):
        new = new_code(letters, editor)
        used(letters, new)
        typed = new if case == "a new one" else CODE
    if case == "closed":
        Survey.objects.update(state=SurveyState.CLOSED, closed_at=timezone.now())
    if case == "way closed":
        Channel.objects.update(closed_on="2026-05-01")
    before = AccessCode.objects.count()
    with pytest.raises(CodeRefused):
        new_code(Channel.objects.get(pk=letters.pk), editor, typed=typed, page="another page")
    assert AccessCode.objects.count() == before


def test_on_the_desk_it_is_shown_once_and_the_log_says_who_and_why(letters, survey, editor):
    used(letters)
    desk = signed_in(editor)
    url = reverse("letters_code", args=[survey.pk, letters.run.pk])
    key = re.search(r'name="submit_key" value="([^"]+)"', desk.get(url).content.decode())[1]
    sent = {"code": "4k7p-m2qx", "reason": "A housemate used it.", "submit_key": key}
    answer = desk.post(url, sent)
    shown = re.search(r'class="nabij-code"[^>]*>([^<]+)<', answer.content.decode())[1]
    assert answer["Cache-Control"] == "no-store" and used(letters, shown)
    assert shown not in desk.get(url).content.decode()
    event = Event.objects.get(verb="replace_code")
    assert event.note == "A housemate used it." and event.actor == editor
    assert not {CODE, shown, shown.replace("-", "")} & set(str(event.__dict__).replace("'", " ").split())
    page = desk.get(reverse("letters", args=[survey.pk, letters.run.pk])).content.decode()
    assert re.search(r'<b class="num">1</b>\s*code', page)


@pytest.mark.parametrize("with_reminder", [True, False])
def test_who_lost_the_letter_gets_no_code_and_hears_how_to_take_part(letters, survey, editor, with_reminder):
    """Nobody can know whether a lost code was used, and the list that says who was invited is destroyed."""
    LetterRun.objects.update(with_reminder=with_reminder)
    Channel.objects.create(survey=survey, kind=ChannelKind.LINK, name="Open", code="openlink")
    desk = signed_in(editor)
    url = reverse("letters_code", args=[survey.pk, letters.run.pk])
    page = desk.get(url).content.decode()
    open_way = survey.channels.open_to_all().first()
    assert reverse("survey_helping", args=[survey.pk]) in page and f"/p/{open_way.code}" in page
    assert ("herinnering met dezelfde code" in page) == with_reminder
    assert desk.post(url, {"code": "", "reason": "Lost.", "submit_key": "k" * 20}).status_code == 422
    assert AccessCode.objects.count() == 1 and not Event.objects.filter(verb="replace_code").exists()


def test_guessing_on_the_desk_is_slowed_down_as_well(letters, survey, editor):
    used(letters)
    desk = signed_in(editor)
    url = reverse("letters_code", args=[survey.pk, letters.run.pk])
    for _guess in range(20):
        desk.post(url, {"code": "0000-0000", "reason": "x"})
    desk.post(url, {"code": CODE, "reason": "x"})
    assert AccessCode.objects.count() == 1
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    elsewhere.force_login(editor)
    elsewhere.post(url, {"code": CODE, "reason": "x"})
    assert AccessCode.objects.count() == 2
