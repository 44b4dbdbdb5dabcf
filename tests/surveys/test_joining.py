"""Joining in from a survey: one short page, and nothing travels along that was not ticked."""

import pytest
from django.urls import reverse

from core import limits
from feedback.models import Contribution, Message
from feedback.states import MessagePurpose
from initiatives.models import Offer
from surveys.models import Channel
from tests.people import make_theme
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def theme(municipality):
    return make_theme("groen", name={"nl": "Groen", "en": "Green"})


@pytest.fixture
def joining(area, editor, theme, client):
    """The first layer answered, the first theme named."""
    survey = make_survey(areas=[area], owner=editor, theme=theme)
    code = Channel.objects.get(survey=survey).code
    url = client.post(reverse("begin", args=[code]), {"submit_key": "k" * 24}).url
    while "/q/" in url:
        page = client.get(url).content.decode()
        name, _eq, rest = page.partition('class="nabij-option"')[2].partition('name="')[2].partition('"')
        value = rest.partition('value="')[2].partition('"')[0]
        url = client.post(url, {name: value} if name else {"go": "skip"}).url
    assert Contribution.objects.filter(topic__theme=theme).exists()
    return reverse("join", args=[code])


TOLD = {
    "way": "once",
    "email": "buur@example.nl",
    "consent": "on",
    "is_16_or_older": "on",
    "submit_key": "s" * 24,
}


def test_what_was_named_is_offered_to_send_along_and_never_ticked(joining, client):
    page = client.get(joining).content.decode()
    box = page.partition('name="wishes"')[2].partition(">")[0]
    assert 'value="groen"' in box and "checked" not in box
    assert page.index("nabij-expect") < page.index('name="way"')
    client.post(joining, TOLD)
    assert Offer.objects.get().wishes == [] and Offer.objects.get().theme is None


def test_what_is_ticked_travels_along_and_what_they_never_named_does_not(joining, client):
    make_theme("verkeer")
    assert client.post(joining, TOLD | {"wishes": ["verkeer"]}).status_code == 422
    client.post(joining, TOLD | {"wishes": ["groen"]})
    assert Offer.objects.get().wishes == ["groen"]


def test_everything_behind_tell_more_is_kept(joining, client):
    client.post(
        joining, TOLD | {"moments": ["1n"], "languages": ["ar"], "rather_together": "no", "is_adult": "on"}
    )
    offer = Offer.objects.get()
    assert (offer.moments, offer.languages, offer.rather_together, offer.is_adult) == (
        ["1n"],
        ["ar"],
        False,
        True,
    )


def test_one_answer_is_no_way_to_mail_the_whole_town(joining, client, monkeypatch):
    monkeypatch.setattr(limits, "MAIL_LIMIT", limits.Limit("mails", each=3))
    told = [client.post(joining, TOLD | {"email": f"somebody{n}@example.nl"}).status_code for n in range(5)]
    assert told == [200, 200, 200, 422, 422] and Message.objects.count() == Offer.objects.count() == 3


def test_whoever_leaves_an_address_is_asked_whether_it_is_theirs(joining, client):
    client.post(joining, TOLD)
    assert [m.purpose for m in Message.objects.all()] == [MessagePurpose.CONFIRM]
    assert Message.objects.get().receipt == Offer.objects.get().receipt
