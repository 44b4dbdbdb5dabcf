"""Answers that look odd: slowed and flagged, never refused or dropped; a colleague decides whether they count."""

from functools import partial
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Event
from core import limits
from feedback.models import AnswerOwed
from surveys.answering.services.answer import is_too_fast
from surveys.models import Channel, DayCount, Response, Survey, Tally
from surveys.publication.services import take_snapshot
from surveys.results.services.moderation import decide_suspects, suspects
from surveys.results.services.recount import recount_survey
from surveys.results.services.results import ResponseFilter, read_results, sum_counters
from surveys.states import Suspicion
from tests.at_once import Action, every_meeting
from tests.surveys.polls import make_survey
from tests.surveys.test_answering import first_layer

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_survey(areas=[area], owner=editor)


@pytest.fixture
def channel(survey) -> Channel:
    return survey.channels.get()


@pytest.mark.parametrize(
    ("seconds", "questions", "odd"),
    [(2.9, 3, True), (3, 3, False), (0, 2, False), (0, 0, False), (3.9, 4, True), (60, 4, False)],
)
def test_pace(seconds, questions, odd):
    assert is_too_fast(seconds=seconds, questions=questions, least=1) == odd


def begin(client: Client, channel: Channel):
    return client.post(reverse("begin", args=[channel.code]), {"submit_key": uuid4().hex})


def test_a_burst_from_one_place_waits_and_loses_nothing(channel, settings):
    settings.BEGINNINGS_AT_ONCE = 2
    assert [begin(Client(), channel).status_code for _ in range(3)] == [302, 302, 429]
    waiting = Client()
    page = begin(waiting, channel)
    assert page["Retry-After"] == str(limits.WINDOW_SECONDS) and "submit_key" in page.content.decode()
    assert Response.objects.count() == 2
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert begin(elsewhere, channel).status_code == 302


def test_who_comes_after_very_many_is_flagged(channel, settings, monkeypatch):
    settings.BEGINNINGS_AT_ONCE = 100
    monkeypatch.setattr(limits, "BURST_WINDOWS", 0.02)
    for _ in range(3):
        begin(Client(), channel)
    reasons = Response.objects.order_by("pk").values_list("suspect_reason", flat=True)
    assert sorted(reasons) == ["", "", Suspicion.BURST]


def test_faster_than_anybody_reads(channel, settings, survey):
    settings.SECONDS_A_QUESTION = 1
    first_layer(Client(), survey)
    response = Response.objects.get()
    assert response.is_suspect and response.suspect_reason == Suspicion.FAST
    assert AnswerOwed.objects.filter(receipt=response.receipt).exists(), "Everybody is answered."
    assert not sum_counters(survey, ResponseFilter()) and sum_counters(
        survey, ResponseFilter(with_suspect=True)
    )
    assert not recount_survey(survey)


def flagged(channel: Channel, people: int) -> None:
    for _ in range(people):
        first_layer(Client(), channel.survey)


def test_kept_out_of_every_number_until_somebody_decides(channel, settings, survey, editor):
    settings.SECONDS_A_QUESTION = 1
    flagged(channel, 12)
    assert take_snapshot(survey=survey) is None
    [group] = suspects(survey)
    assert (group.reason, group.out, group.counted) == (Suspicion.FAST, 12, 0)
    which = {"reason": group.reason, "day": group.day, "channel": group.channel}
    assert decide_suspects(survey=survey, **which, counts=True, by=editor) == 12
    assert decide_suspects(survey=survey, **which, counts=True, by=editor) == 0
    assert read_results(survey, _document(survey), ResponseFilter()).total == 12
    assert take_snapshot(survey=survey).responses == 12 and not recount_survey(survey)
    assert decide_suspects(survey=survey, **which, counts=False, by=editor) == 12
    assert not Tally.objects.trusted().filter(n__gt=0).exists() and not recount_survey(survey)
    assert DayCount.objects.trusted().get().n == 0
    assert list(Event.objects.values_list("verb", flat=True)[:2]) == ["kept_out", "let_count"]


def _document(survey: Survey):
    from surveys.questionnaire.published import published_version

    return published_version(survey.current_id, survey.current.digest).document


def test_page_decides_for_a_group(channel, settings, survey, editor, client):
    settings.SECONDS_A_QUESTION = 1
    flagged(channel, 1)
    client.force_login(editor)
    address = reverse("survey_suspects", args=[survey.pk])
    assert "sneller dan iemand leest" in client.get(address).content.decode()
    [group] = suspects(survey)
    form = {"day": group.day.isoformat(), "reason": group.reason, "channel": channel.pk, "go": "count"}
    assert client.post(address, form).status_code == 302
    assert not Response.objects.get().is_suspect
    for forged in ({"day": "x"}, {"reason": "dull"}, {"channel": "0"}, {"channel": "²"}):
        assert client.post(address, form | forged).status_code == 404


@pytest.mark.server_databases
@pytest.mark.django_db(transaction=True)
def test_two_decide_at_once(channel, settings, survey, editor):
    settings.SECONDS_A_QUESTION = 1

    def two_who_decide() -> tuple[Action, Action]:
        flagged(channel, 1)
        [group] = [group for group in suspects(survey) if group.out]
        which = {"reason": group.reason, "day": group.day, "channel": group.channel}
        action = partial(decide_suspects, survey=survey, **which, counts=True, by=editor)
        return action, action

    for met in every_meeting(two_who_decide):
        assert not met.errors and sum(met.results.values()) == 1
        assert not recount_survey(survey)
