"""Two surveys with one title: every list tells them apart."""

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import Promise
from surveys.answering.services.beginning import audiences_of_surveys
from surveys.models import Channel, Survey
from surveys.states import ChannelKind
from tests.feedback.factories import make_contribution, make_debt, make_promise, make_topic, today
from tests.people import signed_in
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(area, next_area, editor, administrator) -> list[Survey]:
    """Both open, with the same questions; one in Harbour and one in Mill."""
    twins = [make_survey(areas=[one], owner=editor) for one in (area, next_area)]
    for survey, where in zip(twins, (area, next_area), strict=True):
        Promise.objects.filter(subject=survey.subject).delete()
        make_promise(survey.subject, owner=editor, due=9)
        said = make_contribution(
            make_topic("question:9", source=survey.subject, area=where), text="Een bankje"
        )
        make_debt(contribution=said, owner=editor)
    return twins


@pytest.mark.parametrize("address", ["surveys", "results", "listening", "waiting"])
def test_desk_names_the_places(address, twins, administrator):
    url = reverse(address) + ("?by=survey" if address == "waiting" else "")
    page = signed_in(administrator).get(url).content.decode()
    assert "Harbour" in page and "Mill" in page


def test_choice_of_a_survey_to_answer(twins, administrator):
    about = [audience.about for audience in audiences_of_surveys(administrator)]
    assert [words.split(", ")[:2] for words in about] == [["open", "Mill"], ["open", "Harbour"]]
    page = signed_in(administrator).get(reverse("followup_new")).content.decode()
    assert all(words in page for words in about)


def test_front_page(twins, client):
    Channel.objects.update(kind=ChannelKind.LINK, invited=False)
    page = client.get(reverse("front")).content.decode()
    assert "Harbour." in page and "Mill." in page


def test_many_places_are_counted(twins, area, next_area, other_area, district):
    survey = twins[0]
    survey.areas.set([area, next_area, other_area, district])
    assert survey.where == f"{survey.area} (4)"
    assert survey.since == survey.opened_at and timezone.localdate(survey.since) <= today()
