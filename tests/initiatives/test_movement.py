"""What moved: figures counted by hand, parts that add up, and people who go without taking a number along."""

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.private import services as private
from feedback.states import FollowUpState, Outcome, Owed
from initiatives.models import MonthOfMovement, NeedLink
from initiatives.movement.services.movement import (
    MovementCounts,
    count_movement,
    month_of,
    months_until,
    record_month_standing,
)
from initiatives.states import InitiativeState, LinkKind, NeedState, OfferState
from neighbourhoods.models import Area
from tests.feedback.factories import make_debt, make_follow_up, make_receipt, make_topic, today
from tests.initiatives.factories import make_gift, make_initiative, make_need, make_offer
from tests.people import make_area, make_theme, make_user

pytestmark = pytest.mark.django_db


def at(days_ago: int):
    return timezone.now() - timedelta(days=days_ago)


def figures(*areas: Area) -> MovementCounts:
    return count_movement([area.pk for area in areas]).total


def told(counts: MovementCounts) -> dict[str, Any]:
    """What is not nothing."""
    found = {one.name: getattr(counts, one.name) for one in fields(counts)}
    return {name: value for name, value in found.items() if value}


# --- stories and their figures -------------------------------------------------------------------


def one_waits(area):
    make_debt(make_topic(area=area))


def one_waits_too_long(area):
    make_debt(make_topic(area=area), due=-1, waited=40)


def one_waits_for_one_of_two(area):
    receipt = make_receipt()
    make_debt(make_topic(area=area), receipt=receipt, state=Owed.SENT, waited=6, settled_at=at(1))
    make_debt(make_topic(area=area), receipt=receipt)


def two_were_answered(area):
    for days in (3, 5):
        make_debt(make_topic(area=area), state=Owed.PUBLISHED, waited=days, settled_at=at(0))


def one_was_told_in_person(area):
    make_debt(make_topic(area=area), state=Owed.PUBLISHED, reason="Gebeld.", waited=2, settled_at=at(0))


def one_was_told_of_one_and_not_of_the_other(area):
    receipt = make_receipt()
    for state in (Owed.SENT, Owed.PUBLISHED):
        make_debt(make_topic(area=area), receipt=receipt, state=state, waited=2, settled_at=at(0))


def one_was_told_why_not(area):
    make_debt(make_topic(area=area), state=Owed.WAIVED)


def one_took_it_back(area):
    make_debt(make_topic(area=area), state=Owed.WITHDRAWN)


def one_waits_since_two_years(area):
    make_debt(make_topic(area=area), due=-600, waited=700)


def one_was_answered_two_years_ago(area):
    make_debt(make_topic(area=area), state=Owed.SENT, waited=700, settled_at=at(690))


def one_erased_themselves_waiting(area):
    debt = make_debt(make_topic(area=area), due=-1)
    private.erase(receipt=debt.receipt)


def one_erased_themselves_answered(area):
    debt = make_debt(make_topic(area=area), state=Owed.SENT, waited=4, settled_at=at(0))
    private.erase(receipt=debt.receipt)


def volunteer(area, *, days_ago: int, spoken: int | None, **more):
    return make_offer(
        area, offered_on=today(-days_ago), contacted_on=None if spoken is None else today(-spoken), **more
    )


def spoken_to_on_the_second_day(area):
    volunteer(area, days_ago=5, spoken=3)


def spoken_to_on_the_third_day(area):
    volunteer(area, days_ago=5, spoken=2)


def nobody_spoke_to_them_yet(area):
    volunteer(area, days_ago=3, spoken=None)


def came_forward_yesterday(area):
    volunteer(area, days_ago=1, spoken=None)


def came_forward_and_went(area):
    volunteer(area, days_ago=9, spoken=None, state=OfferState.CLOSED, withdrawn_from=OfferState.NEW)


def a_volunteer_erased_themselves(area):
    private.erase(receipt=volunteer(area, days_ago=5, spoken=4).receipt)


def a_space_is_no_volunteer(area):
    make_gift(area, offered_on=today(-9))


def a_need_nothing_is_there_for(area):
    make_need(make_topic(area=area))


def a_need_with_a_link(area):
    need = make_need(make_topic(area=area))
    NeedLink.objects.create(need=need, kind=LinkKind.APPROACH, approach="soup")


def a_need_that_was_met(area):
    make_need(make_topic(area=area), state=NeedState.MET, state_on=today())


def an_initiative_that_began(area):
    make_initiative(area, owner=make_user(), since=today(), next_action="Bellen", next_action_on=today(3))


def one_that_was_there_already(area):
    make_initiative(area, since=today(-2000))


def an_idea(area):
    make_initiative(
        area, owner=make_user(), state=InitiativeState.IDEA, next_action="Bellen", next_action_on=today(3)
    )


STORIES = [
    (one_waits, {"people": 1, "waiting": 1}),
    (one_waits_too_long, {"people": 1, "waiting": 1, "late": 1}),
    (one_waits_for_one_of_two, {"people": 1, "waiting": 1, "days": {5: 1}, "answers_told": 1}),
    (two_were_answered, {"people": 2, "page_only": 2, "days": {3: 1, 5: 1}, "answers_page_only": 2}),
    (one_was_told_in_person, {"people": 1, "told": 1, "days": {2: 1}, "answers_told": 1}),
    (
        one_was_told_of_one_and_not_of_the_other,
        {"people": 1, "page_only": 1, "days": {2: 2}, "answers_told": 1, "answers_page_only": 1},
    ),
    (one_was_told_why_not, {"people": 1, "waived": 1, "answers_waived": 1}),
    (one_took_it_back, {}),
    (one_waits_since_two_years, {"people": 1, "waiting": 1, "late": 1}),
    (one_was_answered_two_years_ago, {}),
    (one_erased_themselves_waiting, {"people": 1}),
    (one_erased_themselves_answered, {"people": 1, "told": 1, "days": {4: 1}, "answers_told": 1}),
    (spoken_to_on_the_second_day, {"volunteers": 1, "in_time": 1}),
    (spoken_to_on_the_third_day, {"volunteers": 1}),
    (nobody_spoke_to_them_yet, {"volunteers": 1}),
    (came_forward_yesterday, {}),
    (came_forward_and_went, {}),
    (a_volunteer_erased_themselves, {"volunteers": 1, "in_time": 1}),
    (a_space_is_no_volunteer, {}),
    (a_need_nothing_is_there_for, {"needs": 1, "without_link": 1, "heard": 1}),
    (a_need_with_a_link, {"needs": 1, "heard": 1}),
    (a_need_that_was_met, {"heard": 1, "met": 1}),
    (an_initiative_that_began, {"begun": 1, "running": 1}),
    (one_that_was_there_already, {"running": 1}),
    (an_idea, {}),
]


@pytest.mark.parametrize(("story", "expected"), STORIES, ids=[story.__name__ for story, _told in STORIES])
def test_a_story_and_its_figures(story, expected, area, next_area):
    story(area)
    assert told(figures(area)) == expected
    assert told(figures(next_area)) == {}


def test_all_stories_together(area, next_area):
    """What stands beside each other adds up, also over two neighbourhoods."""
    expected = MovementCounts()
    for place in (area, next_area):
        for story, figures_of_it in STORIES:
            story(place)
            expected.add(MovementCounts(**{"days": {}} | figures_of_it))
    assert figures(area, next_area) == expected
    assert expected.left == 2 and expected.in_term == 4


def test_a_person_counts_once_in_each_neighbourhood(area, next_area):
    receipt = make_receipt()
    for place in (area, area, next_area):
        make_debt(make_topic(area=place), receipt=receipt)
    assert (figures(area).people, figures(next_area).people, figures(area, next_area).people) == (1, 1, 2)


@pytest.mark.parametrize(
    ("answered_after", "half"), [([2] * 4, None), ([1, 2, 3, 4, 90], 3), ([1, 2, 4, 5, 6, 7], 4.5)]
)
def test_the_median_is_of_answers_and_says_nothing_of_few(answered_after, half, area):
    for days in answered_after:
        make_debt(make_topic(area=area), state=Owed.SENT, waited=days, settled_at=at(0))
    assert figures(area).median == half


def test_what_we_answered_is_told_by_outcome(area, next_area):
    for outcome, place in ((Outcome.NO, area), (Outcome.NO, area), (Outcome.ADOPTED, next_area)):
        make_follow_up(outcome=outcome, areas=[place], state=FollowUpState.FANNED_OUT)
    make_follow_up(outcome=Outcome.PARTLY, areas=[area])  # a draft
    assert count_movement([area.pk]).outcomes == {Outcome.NO: 2}
    assert count_movement([area.pk, next_area.pk]).outcomes == {Outcome.NO: 2, Outcome.ADOPTED: 1}


def test_for_many_it_asks_as_often_as_for_one(area, next_area):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            count_movement(Area.objects.values_list("pk", flat=True))
        return len(captured)

    few = asked()
    for place in (area, next_area, make_area()):
        for story, _told in STORIES:
            story(place)
    assert asked() == few <= 12


# --- over time -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 1, 31), date(2025, 2, 1), date(2026, 1, 1)),
        (date(2026, 12, 1), date(2026, 1, 1), date(2026, 12, 1)),
        (date(2028, 2, 29), date(2027, 3, 1), date(2028, 2, 1)),
    ],
)
def test_twelve_months_end_with_this_one(day, first, last):
    months = months_until(day)
    assert (len(months), months[0], months[-1]) == (12, first, last)


def test_how_it_stood_is_what_was_seen_last_in_the_month(area):
    """The last look of a month stays; what changes later changes it no more, and neither does erasing."""
    debt = make_debt(make_topic(area=area), due=-3, waited=40)
    make_need(make_topic(area=area))
    now = timezone.now()
    for _twice in range(2):
        record_month_standing(now)
    row = MonthOfMovement.objects.get(area=area)
    assert (row.waiting, row.late, row.needs, row.without_link, row.running) == (1, 1, 1, 1, 0)
    assert (row.topics, row.topics_left, row.people_left) == (1, 1, 1)
    private.erase(receipt=debt.receipt)
    next_month = months_until(timezone.localdate(now) + timedelta(days=40))[-1]
    record_month_standing(timezone.now().replace(year=next_month.year, month=next_month.month, day=15))
    standing = {month.first: month.standing for month in count_movement([area.pk], today=next_month).months}
    before = standing[month_of(timezone.localdate(now))]
    after = standing[next_month]
    assert before and (before.waiting, before.late) == (1, 1)
    assert after and (after.waiting, after.late, after.without_link) == (0, 0, 1)


def test_two_who_go_in_one_month_are_both_counted_on(area):
    for _who in range(2):
        private.erase(receipt=make_debt(make_topic(area=area), state=Owed.SENT).receipt)
    assert MonthOfMovement.objects.get(area=area).gone_people == 2


# --- whatever happens ----------------------------------------------------------------------------

debts = st.tuples(
    st.integers(0, 1),  # area
    st.integers(0, 4),  # who
    st.sampled_from([Owed.OPEN, Owed.PUBLISHED, Owed.SENT, Owed.WAIVED, Owed.WITHDRAWN]),
    st.integers(0, 800),  # since
    st.integers(-60, 60),  # due
)


@given(said=st.lists(debts, max_size=12), goes=st.sets(st.integers(0, 4)))
@settings(max_examples=25, deadline=None)
def test_parts_add_up_and_who_goes_takes_no_number_along(said, goes):
    with transaction.atomic():
        areas = [make_area(), make_area()]
        owner, theme = make_user(), make_theme()
        people = [make_receipt() for _ in range(5)]
        for number, (where, who, state, since, due) in enumerate(said):
            topic = make_topic(f"o:{number}", area=areas[where], theme=theme)
            settled = {} if state == Owed.OPEN else {"settled_at": at(since // 2)}
            make_debt(topic, receipt=people[who], owner=owner, state=state, waited=since, due=due, **settled)
        found = count_movement([area.pk for area in areas])
        adds_up(found)
        for who in goes:
            private.erase(receipt=people[who])
        after = count_movement([area.pk for area in areas])
        adds_up(after)
        recent = found.before.people
        # Who went while they waited since before these months is not looked back on.
        assert found.total.people - recent == after.total.people - after.before.people
        for how in ("told", "page_only", "waived"):
            assert getattr(after.total, how) == getattr(found.total, how)
            assert getattr(after.total, f"answers_{how}") == getattr(found.total, f"answers_{how}")
        assert after.total.days == found.total.days
        assert after.total.waiting <= found.total.waiting
        transaction.set_rollback(True)


def adds_up(found) -> None:
    parts, over_time = MovementCounts(), MovementCounts()
    for counts in found.per_area.values():
        parts.add(counts)
    for counts in (found.before, *(month.counts for month in found.months)):
        over_time.add(counts)
    assert parts == over_time == found.total
    for counts in (found.total, *found.per_area.values()):
        had = counts.told + counts.page_only + counts.waived
        assert counts.people == had + counts.waiting + counts.left
        assert counts.waiting == counts.in_term + counts.late
        assert (
            min(counts.left, counts.in_term, counts.told, counts.page_only, counts.waived, counts.late) >= 0
        )
        assert counts.answers_told + counts.answers_page_only == counts.answers
        assert counts.in_time <= counts.volunteers and counts.without_link <= counts.needs
