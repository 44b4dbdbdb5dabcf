"""Topics that people named, also those nobody made a need of: with a link, with a decision, with nothing yet."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.views import topics_left
from feedback.private import services as private
from feedback.states import FollowUpState, Outcome, Owed
from initiatives.models import NeedLink
from initiatives.needs.services.needs import NamedTopicCounts, count_named_topics, sum_named_counts
from initiatives.states import LinkKind, NeedState
from neighbourhoods.models import Area
from tests.feedback.audiences import released
from tests.feedback.factories import make_debt, make_follow_up, make_receipt, make_topic
from tests.initiatives.factories import make_need
from tests.people import make_area, make_user, signed_in

pytestmark = pytest.mark.django_db


def of(*areas: Area) -> NamedTopicCounts:
    return sum_named_counts(count_named_topics([area.pk for area in areas]).values())


def named_by(area: Area, people: int, key: str = ""):
    topic = make_topic(key, area=area)
    for _ in range(people):
        make_debt(topic, owner=make_user())
    return topic


def test_what_nobody_made_a_need_of_is_counted(area, coordinator):
    """Before, who made no needs had none without a link: of three topics this said nothing."""
    for people in (4, 2, 1):
        named_by(area, people)
    assert of(area) == NamedTopicCounts(topics=3, people=7, people_left=7) and of(area).left == 3
    assert topics_left(coordinator).left == 3
    today = signed_in(coordinator).get(reverse("desk")).content.decode()
    assert "Mensen noemden 3 onderwerpen." in today and "Daar staan 7 mensen achter." in today
    needs = signed_in(coordinator).get(reverse("needs")).content.decode()
    assert (
        "3 onderwerpen die mensen noemden: 0 met een koppeling, 0 met een besluit, 3 nog zonder iets."
        in needs
    )


@pytest.mark.parametrize(
    ("kind", "expected"), [(LinkKind.APPROACH, (1, 0, 0)), (LinkKind.DECISION, (0, 1, 0)), (None, (0, 0, 1))]
)
def test_a_need_of_it_leads_somewhere_or_not(kind, expected, area):
    need = make_need(named_by(area, 2))
    if kind == LinkKind.APPROACH:
        NeedLink.objects.create(need=need, kind=kind, approach="soup")
    elif kind == LinkKind.DECISION:
        need.move(NeedState.NOT_TAKEN_UP, reason={"nl": "Te duur."})
    found = of(area)
    assert (found.linked, found.decided, found.left) == expected
    assert found.people_left == (2 if found.left else 0)


@pytest.mark.parametrize(
    ("outcome", "decided"), [(Outcome.NO, 1), (Outcome.ADOPTED, 1), (Outcome.NOT_YET, 0)]
)
def test_an_answer_about_it_is_a_decision_and_not_yet_is_none(outcome, decided, area, editor, settings):
    released(named_by(area, 2), editor, settings, outcome=outcome)
    assert (of(area).decided, of(area).left) == (decided, 1 - decided)


def test_an_answer_to_a_whole_survey_decides_about_nothing_in_particular(area, editor):
    topic = named_by(area, 1)
    everything = make_follow_up(source=topic.source, areas=[area], state=FollowUpState.FANNED_OUT)
    everything.named.create(owed=topic.owed.get(), receipt=topic.owed.get().receipt)
    assert (of(area).decided, of(area).left) == (0, 1)


def test_who_named_several_stands_behind_what_is_left_once_in_each_area(area, next_area):
    receipt = make_receipt()
    for place in (area, area, next_area):
        make_debt(make_topic(area=place), receipt=receipt)
    assert (of(area).people_left, of(area, next_area).people_left) == (1, 2)


def test_what_is_no_topic_is_not_counted(area):
    for key in ("rest", "reaction:3", "question:9"):
        named_by(area, 1, key)
    make_debt(make_topic(source="challenge:1", area=area))
    make_debt(make_topic(area=area), state=Owed.WITHDRAWN)
    private.erase(receipt=make_debt(make_topic(area=area)).receipt)
    assert of(area) == NamedTopicCounts()


def test_for_many_it_asks_as_often_as_for_one(area):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            count_named_topics(Area.objects.values_list("pk", flat=True))
        return len(captured)

    few = asked()
    for place in (area, make_area(), make_area()):
        for people in (1, 3):
            make_need(named_by(place, people))
    assert asked() == few <= 4
