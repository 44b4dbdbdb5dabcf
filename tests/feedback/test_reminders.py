"""Who promised an answer is told before its day and when it is past; then whoever leads knows as well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from feedback.answers.services import promises
from feedback.models import AnswerOwed, Message, ToldDue
from feedback.states import Owed
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_promise, make_topic, today
from tests.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(area) -> User:
    return make_user(Role.EDITOR, area, language="nl")


def mails(user: User) -> list[Message]:
    return list(Message.objects.filter(user=user).order_by("pk"))


def evening(days: int = 0) -> None:
    promises.send_due_reminders(timezone.now() + timedelta(days=days))


def promised(area, owner: User, *, due: int, people: int = 2) -> None:
    """A poll of which people wait, under one promise."""
    topic = make_topic("option:31", area=area)
    make_promise(owner=owner, due=due)
    for _person in range(people):
        make_debt(topic, owner=owner, due=due)


@pytest.mark.parametrize(
    ("days_left", "owner_told", "lead_told"),
    [(8, 0, 0), (7, 1, 0), (1, 1, 0), (0, 1, 0), (-1, 1, 1), (-30, 1, 1)],
)
def test_who_is_told_and_when(days_left, owner_told, lead_told, area, owner, administrator, stranger, viewer):
    promised(area, owner, due=days_left)
    for _twice in range(2):
        evening()
    assert (len(mails(owner)), len(mails(administrator))) == (owner_told, lead_told)
    assert not mails(stranger) and not mails(viewer)


def test_a_story_of_one_promise(area, owner, administrator):
    """Told a week before, told when it is late, the lead too; moved, it is news again; answered, it is gone."""
    promised(area, owner, due=20)
    for day in range(25):
        evening(day)
    soon, late = mails(owner)
    assert soon.subject == "1 belofte loopt bijna af"
    assert "2 mensen wachten op antwoord" in soon.text and "/desk/waiting/?by=survey" in soon.text
    assert late.subject == "1 ding wacht langer dan goed is"
    assert len(mails(administrator)) == 1
    promise = promises.Promise.objects.get()
    promises.move_promise(
        promise=promise, due_on=today(60), reason={"nl": "Meer tijd."}, by=owner, seen=promise.due_on
    )
    for day in range(25, 54):
        evening(day)
    assert len(mails(owner)) == 3
    AnswerOwed.objects.update(state=Owed.PUBLISHED, settled_at=timezone.now())
    evening(70)
    assert len(mails(owner)) == 3 and not ToldDue.objects.exists()


def test_one_mail_for_everything(area, owner):
    promised(area, owner, due=-3)
    make_debt(make_topic("text:1", source="note:1", area=area), owner=owner, due=5)
    evening()
    (mail,) = mails(owner)
    assert "u beloofde dit" in mail.text.lower() and "voorbij" in mail.text


@pytest.mark.parametrize("leaves", ["role ends", "locked out"])
def test_whoever_works_there_no_more_is_not_waited_for(leaves, area, owner, administrator):
    promised(area, owner, due=5)
    if leaves == "locked out":
        owner.lock_out()
    else:
        owner.memberships.update(until=today(-1))
    evening()
    assert not mails(owner) and len(mails(administrator)) == 1


def test_reading_takes_as_many_queries_whatever_is_due(area, django_assert_num_queries):
    for number in range(4):
        owner = make_user(Role.EDITOR, area)
        make_debt(make_topic(f"option:{number}", source=f"survey:{number}", area=area), owner=owner, due=1)
    with django_assert_num_queries(7):
        found = list(promises.answers_due(today(), today(7)))
    assert len(found) == 4 and all(one.is_looked_after and one.name and one.url for one in found)
