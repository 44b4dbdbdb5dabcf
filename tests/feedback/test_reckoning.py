"""The sum is always equal, whatever happens in which order; and deliveries, as told afterwards."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Contact, Receipt, Suppression
from core.errors import DomainError, InvalidTransition
from feedback.answers.services import release
from feedback.answers.services.reckoning import DeliveryCounts, count_delivery, receipts_in_part
from feedback.answers.services.release import close_finished
from feedback.contacts.services import hearing_back
from feedback.delivery.emails import DeliveryResult, Verdict
from feedback.delivery.services import delivery, guards, pump
from feedback.delivery.services.guards import recover
from feedback.models import AnswerOwed, FollowUp, Message
from feedback.private import services as private
from feedback.states import DeliveryKind, FollowUpState, MessageState, Owed
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import make_contribution, make_debt, make_follow_up, make_topic
from tests.people import make_area, make_municipality


@pytest.fixture
def owner(db):
    return make_owner()


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area)


def hand_over_all(verdict: str = Verdict.ACCEPTED, *, most: int = 100) -> None:
    """T3, T4 and T5 with a server that says `verdict` to everything."""
    now = timezone.now() + timedelta(days=30)
    token, ids = guards.claim(most=most, now=now)
    parcels = pump.begin_handing_over(ids, token, now=timezone.now())
    pump.settle([(parcel, DeliveryResult(verdict, 250)) for parcel in parcels], token)


def test_sum_of_a_draft_is_nothing(db):
    assert count_delivery(make_follow_up()) == DeliveryCounts()


def test_sum_on_hold(topic, owner):
    make_readers(topic, owner, mailed=2, page_only=1)
    follow_up = make_follow_up(source=topic.source, key=topic.key, owner=owner)
    release.schedule_release(follow_up=follow_up, by=owner)
    assert count_delivery(follow_up) == DeliveryCounts(audience=3, on_hold=3)


def test_sum_is_one_query(topic, owner, settings, django_assert_num_queries):
    make_readers(topic, owner, mailed=2, page_only=1)
    follow_up = released(topic, owner, settings)
    with django_assert_num_queries(1):
        assert count_delivery(follow_up) == DeliveryCounts(audience=3, page_only=1, pending=2)


def test_sum_counts_readers_not_debts(topic, owner, settings):
    (reader,) = make_readers(topic, owner, mailed=1, page_only=0)
    said = make_contribution(topic, receipt=reader, slot="other")
    make_debt(topic, contribution=said, owner=owner)
    follow_up = released(topic, owner, settings)
    assert follow_up.named.count() == 2
    assert count_delivery(follow_up) == DeliveryCounts(audience=1, pending=1)


def test_sum_shows_what_is_lost(topic, owner, settings):
    make_readers(topic, owner, mailed=1, page_only=1)
    follow_up = released(topic, owner, settings)
    follow_up.items.filter(message=None).delete()
    assert not count_delivery(follow_up).is_equal


def test_erased_reader_stays_as_a_count(topic, owner, settings):
    readers = make_readers(topic, owner, mailed=2, page_only=0)
    follow_up = released(topic, owner, settings)
    private.erase(receipt=readers[0])
    assert count_delivery(follow_up) == DeliveryCounts(audience=2, pending=1, erased=1)


class Walk:
    """Actions in any order; each is refused or done, and the sum holds after it."""

    def __init__(self) -> None:
        make_municipality()
        guards.outbox_may_send()
        self.owner = make_owner()
        self.topic = make_topic("option:31", area=make_area())
        make_readers(self.topic, self.owner, mailed=4, page_only=2)
        self.follow_up = make_follow_up(source=self.topic.source, key=self.topic.key, owner=self.owner)

    def press(self) -> None:
        release.schedule_release(follow_up=self.follow_up, by=self.owner)

    def stop(self) -> None:
        release.stop_release(follow_up=self.follow_up, by=self.owner)

    def end_hold(self) -> None:
        release.end_holds(now=timezone.now() + timedelta(hours=1))

    def fan_out_a_chunk(self) -> None:
        chunks = iter([False, True])
        release.fan_out_released(enough=lambda: next(chunks))

    def claim(self) -> None:
        guards.claim(most=1, now=timezone.now() + timedelta(days=30))

    def commit_without_telling(self) -> None:
        token, ids = guards.claim(most=1, now=timezone.now() + timedelta(days=30))
        pump.begin_handing_over(ids, token, now=timezone.now())

    def lease_ends(self) -> None:
        recover(now=timezone.now() + timedelta(days=1))

    def accepted(self) -> None:
        hand_over_all(Verdict.ACCEPTED, most=2)

    def later(self) -> None:
        hand_over_all(Verdict.LATER, most=1)

    def refused(self) -> None:
        hand_over_all(Verdict.REFUSED, most=1)

    def unknown(self) -> None:
        hand_over_all(Verdict.UNKNOWN, most=1)

    def bounced(self) -> None:
        for message in Message.objects.order_by("pk")[:1]:
            delivery.record(message=message, kind=DeliveryKind.BOUNCED, provider_event=f"b{message.pk}")

    def delivered(self) -> None:
        for message in Message.objects.order_by("-pk")[:1]:
            delivery.record(message=message, kind=DeliveryKind.DELIVERED, provider_event=f"d{message.pk}")

    def resent(self) -> None:
        for message in Message.objects.filter(state__in=["failed", "uncertain"])[:1]:
            delivery.resend(message=message, by=self.owner, now=timezone.now() + timedelta(days=2))

    def unsubscribed(self) -> None:
        for contact in Contact.objects.order_by("pk")[:1]:
            hearing_back.unsubscribe(receipt=contact.receipt)

    def withdrawn(self) -> None:
        for debt in AnswerOwed.objects.exclude(state=Owed.WITHDRAWN).order_by("-pk")[:1]:
            debt.move(Owed.WITHDRAWN)

    def erased(self) -> None:
        for receipt in Receipt.objects.order_by("pk")[1:2]:
            private.erase(receipt=receipt)

    def restored(self) -> None:
        guards.hold_outbox(reason="restored", by=None)
        guards.release_outbox(by=self.owner)


ACTIONS = sorted(name for name in vars(Walk) if not name.startswith("_"))


@override_settings(FAN_OUT_CHUNK=2)
class TestSumIsAlwaysEqual(TestCase):
    @settings(suppress_health_check=list(HealthCheck))
    @given(actions=st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=25))
    def test_over_any_walk(self, actions):
        walk = Walk()
        for action in ["press", *actions]:
            try:
                getattr(walk, action)()
            except (DomainError, guards.OutboxQuarantined):
                continue
            summed = count_delivery(walk.follow_up)
            assert summed.is_equal, f"after {action}: {summed}"
        self.assert_each_part_is_who_it_counts(walk.follow_up)

    def assert_each_part_is_who_it_counts(self, follow_up):
        """The list behind each part holds as many readers as the part says; who erased themselves is nowhere."""
        follow_up.refresh_from_db()
        for part, number in count_delivery(follow_up).parts.items():
            if part != "erased":
                assert len(receipts_in_part(follow_up, part, after=None, most=100)) == number, part


# --- told afterwards --------------------------------------------------------------------------


@pytest.fixture
def sent(topic, owner, settings) -> Message:
    make_readers(topic, owner, mailed=1, page_only=0)
    guards.outbox_may_send()
    released(topic, owner, settings)
    hand_over_all()
    return Message.objects.get()


@pytest.fixture
def uncertain(topic, owner, settings) -> Message:
    make_readers(topic, owner, mailed=1, page_only=0)
    guards.outbox_may_send()
    released(topic, owner, settings)
    hand_over_all(Verdict.UNKNOWN)
    return Message.objects.get()


def test_bounce_is_a_task_and_the_answer_is_owed_as_published(sent):
    told = {"message": sent, "kind": DeliveryKind.BOUNCED, "provider_event": "dsn:1"}
    assert delivery.record(**told) and not delivery.record(**told)
    sent.refresh_from_db()
    assert sent.state == MessageState.BOUNCED
    assert AnswerOwed.objects.get().state == Owed.PUBLISHED
    assert Suppression.objects.count() == 1
    assert list(Message.objects.needing_person()) == [sent]


def test_delivered_settles_what_was_uncertain(uncertain):
    assert AnswerOwed.objects.get().state == Owed.PUBLISHED
    delivery.record(message=uncertain, kind=DeliveryKind.DELIVERED, provider_event="hook:1")
    uncertain.refresh_from_db()
    assert uncertain.state == MessageState.DELIVERED
    assert AnswerOwed.objects.get().state == Owed.SENT


def test_uncertain_waits_a_day_for_a_bounce(uncertain, owner):
    with pytest.raises(DomainError):
        delivery.resend(message=uncertain, by=owner)
    tomorrow = timezone.now() + timedelta(hours=25)
    name = uncertain.message_id
    again = delivery.resend(message=uncertain, by=owner, now=tomorrow)
    assert (again.state, again.message_id) == (MessageState.PENDING, name)


def test_uncertain_is_marked_delivered_by_a_person(uncertain, owner):
    tomorrow = timezone.now() + timedelta(hours=25)
    done = delivery.mark_delivered(message=uncertain, by=owner, note="on the phone", now=tomorrow)
    assert (done.state, done.resolved_by) == (MessageState.DELIVERED, owner)
    assert AnswerOwed.objects.get().state == Owed.SENT
    with pytest.raises(InvalidTransition):
        delivery.mark_delivered(message=uncertain, by=owner, now=tomorrow)


def test_task_is_taken_up_once_and_with_a_word(sent, owner):
    delivery.record(message=sent, kind=DeliveryKind.BOUNCED, provider_event="dsn:1")
    with pytest.raises(DomainError):
        delivery.note_told_in_person(message=sent, by=owner, note=" ")
    delivery.note_told_in_person(message=sent, by=owner, note="Told by phone.")
    assert not Message.objects.needing_person().exists()
    with pytest.raises(InvalidTransition):
        delivery.note_told_in_person(message=sent, by=owner, note="Told by phone.")


def test_follow_up_closes_when_nothing_is_left_to_do(sent, owner):
    assert close_finished() == 1
    assert FollowUp.objects.get().state == FollowUpState.CLOSED


def test_follow_up_with_an_uncertain_mail_stays_open(uncertain):
    assert close_finished() == 0
