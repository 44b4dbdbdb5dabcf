"""Leaving an address, confirming it, and being left alone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import Contact, Receipt, Suppression
from accounts.states import ReceiptPurpose, SuppressionReason
from core.errors import DomainError
from core.keyed import address_hash
from feedback.contacts.forms import NO_CONSENT, TOO_YOUNG, WRONG_ADDRESS, HearBackForm
from feedback.contacts.services import hearing_back
from feedback.models import Message
from feedback.states import MessagePurpose, MessageState

pytestmark = pytest.mark.django_db
# Half past eleven in the evening of the last day of the year, in Waterdam.
NOW = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def receipt():
    return Receipt.objects.create(purpose=ReceiptPurpose.PARTICIPATION, code_hash="a" * 64, language="nl")


def leave(receipt, email="resident@example.org", now=NOW, **changes):
    wanted = {"is_16_or_older": True, "consent_sentence": "Yes, mail me."} | changes
    return hearing_back.leave_address(receipt=receipt, email=email, now=now, **wanted)


def confirm(contact, now=NOW):
    return hearing_back.confirm_address(
        receipt=contact.receipt, key=hearing_back.confirm_key(contact), now=now
    )


def test_leave_address_asks_the_holder(receipt):
    contact = leave(receipt)

    message = Message.objects.get()
    assert contact.confirmed_at is None and contact.consent == "Yes, mail me."
    assert (message.purpose, message.receipt, message.language) == (MessagePurpose.CONFIRM, receipt, "nl")


def test_leave_address_twice_is_once(receipt):
    leave(receipt)
    leave(receipt, now=NOW + timedelta(seconds=2))

    assert Contact.objects.count() == Message.objects.count() == 1


def test_leave_address_later_asks_once_more(receipt):
    leave(receipt)
    leave(receipt, now=NOW + timedelta(hours=1))

    assert Contact.objects.count() == 1 and Message.objects.count() == 2


def test_leave_another_address_before_confirming(receipt):
    first = leave(receipt, "wrong@example.org")
    second = leave(receipt, "right@example.org", now=NOW + timedelta(seconds=30))

    assert first.pk == second.pk and Message.objects.count() == 2
    with pytest.raises(Contact.DoesNotExist):  # the mail to the first address opens nothing any more
        confirm(first)
    assert confirm(second).confirmed_at == NOW


def test_leave_confirmed_address_again_asks_nothing(receipt):
    confirm(leave(receipt))
    leave(receipt, now=NOW + timedelta(days=1))

    assert Message.objects.count() == 1
    assert Contact.objects.reachable().exists()


def test_leave_address_younger_than_16_keeps_nothing(receipt):
    with pytest.raises(DomainError):
        leave(receipt, is_16_or_older=False)
    assert not Contact.objects.exists() and not Message.objects.exists()


def test_mailbox_is_not_flooded(receipt):
    for number in range(4):
        leave(receipt, now=NOW + timedelta(hours=number))
    with pytest.raises(DomainError, match="over een uur"):
        leave(receipt, now=NOW + timedelta(hours=5))
    assert Message.objects.count() == 4


def test_confirm_twice_is_once(receipt):
    contact = leave(receipt)
    confirm(contact)
    assert confirm(contact, NOW + timedelta(hours=1)).confirmed_at == NOW


def test_unsubscribe_and_back(receipt):
    confirm(leave(receipt))
    assert hearing_back.unsubscribe(receipt=receipt) and hearing_back.unsubscribe(receipt=receipt)
    assert not Contact.objects.reachable().exists()

    hearing_back.resubscribe(receipt=receipt)
    assert Contact.objects.reachable().exists() and Message.objects.count() == 1


def test_unsubscribe_without_address(receipt):
    assert not hearing_back.unsubscribe(receipt=receipt)
    assert not hearing_back.suppress_everything(receipt=receipt)


def test_suppressed_until_the_holder_confirms_again(receipt):
    contact = confirm(leave(receipt))
    hearing_back.suppress_everything(receipt=receipt)
    hearing_back.suppress_everything(receipt=receipt)
    assert Suppression.objects.get().reason == SuppressionReason.ASKED

    contact = hearing_back.resubscribe(receipt=receipt, now=NOW + timedelta(hours=1))
    assert contact.confirmed_at is None and Suppression.objects.exists()

    confirm(contact)
    assert not Suppression.objects.exists() and Contact.objects.reachable().exists()


def test_somebody_suppressed_may_ask_anew(receipt):
    Suppression.objects.create(
        address_hash=address_hash("Resident@example.org"), reason=SuppressionReason.BOUNCED
    )
    contact = leave(receipt)
    assert Suppression.objects.exists() and Message.objects.count() == 1

    confirm(contact)
    assert not Suppression.objects.exists()


def test_another_carrier_cancels_the_confirmation_of_the_address_before(receipt):
    leave(receipt)
    leave(receipt, email="", mobile="+31612345678", now=NOW + timedelta(hours=1))
    before, after = Message.objects.order_by("pk")
    assert (before.state, before.resolution) == (MessageState.CANCELLED, "another address was left")
    assert after.state == MessageState.PENDING


def test_remove_address_cancels_what_waited(receipt):
    leave(receipt)
    hearing_back.remove_address(receipt=receipt)
    hearing_back.remove_address(receipt=receipt)

    assert not Contact.objects.exists()
    message = Message.objects.get()
    assert (message.state, message.resolution) == (MessageState.CANCELLED, "the address was removed")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"email": "buurvrouw@voorbeeld"}, "email", WRONG_ADDRESS),
        ({"email": ""}, "email", WRONG_ADDRESS),
        ({"consent": ""}, "consent", NO_CONSENT),
        ({"is_16_or_older": ""}, "is_16_or_older", TOO_YOUNG),
    ],
)
def test_form_says_one_sentence(changes, field, sentence):
    form = HearBackForm({"email": "a@example.org", "consent": "on", "is_16_or_older": "on"} | changes)
    assert form.errors == {field: [sentence]}
