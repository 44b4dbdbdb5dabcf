"""A day of ours that comes later takes a reason, and who waits reads both: the rule for what keeps a day of itself."""

import pytest

from core.errors import DomainError
from feedback.answers.services.promises import delete_postponements, postponed_days, record_postponement
from feedback.models import MovedDay
from tests.feedback.factories import today

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("was", "day", "why", "kept"),
    [
        (2, 5, "Ziek.", True),
        (2, 2, "", False),  # the same day
        (5, 2, "", False),  # sooner is no news
        (None, 5, "", False),  # nothing was told yet
        (2, None, "", False),  # it is over
    ],
)
def test_only_later_than_was_told_is_kept(was, day, why, kept):
    record_postponement(
        key="offer:1",
        was=None if was is None else today(was),
        day=None if day is None else today(day),
        why=why,
    )
    assert MovedDay.objects.exists() == kept


def test_later_takes_a_reason():
    with pytest.raises(DomainError):
        record_postponement(key="offer:1", was=today(1), day=today(2), why="  ")


def test_put_off_twice_it_tells_the_first_day_and_the_last_reason():
    record_postponement(key="offer:1", was=today(1), day=today(3), why="Ziek.")
    record_postponement(key="offer:1", was=today(3), day=today(9), why="Nog ziek.")
    (found,) = postponed_days({"offer:1": today(9)}).values()
    assert (found.was, found.why) == (today(1), "Nog ziek.")


def test_of_a_day_that_is_no_longer_so_nothing_is_told():
    record_postponement(key="offer:1", was=today(1), day=today(3), why="Ziek.")
    assert not postponed_days({"offer:1": today(4)})  # the next step has a day of its own
    assert not postponed_days({"offer:2": today(3)})
    delete_postponements(["offer:1"])
    assert not postponed_days({"offer:1": today(3)})
