"""Two colleagues at the same moment over the same need: one is first, nobody waits for ever, nothing is there twice."""

from itertools import count

import pytest

from initiatives.models import Need, NeedLink, NeedSource
from initiatives.needs.services import need_sources, needs
from initiatives.states import NeedState
from neighbourhoods.states import Role
from tests.at_once import BOTH_WAYS, let_meet
from tests.feedback.factories import make_contribution, make_topic
from tests.initiatives.factories import make_need
from tests.neighbourhoods.factories import make_place
from tests.people import make_area, make_municipality, make_root, make_theme, make_user

pytestmark = [pytest.mark.server_databases, pytest.mark.django_db(transaction=True)]
_number = count(1)


@pytest.fixture
def colleagues():
    make_municipality()
    make_root()
    return make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)


def world(by):
    """Two needs in a neighbourhood of their own, each of one person."""
    area, theme = make_area(), make_theme()
    topics = [make_topic(f"option:{next(_number)}", area=area, theme=theme) for _topic in range(2)]
    for topic in topics:
        make_contribution(topic)
    return [make_need(topic, owner=by, people=1) for topic in topics]


def test_taken_into_one_another_at_once(colleagues):
    """Both the other way round: one stands, with everything, and the second is told."""
    here: list[Need] = []

    def make():
        here[:] = world(colleagues[0])
        one, other = here
        return (
            lambda: need_sources.merge(need=one, into=other, by=colleagues[0]),
            lambda: need_sources.merge(need=other, into=one, by=colleagues[1]),
        )

    def check():
        standing = Need.objects.standing().filter(pk__in=[need.pk for need in here])
        assert standing.count() == 1
        assert NeedSource.objects.filter(need=standing.get()).count() == 2

    let_meet(make, check)


@BOTH_WAYS
def test_a_step_while_it_is_taken_in(colleagues, turned):
    here: list[Need] = []

    def make():
        here[:] = world(colleagues[0])
        one, other = here
        return (
            lambda: needs.change_need_state(
                need=one, to=NeedState.MET, seen=NeedState.HEARD, words={}, by=colleagues[0]
            ),
            lambda: need_sources.merge(need=one, into=other, by=colleagues[1]),
        )

    def check():
        one = Need.objects.get(pk=here[0].pk)
        assert one.merged_into_id == here[1].pk
        assert (one.state == NeedState.MET) == (one.steps.count() == 2)

    let_meet(make, check, turned=turned)


def test_linked_twice_at_once_and_made_twice_at_once(colleagues):
    here: list[Need] = []

    def make():
        here[:] = world(colleagues[0])
        what = f"place:{make_place(area=here[0].area).pk}"
        return tuple(
            (lambda by=by: need_sources.link_need(need=here[0], what=what, by=by)) for by in colleagues
        )

    let_meet(make, lambda: NeedLink.objects.get(need=here[0]))

    def make_two():
        area, theme = make_area(), make_theme()
        topic = make_topic(f"option:{next(_number)}", area=area, theme=theme)
        here[:] = [Need(area=area)]
        fields = {"title": {"nl": "Een plek"}, "theme": theme, "area": area, "urgency": 2, "topics": [topic]}
        return tuple((lambda: needs.make_need(**fields, by=colleagues[0])) for _tap in range(2))

    let_meet(make_two, lambda: Need.objects.get(area=here[0].area))
