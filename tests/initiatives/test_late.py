"""Whatever is late is told by one rule: to who looks after it, then to their administrators; each time once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from feedback.models import Message, ToldDue
from initiatives.initiatives.services import running
from initiatives.initiatives.services.beginning import owe
from initiatives.matching.services import overdue_items
from initiatives.matching.services.owners import reassign
from initiatives.models import Initiative
from initiatives.states import InitiativeState, NeedState
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.evenings import evening
from tests.initiatives.factories import make_begun, make_idea, make_need, make_offer, make_task
from tests.people import make_theme, make_user

pytestmark = pytest.mark.django_db


def offer(area, owner: User, due: int):
    return make_offer(area, owner=owner, due=due)


def initiative(area, owner: User, due: int):
    return make_begun(area, owner=owner, by_resident=False, next_action_on=today(due))


def answer(area, owner: User, due: int):
    """Its step is far away; the answer to who began it is what is due."""
    begun = make_idea(area, owner=owner, next_action_on=today(900))
    owe(begun, {"why": "Zomaar.", "what": "Soep."}, due=today(due), day=today(due - 14))
    return begun


def task(area, owner: User, due: int):
    begun = make_begun(area, owner=owner, by_resident=False, next_action_on=today(900))
    return make_task(begun, before=today(due))


def need(area, owner: User, due: int):
    return make_need(area=area, theme=make_theme(), owner=owner, next_action_on=today(due))


EVERY_KIND = pytest.mark.parametrize("make", [offer, initiative, task, need])
"""Of answers owed feedback tells: tests/feedback/test_reminders.py."""


def mails(user: User) -> list[Message]:
    return list(Message.objects.filter(user=user).order_by("pk"))


def on(days: int):
    return timezone.now() + timedelta(days=days)


@EVERY_KIND
@pytest.mark.parametrize(
    ("days_late", "owner_told", "administrator_told"),
    [
        (-5, 0, 0),
        (-2, 0, 0),
        (-1, 1, 0),
        (0, 1, 0),
        (1, 1, 0),
        (overdue_items.LEAD_DELAY_DAYS, 1, 0),
        (overdue_items.LEAD_DELAY_DAYS + 1, 1, 1),
        (40, 1, 1),
    ],
)
def test_who_is_told_and_when(
    make, days_late, owner_told, administrator_told, area, coordinator, administrator, stranger, viewer
):
    make(area, coordinator, -days_late)
    for _twice in range(2):
        evening()
    assert len(mails(coordinator)) == owner_told
    assert len(mails(administrator)) == administrator_told
    assert not mails(stranger) and not mails(viewer)


@EVERY_KIND
def test_a_story_of_one_step(make, area, coordinator, administrator):
    """Told the day before, on the first day after it and to who leads after three more, never again; each mail leads
    to where it is done."""
    thing = make(area, coordinator, 3)
    for day in range(18):
        evening(on(day))
    (soon, mail), (later,) = mails(coordinator), mails(administrator)
    found = [one.url for one in overdue_items.overdue_items(today(4))]
    assert all(url in one.text for url in found for one in (soon, mail, later)) and len(found) == 1
    assert str(area) in mail.text and "example.nl" not in soon.text + mail.text + later.text
    assert ToldDue.objects.count() == 3
    type(thing).objects.all().delete()
    evening(on(19))
    assert not ToldDue.objects.exists(), "what is late no more is remembered no more"


@EVERY_KIND
def test_whoever_works_there_no_more_is_not_waited_for(make, area, coordinator, administrator):
    """Let go, or with a role that ended on its last day."""
    make(area, coordinator, -1)
    coordinator.memberships.update(until=today(-1))
    evening()
    assert not mails(coordinator) and len(mails(administrator)) == 1


@pytest.mark.parametrize(("make", "told"), [(offer, 1), (initiative, 1), (need, 1), (task, 1)])
def test_what_nobody_looks_after_is_told_at_once_whatever_its_day(
    make, told, area, coordinator, administrator
):
    make(area, coordinator, 60)
    coordinator.memberships.all().delete()
    for _twice in range(2):
        evening()
    assert len(mails(administrator)) == told


def test_a_plan_of_what_was_only_noted_down_is_told_to_the_administrators(area, administrator):
    noted = make_idea(area, by_resident=False)
    Initiative.objects.filter(pk=noted.pk).update(
        owner=None, state=InitiativeState.RUNNING, public_on=today()
    )
    make_task(noted, before=today(-1))
    evening()
    assert len(mails(administrator)) == 1


def test_another_day_and_another_owner_are_news(area, coordinator, colleague):
    begun = initiative(area, coordinator, -1)
    evening()
    reassign(Initiative.objects.with_owner().filter(pk=begun.pk), to=colleague, by=coordinator)
    evening()
    assert (len(mails(coordinator)), len(mails(colleague))) == (1, 1), "on the same day"
    running.move(initiative=begun, to=begun.state, next_action="Langsgaan", on=today(2), by=colleague)
    evening(on(3))
    assert len(mails(colleague)) == 2


@pytest.fixture
def colleague(area) -> User:
    return make_user(Role.COORDINATOR, area)


def test_everything_of_one_person_is_one_mail(area, coordinator):
    for make in (offer, initiative, answer, task, need):
        make(area, coordinator, -1)
    evening()
    (mail,) = mails(coordinator)
    assert mail.subject.startswith("5 ")
    offer(area, coordinator, -1)
    evening()
    assert [one.subject[:2] for one in mails(coordinator)] == ["5 ", "1 "], "later that day, what is new"


@pytest.mark.parametrize("state", [NeedState.MET, NeedState.NOT_TAKEN_UP])
def test_what_is_over_is_never_late(state, area, coordinator):
    make_need(area=area, theme=make_theme(), owner=coordinator, state=state, reason={"nl": "Nee."})
    ended = task(area, coordinator, -1).initiative
    Initiative.objects.filter(pk=ended.pk).update(state=InitiativeState.ENDED, next_action_on=None)
    evening()
    assert not Message.objects.exists()


def test_reading_what_is_late_takes_as_many_queries_whatever_is_late(
    area, coordinator, django_assert_num_queries
):
    for _more in range(3):
        for make in (offer, initiative, answer, task, need):
            make(area, coordinator, -1)
    with django_assert_num_queries(5):
        assert (
            len([(one.name, one.action, one.area.name) for one in overdue_items.overdue_items(today())]) == 15
        )


# --- in the coordinator's day -----------------------------------------------------------------


@pytest.mark.parametrize(("days_late", "shown"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("make", [initiative, answer, task, need])
def test_the_day_shows_what_is_due(make, days_late, shown, area, coordinator, editor, stranger):
    make(area, editor, -days_late)
    assert bool(overdue_items.items_due(coordinator, today(), most=9)) == shown, (
        "where they work, whoever looks after it"
    )
    assert not overdue_items.items_due(stranger, today(), most=9)


def test_the_longest_late_stands_first_and_no_more_than_asked_for(area, coordinator):
    for days in (1, 9, 5):
        need(area, coordinator, -days)
        task(area, coordinator, -days)
    days = [(today() - one.day).days for one in overdue_items.items_due(coordinator, today(), most=4)]
    assert days == [9, 9, 5, 5]
