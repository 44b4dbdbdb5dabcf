"""A restored database sends nothing, and brings nobody back."""

import pytest
from django.utils import timezone

from accounts.models import Contact, Receipt
from core.errors import DomainError
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards, pump
from feedback.models import Message, OutboxEpoch
from feedback.private import services as private
from feedback.states import MessageState
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import make_topic


@pytest.fixture
def owner(db):
    return make_owner()


@pytest.fixture
def readers(area, owner, settings):
    topic = make_topic("option:31", area=area)
    readers = make_readers(topic, owner, mailed=2, page_only=0)
    guards.outbox_may_send()
    released(topic, owner, settings)
    return readers


def restore_from_before(epoch: int = 0) -> None:
    """What a restore does to this table: the database is as it was before the last mails."""
    OutboxEpoch.objects.update(epoch=epoch)
    Message.objects.update(state=MessageState.PENDING, settled_at=None, attempts=0)


def test_sending_raises_both_numbers(readers, sink):
    pump.send_due()
    assert OutboxEpoch.objects.get().epoch == guards.read_epoch_file() == 1


def test_restored_database_sends_nothing(readers, sink):
    pump.send_due()
    restore_from_before()
    for _ in range(2):
        assert pump.send_due() == 0
    assert len(sink.mails) == 2
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.UNCERTAIN}
    assert OutboxEpoch.objects.get().reason == guards.RESTORED_MESSAGE


def test_restored_elsewhere_without_the_file_sends_nothing(readers, sink):
    pump.send_due()
    guards.epoch_file().unlink()
    Message.objects.update(state=MessageState.PENDING, settled_at=None)
    assert pump.send_due() == 0
    assert OutboxEpoch.objects.get().reason == guards.EPOCH_FILE_MISSING_MESSAGE


def test_file_that_lost_its_last_words_is_no_restore(readers, sink):
    """The power went between the commit and the file."""
    guards.write_epoch_file(0)
    OutboxEpoch.objects.update(epoch=5)
    assert pump.send_due() == 2
    assert guards.read_epoch_file() == 6


def test_new_database_beside_an_old_folder(db):
    guards.write_epoch_file(40)
    assert guards.outbox_may_send() and OutboxEpoch.objects.get().epoch == 41


def test_erased_people_do_not_come_back(readers, sink, area):
    gone, unsubscribed = readers
    contact = Contact.objects.get(receipt=gone)
    guards.journal_unsubscribed(unsubscribed.pk)
    pump.send_due()
    private.erase(receipt=gone)
    # The backup brings the receipt back.
    Receipt.objects.create(pk=gone.pk, purpose=gone.purpose, code_hash=gone.code_hash, language="nl")
    contact.pk = None
    contact.receipt_id = gone.pk
    contact.save(force_insert=True)
    restore_from_before()
    assert not guards.outbox_may_send()
    assert not Receipt.objects.filter(pk=gone.pk).exists()
    assert Contact.objects.get(receipt=unsubscribed).unsubscribed_at


@pytest.mark.parametrize("action", [private.erase, hearing_back.unsubscribe])
def test_a_database_that_forgot_only_that_is_found_out(action, readers, django_capture_on_commit_callbacks):
    before = OutboxEpoch.objects.get().epoch
    with django_capture_on_commit_callbacks(execute=True):
        action(receipt=readers[0])
    assert (
        guards.outbox_may_send() and OutboxEpoch.objects.get().epoch == before + 1 == guards.read_epoch_file()
    )
    restore_from_before(before)
    assert not guards.outbox_may_send() and OutboxEpoch.objects.get().reason == guards.RESTORED_MESSAGE


def test_erasing_in_a_restored_database_covers_nothing_up(readers, django_capture_on_commit_callbacks):
    guards.write_epoch_file(1)
    OutboxEpoch.objects.update(epoch=0)
    with django_capture_on_commit_callbacks(execute=True):
        private.erase(receipt=readers[0])
    assert OutboxEpoch.objects.get().epoch == 0 and not guards.outbox_may_send()


def test_a_journal_without_an_epoch_is_the_rest_of_a_lost_disk(readers):
    guards.epoch_file().unlink()
    guards.journal_file().write_text("erased 0123 2026-11-26T10:00:00Z\n")
    assert (
        not guards.outbox_may_send() and OutboxEpoch.objects.get().reason == guards.EPOCH_FILE_MISSING_MESSAGE
    )


def test_release_lets_new_mail_leave_and_old_mail_wait(readers, sink, owner):
    pump.send_due()
    restore_from_before()
    pump.send_due()
    guards.release_outbox(by=owner, note="Looked at both.")
    assert pump.send_due() == 0
    assert guards.outbox_may_send()
    assert Message.objects.filter(state=MessageState.UNCERTAIN).count() == 2


def test_held_by_a_person_keeps_messages_pending(readers, sink, owner):
    assert guards.hold_outbox(reason="The text has a mistake.", by=owner)
    assert not guards.hold_outbox(reason="Again.", by=owner)
    assert pump.send_due() == 0
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.PENDING}
    guards.release_outbox(by=owner)
    assert pump.send_due() == 2


def test_hold_in_the_middle_of_a_turn_stops_before_data(readers, sink, owner):
    from feedback.delivery.services import pump

    token, ids = guards.claim(most=10, now=timezone.now())
    guards.hold_outbox(reason="Stop.", by=owner)
    with pytest.raises(guards.OutboxQuarantined):
        pump.begin_handing_over(ids, token, now=timezone.now())
    assert guards.return_claimed_messages(token) == 2


def test_release_of_what_is_not_held(db, owner):
    with pytest.raises(DomainError):
        guards.release_outbox(by=owner)


def test_journal_holds_no_identity(readers):
    private.erase(receipt=readers[0])
    assert readers[0].pk.hex not in guards.journal_file().read_text()
    assert len(guards.read_journal()["erased"]) == 1


def test_who_came_back_is_not_unsubscribed_again(readers, django_capture_on_commit_callbacks):
    contact = Contact.objects.get(receipt=readers[0])
    hearing_back.unsubscribe(receipt=contact.receipt)
    assert len(guards.read_journal()["unsubscribed"]) == 1
    with django_capture_on_commit_callbacks(execute=True):
        hearing_back.resubscribe(receipt=contact.receipt)
    assert not guards.read_journal()["unsubscribed"]
