"""What the desk sees live, the public sees in snapshots alone: what came since shows on no page, file or address."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from surveys.answering.services.answer import save_page
from surveys.answering.services.beginning import begin_participation
from surveys.models import Channel, Response, Survey
from surveys.opening.services.reach import read_reach
from surveys.publication.services import take_snapshot
from surveys.results.services.outcome import publish_page
from surveys.states import ChannelKind, Respondent
from tests.people import make_municipality
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
FRESH = re.compile(rb'name="(csrfmiddlewaretoken|submit_key)" value="[^"]+"')


@pytest.fixture
def survey(area, next_area, editor) -> Survey:
    make_municipality()
    survey = make_survey(areas=[area, next_area], owner=editor)
    Channel.objects.create(survey=survey, kind=ChannelKind.DOOR, name="Door", code="door", area=next_area)
    return survey


def answer(channel: Channel, *, option: int = 0, respondent: str = Respondent.RESIDENT) -> None:
    """Somebody who finishes layer 1."""
    number = Response.objects.count()
    response = begin_participation(
        channel=channel, submit_key=f"{number:032}", language="nl", respondent=respondent
    ).response
    for asked in response.version.document["layers"][0]["questions"]:
        chosen = asked["options"][option]["id"]
        save_page(
            under_way={response.pk: 9},
            code=channel.code,
            question_id=asked["id"],
            read=lambda page, chosen=chosen: {question.id: chosen for question in page},
        )


def public(survey: Survey) -> Iterator[tuple[str, bytes]]:
    """Everything about a survey that needs no sign-in and no private code, with its headers."""
    way = survey.channels.order_by("pk").first()
    snapshot = survey.snapshots.first()
    urls = [
        "/",
        reverse("said"),
        reverse("start", args=[way.code]),
        reverse("outcome", args=[way.code]),
        reverse("outcome_file", args=[way.code, "csv"]),
        reverse("open_data"),
        reverse("api_surveys"),
        reverse("api_survey", args=[survey.pk]),
        reverse("api_snapshot", args=[survey.pk, snapshot.pk]),
        *(reverse("neighbourhood", args=[area.slug]) for area in survey.areas.all()),
    ]
    for url in urls:
        response = Client(headers={"accept-language": "nl"}).get(url)
        assert response.status_code == 200, url
        kept = {name: response[name] for name in ("ETag", "Last-Modified") if name in response}
        yield url, FRESH.sub(b"", response.getvalue()) + repr(kept).encode()


def test_what_came_since_the_snapshot_shows_nowhere(survey, editor):
    """On another day, in another way and from other people: their number follows from no total either.

    Reach tells colleagues how many came per day and way in, and a hidden number may follow from its totals. None of
    those totals is public.
    """
    for n in range(24):
        answer(survey.channels.order_by("pk").first(), option=n % 2)
    # That somebody there is owed an answer is public; how many are is not.
    answer(survey.channels.get(code="door"))
    take_snapshot(survey=survey)
    publish_page(survey=survey, words={}, by=editor)
    cache.clear()
    before = dict(public(survey))
    for _n in range(4):
        answer(survey.channels.get(code="door"), option=2, respondent=Respondent.ENTREPRENEUR)
    cache.clear()
    take_snapshot(survey=survey)
    seen = read_reach(survey, list(survey.areas.all()), list(survey.channels.all()), invited=None)
    assert seen.total == 29
    after = dict(public(survey))
    assert [url for url in before if before[url] != after[url]] == []
    # DEBUGDIFF
