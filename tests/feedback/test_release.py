"""Pressing release, stopping, the end of the hold, and handing out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact
from core.errors import DomainError, InvalidTransition
from feedback.answers.services import release
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message, NamedDebt
from feedback.states import FollowUpState, Owed
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import make_debt, make_follow_up, make_receipt, make_topic


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area)


@pytest.fixture
def owner(db):
    return make_owner()


@pytest.fixture
def follow_up(topic, owner):
    make_readers(topic, owner, mailed=2, page_only=1)
    return make_follow_up(source=topic.source, key=topic.key, owner=owner)


# --- whom it is for ---------------------------------------------------------------------------


def test_audience_is_what_waits_for_it(follow_up, topic, owner):
    make_debt(topic, owner=owner, state=Owed.SENT)
    make_debt(make_topic("option:32", area=topic.area), owner=owner)
    assert audience.debts(follow_up).count() == 3
    assert audience.count_reach(audience.debts(follow_up)) == audience.Reach(3, 2, {"nl": 3})


def test_audience_of_an_area_leaves_out_what_lies_inside_it(follow_up, topic, district, owner):
    make_debt(make_topic(topic.key, source=topic.source, area=district), owner=owner)
    assert audience.debts(follow_up).count() == 4
    follow_up.audience |= {"areas": [district.pk]}
    assert audience.debts(follow_up).count() == 1
    follow_up.audience |= {"areas": [topic.area_id]}
    assert audience.debts(follow_up).count() == 3


def test_audience_of_several_keys(follow_up, topic, owner):
    make_debt(make_topic("option:32", area=topic.area), owner=owner)
    follow_up.audience |= {"key": ["option:31", "option:32"]}
    assert audience.debts(follow_up).count() == 4


def test_audience_counts_without_a_query_per_reader(follow_up, django_assert_num_queries):
    with django_assert_num_queries(1):
        audience.count_reach(audience.debts(follow_up))


# --- pressing ---------------------------------------------------------------------------------


def test_press_freezes_whom_it_names(follow_up, topic, owner, settings):
    settings.HOLD_SECONDS = 600
    held = release.schedule_release(follow_up=follow_up, by=owner)
    make_readers(topic, owner)  # came later
    assert (held.state, held.addressed) == (FollowUpState.HOLD, 3)
    assert NamedDebt.objects.filter(follow_up=held).count() == 3
    assert held.hold_until - timezone.now() > timedelta(seconds=590)


def test_press_twice_is_once(follow_up, owner):
    first = release.schedule_release(follow_up=follow_up, by=owner)
    second = release.schedule_release(follow_up=follow_up, by=owner)
    assert first.hold_until == second.hold_until and NamedDebt.objects.count() == 3


def test_nobody_is_named_by_two_answers_at_once(follow_up, topic, owner):
    """A colleague wrote to the same people: who is on hold for one answer waits for no other."""
    release.schedule_release(follow_up=follow_up, by=owner)
    other = make_follow_up(source=topic.source, owner=owner)
    assert audience.count_reach(audience.debts(other)).readers == 0
    with pytest.raises(DomainError):
        release.schedule_release(follow_up=other, by=owner)
    release.stop_release(follow_up=follow_up, by=owner)
    assert audience.count_reach(audience.debts(other)).readers == 3


def test_an_audience_that_changed_meanwhile_is_looked_at_once_more(follow_up, owner):
    stale = FollowUp.objects.get(pk=follow_up.pk)
    FollowUp.objects.filter(pk=follow_up.pk).update(audience=follow_up.audience | {"key": "rest"})
    with pytest.raises(InvalidTransition):
        release.schedule_release(follow_up=stale, by=owner)


def test_press_writes_few_rows_by_one_statement(follow_up, topic, owner, django_assert_max_num_queries):
    make_readers(topic, owner, mailed=20, page_only=20)
    with django_assert_max_num_queries(12):
        release.schedule_release(follow_up=follow_up, by=owner)


def test_press_is_refused_when_a_language_is_missing(follow_up, topic, owner):
    for _ in range(14):
        make_debt(topic, receipt=make_receipt(language="ar"), owner=owner)
    with pytest.raises(DomainError, match=r"Arabisch.*14 mensen"):
        release.schedule_release(follow_up=follow_up, by=owner)
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUpState.DRAFT and not NamedDebt.objects.exists()


def test_press_is_refused_when_a_part_is_missing(follow_up, owner):
    follow_up.why = {"nl": " ", "en": "Because"}
    follow_up.save()
    with pytest.raises(DomainError, match="Nederlands"):
        release.schedule_release(follow_up=follow_up, by=owner)


def test_press_is_refused_when_nobody_waits(owner, db):
    with pytest.raises(DomainError):
        release.schedule_release(follow_up=make_follow_up(source="survey:99", owner=owner), by=owner)


def test_nothing_happens_before_the_hold_ends(follow_up, owner, settings):
    settings.HOLD_SECONDS = 600
    release.schedule_release(follow_up=follow_up, by=owner)
    assert release.end_holds() == 0 and release.fan_out_released() == 0
    assert not FollowUpItem.objects.exists() and not Message.objects.exists()
    assert release.end_holds(now=timezone.now() + timedelta(minutes=11)) == 1
    assert release.end_holds(now=timezone.now() + timedelta(minutes=11)) == 0


def test_stop_makes_it_a_draft_again(follow_up, owner):
    release.schedule_release(follow_up=follow_up, by=owner)
    stopped = release.stop_release(follow_up=follow_up, by=owner)
    assert (stopped.state, stopped.addressed) == (FollowUpState.DRAFT, 0)
    assert not NamedDebt.objects.exists()
    assert AnswerOwed.objects.waiting().count() == 3


def test_stop_after_the_hold_is_too_late(follow_up, owner, settings):
    settings.HOLD_SECONDS = 0
    release.schedule_release(follow_up=follow_up, by=owner)
    release.end_holds()
    with pytest.raises(InvalidTransition):
        release.stop_release(follow_up=follow_up, by=owner)


# --- handing out ------------------------------------------------------------------------------


def test_fan_out_reaches_everybody_once(topic, owner, settings):
    readers = make_readers(topic, owner, mailed=3, page_only=2)
    follow_up = released(topic, owner, settings)
    assert follow_up.state == FollowUpState.FANNED_OUT
    assert FollowUpItem.objects.count() == len(readers) == 5
    assert Message.objects.count() == 3
    assert set(AnswerOwed.objects.values_list("state", flat=True)) == {Owed.PUBLISHED}
    assert release.fan_out_released() == 0


def test_fan_out_goes_on_where_its_cursor_stands(topic, owner, settings):
    settings.FAN_OUT_CHUNK = 2
    make_readers(topic, owner, mailed=3, page_only=2)
    settings.HOLD_SECONDS = 0
    follow_up = make_follow_up(source=topic.source, key=topic.key, owner=owner)
    release.schedule_release(follow_up=follow_up, by=owner)
    release.end_holds()
    chunks = iter([False, True])
    release.fan_out_released(enough=lambda: next(chunks))
    assert FollowUpItem.objects.count() == 2
    release.fan_out_released()
    assert FollowUpItem.objects.count() == 5 and Message.objects.count() == 3


def test_fan_out_answers_only_what_it_names(topic, owner, settings):
    (reader,) = make_readers(topic, owner, mailed=1, page_only=0)
    other = make_debt(make_topic("option:32", area=topic.area), receipt=reader, owner=owner)
    released(topic, owner, settings)
    other.refresh_from_db()
    assert other.state == Owed.OPEN


def test_withdrawn_meanwhile_is_not_told(topic, owner, settings):
    make_readers(topic, owner, mailed=1, page_only=0)
    settings.HOLD_SECONDS = 0
    follow_up = make_follow_up(source=topic.source, key=topic.key, owner=owner)
    release.schedule_release(follow_up=follow_up, by=owner)
    AnswerOwed.objects.get().move(Owed.WITHDRAWN)
    release.end_holds()
    release.fan_out_released()
    assert FollowUpItem.objects.get().cancelled and not Message.objects.exists()


def test_unsubscribed_meanwhile_reads_it_on_their_page(topic, owner, settings):
    make_readers(topic, owner, mailed=1, page_only=0)
    Contact.objects.update(unsubscribed_at=timezone.now())
    released(topic, owner, settings)
    assert FollowUpItem.objects.shown().count() == 1 and not Message.objects.exists()


def test_correction_goes_to_the_same_readers(topic, owner, settings):
    make_readers(topic, owner, mailed=2, page_only=1)
    first = released(topic, owner, settings)
    correction = released(topic, owner, settings, corrects=first)
    assert correction.addressed == 3
    assert FollowUpItem.objects.filter(follow_up=correction, cancelled=False).count() == 3
    assert Message.objects.filter(items__follow_up=correction).count() == 2
