"""Sending to a real server: what it may answer, and what may have changed in the meantime."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, Suppression
from accounts.states import SuppressionReason
from core.keyed import address_hash
from feedback.delivery import emails
from feedback.delivery.services import guards, pump
from feedback.delivery.services.guards import recover
from feedback.models import AnswerOwed, DeliveryAttempt, Message
from feedback.private import services as private
from feedback.states import MessageState, Owed
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import make_topic
from tests.queries import no_writes


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area, title="Een plek om elkaar te ontmoeten")


@pytest.fixture
def readers(topic, settings):
    owner = make_owner()
    readers = make_readers(topic, owner, mailed=3, page_only=0)
    released(topic, owner, settings)
    guards.outbox_may_send()
    return readers


def states() -> list[str]:
    return sorted(Message.objects.values_list("state", flat=True))


def first_address() -> str:
    return Contact.objects.order_by("pk").first().email


def test_sent_settles_the_debt(readers, sink):
    assert pump.dispatch_due() == 3
    assert states() == ["sent"] * 3
    assert set(AnswerOwed.objects.values_list("state", flat=True)) == {Owed.SENT}
    assert set(sink.ids.values()) == {1} and sink.connections == 1


def test_group_of_messages_takes_few_queries(readers, sink, django_assert_max_num_queries):
    with django_assert_max_num_queries(52):
        pump.send_due()


def test_nothing_due_writes_nothing(db, sink):
    pump.send_due()
    with no_writes():
        pump.send_due()


def test_later_waits_and_tries_again(readers, sink):
    busy = first_address()
    sink.at_data = lambda address: "451 4.3.0 try again later" if address == busy else None
    assert pump.dispatch_due() == 2
    waiting = Message.objects.get(state=MessageState.PENDING)
    assert waiting.attempts == 1 and waiting.next_attempt_at > timezone.now() + timedelta(seconds=50)
    assert DeliveryAttempt.objects.get(message=waiting).code == 451
    sink.at_data = lambda address: None
    assert pump.dispatch_due(timezone.now() + timedelta(minutes=2)) == 1
    assert states() == ["sent"] * 3 and set(sink.ids.values()) == {1}


def test_later_after_the_last_wait_is_for_a_person(readers, sink, settings):
    sink.at_rcpt = lambda address: "450 4.2.1 mailbox busy"
    moment = timezone.now()
    for seconds in (*settings.BACKOFF_SECONDS, 0):
        pump.dispatch_due(moment)
        moment = timezone.now() + timedelta(seconds=seconds + 60)
    assert states() == ["failed"] * 3
    assert Message.objects.needing_person().count() == 3
    assert set(AnswerOwed.objects.values_list("state", flat=True)) == {Owed.PUBLISHED}


def test_refused_is_for_a_person(readers, sink):
    gone = first_address()
    sink.at_rcpt = lambda address: "550 5.1.1 no such mailbox" if address == gone else None
    pump.dispatch_due()
    assert states() == ["failed", "sent", "sent"]
    assert gone not in DeliveryAttempt.objects.get(code=550).said


def test_line_lost_after_data_is_uncertain_and_never_sent_again(readers, sink):
    broken = first_address()
    sink.drops = lambda address: address == broken
    pump.dispatch_due()
    for _ in range(3):
        recover()
        pump.dispatch_due(timezone.now() + timedelta(days=2))
    assert states() == ["sent", "sent", "uncertain"]
    assert set(sink.ids.values()) == {1} and len(sink.mails) == 3


def test_relay_that_does_not_answer_uses_up_no_attempts(readers, settings, sink):
    sink.stop()
    pump.dispatch_due()
    assert states() == ["pending"] * 3
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    assert pump.circuit_is_open() and not pump.circuit_is_open(now=timezone.now() + timedelta(minutes=1))


def test_unsubscribed_after_queueing_gets_nothing(readers, sink):
    Contact.objects.filter(receipt=readers[0]).update(unsubscribed_at=timezone.now())
    pump.dispatch_due()
    assert states() == ["sent", "sent", "suppressed"]
    assert first_address() not in sink.recipients


def test_suppressed_address_gets_nothing(readers, sink):
    Suppression.objects.create(
        address_hash=address_hash(first_address().upper()), reason=SuppressionReason.ASKED
    )
    pump.dispatch_due()
    assert states() == ["sent", "sent", "suppressed"]


def test_withdrawn_after_queueing_gets_nothing(readers, sink):
    AnswerOwed.objects.get(receipt=readers[0]).move(Owed.WITHDRAWN)
    pump.dispatch_due()
    assert states() == ["cancelled", "sent", "sent"]


def test_reader_who_left_a_number_meanwhile_is_not_mailed(readers, sink):
    Contact.objects.filter(receipt=readers[0]).update(email="", mobile="+31612345678")
    Contact.objects.filter(receipt=readers[1]).update(email="", phone="0612345678")
    pump.dispatch_due()
    assert states() == ["cancelled", "cancelled", "sent"]
    why = dict(Message.objects.values_list("receipt", "resolution"))
    assert why[readers[0].pk] == "the address is now for another carrier: text"
    assert why[readers[1].pk] == "there is no address any more"


def test_erased_while_being_handed_over_breaks_nothing(readers, sink):
    token, ids = guards.claim(most=10, now=timezone.now())
    parcels = pump.begin_handing_over(ids, token, now=timezone.now())
    private.erase(receipt=readers[0])
    pump.settle([(parcel, emails.DeliveryResult(emails.Verdict.ACCEPTED, 250)) for parcel in parcels], token)
    assert states() == ["sent", "sent"]


def test_claimed_by_one_is_not_claimed_by_another(readers, sink):
    _token, mine = guards.claim(most=2, now=timezone.now())
    _token, theirs = guards.claim(most=10, now=timezone.now())
    assert len(mine) == 2 and len(theirs) == 1


def test_dead_before_data_is_pending_again(readers, settings):
    settings.LEASE_SECONDS = 5
    guards.claim(most=10, now=timezone.now())
    assert recover() == (0, 0)
    assert recover(now=timezone.now() + timedelta(seconds=6)) == (3, 0)
    assert states() == ["pending"] * 3


def test_dead_after_the_commit_is_uncertain(readers, settings):
    settings.LEASE_SECONDS = 5
    token, ids = guards.claim(most=10, now=timezone.now())
    pump.begin_handing_over(ids, token, now=timezone.now())
    assert recover(now=timezone.now() + timedelta(seconds=6)) == (0, 3)
    assert states() == ["uncertain"] * 3


def test_slow_process_may_report_after_all(readers, settings):
    token, ids = guards.claim(most=10, now=timezone.now())
    parcels = pump.begin_handing_over(ids, token, now=timezone.now())
    recover(now=timezone.now() + timedelta(days=1))
    pump.settle([(parcel, emails.DeliveryResult(emails.Verdict.ACCEPTED, 250)) for parcel in parcels], token)
    assert states() == ["sent"] * 3


def test_lease_that_ended_hands_nothing_over(readers, sink):
    token, ids = guards.claim(most=10, now=timezone.now() - timedelta(days=1))
    assert pump.begin_handing_over(ids, token, now=timezone.now()) == []


def test_mail_that_cant_be_written_keeps_no_other(readers, sink, monkeypatch):
    broken = first_address()
    write = pump.render_mail
    monkeypatch.setattr(pump, "render_mail", lambda parcel, to: 1 / 0 if to == broken else write(parcel, to))
    pump.dispatch_due()
    assert states() == ["failed", "sent", "sent"]


def test_at_most_two_connections(db):
    with pump.relay_slot() as one:
        with pump.relay_slot() as two, pump.relay_slot() as three:
            assert one and two and three is None
        with pump.relay_slot() as three:
            assert three


def test_asked_to_stop_gives_back_what_was_not_begun(readers, sink, settings, monkeypatch):
    settings.OUTBOX_GROUP = 1
    give = pump.send

    def give_and_stop(line, parcel):
        pump.stopping.set()
        return give(line, parcel)

    monkeypatch.setattr(pump, "send", give_and_stop)
    try:
        assert pump.dispatch_due() == 1
    finally:
        pump.stopping.clear()
    assert states() == ["pending", "pending", "sent"]
