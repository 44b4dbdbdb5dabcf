"""Numbers that are dear to count are kept for a minute, but never from whoever changed them."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from accounts.counting import cached_for_all_users, cached_for_user
from accounts.models import Event, User
from tests.people import make_user


def test_counts_anew_after_a_action_of_ones_own(db):
    me, colleague, number = make_user(), make_user(), count(1)
    assert [cached_for_user("n", lambda: next(number), by=me) for _look in range(3)] == [1, 1, 1]
    Event.log("did", colleague, by=colleague)
    assert cached_for_user("n", lambda: next(number), by=me) == 1
    Event.log("did", colleague, by=me)
    assert cached_for_user("n", lambda: next(number), by=me) == 2


def test_each_colleague_and_each_number_is_kept_apart(db):
    me, colleague = make_user(), make_user()
    assert cached_for_user("n", lambda: 1, by=me) == 1
    assert (cached_for_user("n", lambda: 2, by=colleague), cached_for_user("m", lambda: 3, by=me)) == (2, 3)


def test_what_is_the_same_for_all_is_counted_once(db):
    me, colleague, number = make_user(), make_user(), count(1)

    def look(by: User) -> int:
        return cached_for_all_users("n", lambda: next(number), by=by)

    assert [look(me), look(colleague), look(make_user())] == [1, 1, 1]
    Event.log("did", colleague, by=colleague)
    assert (look(me), look(colleague)) == (1, 2)
    # What they counted holds for who did nothing meanwhile; and an action long ago is in it.
    assert (look(me), look(colleague)) == (2, 2)
    Event.objects.create(actor=me, verb="did", kind="user", key="1", at=timezone.now() - timedelta(minutes=5))
    assert look(me) == 2


def test_nothing_is_kept_too(db):
    me, number = make_user(), iter([0, 1])
    assert [cached_for_user("n", lambda: next(number), by=me) for _look in range(2)] == [0, 0]
