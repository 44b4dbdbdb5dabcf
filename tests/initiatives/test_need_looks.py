"""The next look at a need: a day it always has while it is open, moved with a reason, and shown where one works."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from initiatives.models import Need
from initiatives.needs.services import need_people, need_sources, needs
from initiatives.states import NeedState
from neighbourhoods.models import ParticipationRules
from tests.feedback.factories import make_topic, today
from tests.initiatives.factories import make_need
from tests.people import make_area, make_theme, signed_in

pytestmark = pytest.mark.django_db
USUAL = 30


def heard(area, by, **fields) -> Need:
    topic = make_topic(area=area, theme=make_theme())
    return make_need(topic, owner=by, **fields)


def step(need: Need, to: str, by, **words: str) -> Need:
    needs.change_need_state(need=need, to=to, seen=need.state, words=words, by=by)
    need.refresh_from_db()
    return need


@pytest.mark.parametrize("days", [None, 7])
def test_it_begins_with_the_term_of_the_municipality(days, area, coordinator):
    if days:
        ParticipationRules.objects.create(pk=1, terms={"need_look": days})
        ParticipationRules.current().forget_cached()
    topic = make_topic(area=area, theme=make_theme())
    made = needs.make_need(
        title={"nl": "Een bankje"}, theme=topic.theme, area=area, urgency=2, topics=[topic], by=coordinator
    )
    assert made.next_action_on == today(days or USUAL)


@pytest.mark.parametrize(
    ("planned", "to", "words", "then"),
    [
        (3, NeedState.LOOKED_INTO, {}, USUAL),
        (3, NeedState.HEARD, {"nl": "Wij bellen maandag."}, USUAL),  # who tells something looked
        (-3, NeedState.TAKEN_UP, {}, USUAL),
        (90, NeedState.LOOKED_INTO, {}, 90),  # chosen for a reason
        (3, NeedState.MET, {}, None),
        (3, NeedState.NOT_TAKEN_UP, {"nl": "Er is geen geld."}, None),
    ],
)
def test_what_a_step_does_to_it(planned, to, words, then, area, coordinator):
    need = heard(area, coordinator, next_action="Na de vergadering", next_action_on=today(planned))
    step(need, to, coordinator, **words)
    assert need.next_action_on == (None if then is None else today(then))
    assert need.next_action == ("Na de vergadering" if then == 90 else "")


def test_what_was_over_and_is_open_again_has_a_day(area, coordinator):
    need = step(heard(area, coordinator), NeedState.MET, coordinator)
    assert step(need, NeedState.TAKEN_UP, coordinator).next_action_on == today(USUAL)


@pytest.mark.parametrize(
    ("why", "days", "refused"),
    [("Na de raad", 0, False), ("Na de raad", 200, False), ("Na de raad", -1, True), ("  ", 5, True)],
)
def test_another_day_takes_a_reason(why, days, refused, area, coordinator):
    need = heard(area, coordinator)
    if refused:
        with pytest.raises(DomainError):
            need_people.plan_look(need=need, on=today(days), why=why, by=coordinator)
        return
    need_people.plan_look(need=need, on=today(days), why=why, by=coordinator)
    assert (need.next_action, need.next_action_on) == (why, today(days))
    assert Event.objects.about(need).filter(verb="planned").count() == 1


def test_what_is_over_is_not_planned(area, coordinator):
    need = step(heard(area, coordinator), NeedState.MET, coordinator)
    with pytest.raises(InvalidTransition):
        need_people.plan_look(need=need, on=today(5), why="Zomaar", by=coordinator)


@pytest.mark.parametrize("state", [NeedState.HEARD, NeedState.LOOKED_INTO, NeedState.TAKEN_UP])
def test_the_database_refuses_an_open_one_without(state, area, coordinator):
    need = heard(area, coordinator, state=state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(next_action_on=None)


def test_taken_in_it_waits_for_nobody_and_out_again_it_has_a_day(area, coordinator):
    need, other = (heard(area, coordinator, next_action_on=today(-5)) for _two in range(2))
    need_sources.merge(need=need, into=other, by=coordinator)
    assert not need.is_late and list(Need.objects.due(today())) == [other]
    need_sources.undo_merge(need=need, by=coordinator)
    assert need.next_action_on == today(USUAL)


def test_what_is_taken_apart_is_looked_at_on_the_same_day(area, coordinator):
    need = heard(area, coordinator, next_action_on=today(4))
    need_sources.add_sources(
        need=need, topics=[make_topic("option:99", area=area, theme=need.theme)], texts=(), by=coordinator
    )
    last = need.sources.last()
    part = need_sources.split(need=need, sources=[last.pk], title={"nl": "Licht"}, by=coordinator)
    assert part.next_action_on == today(4)


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "data", "status"),
    [
        ("coordinator", {"why": "Na de raad"}, 302),
        ("editor", {"why": "Na de raad"}, 302),
        ("coordinator", {"why": ""}, 422),
        ("coordinator", {"why": "Na de raad", "on": ""}, 422),
        ("coordinator", {"why": "Na de raad", "on": "2020-01-01"}, 422),
        ("viewer", {"why": "Na de raad"}, 403),
        ("stranger", {"why": "Na de raad"}, 404),
    ],
)
def test_who_chooses_another_day(who, data, status, area, coordinator, request):
    need = heard(area, coordinator)
    data = {"on": str(today(9))} | data
    user = request.getfixturevalue(who)
    assert signed_in(user).post(reverse("need_look", args=[need.pk]), data).status_code == status
    need.refresh_from_db()
    assert (need.next_action_on == today(9)) == (status == 302)


def test_it_stands_on_its_page_in_the_list_and_in_the_day(area, coordinator, viewer):
    need = heard(area, coordinator, next_action="Na de raad", next_action_on=today(-2))
    heard(make_area("Meadow", slug="meadow"), coordinator)
    client = signed_in(coordinator)
    page = client.get(reverse("need", args=[need.pk])).content.decode()
    assert "Na de raad" in page and "nabij-status--late" in page
    assert "need_look" not in signed_in(viewer).get(reverse("need", args=[need.pk])).content.decode()
    listed = client.get(reverse("needs"), {"due": "1"}).context["rows"]
    assert [row["need"] for row in listed] == [need]
    due = client.get(reverse("hands")).context["due"]
    assert [one.url for one in due] == [reverse("need", args=[need.pk])]
